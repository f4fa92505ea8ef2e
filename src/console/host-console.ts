/** One console of the host: its configuration, its process or link, its sessions, its past. */

import type { ConsoleDetail, ConsoleSummary, Death, HoldInfo, HostEvent } from '../model/api.ts';
import type { Backend } from '../model/backend.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { ConsolePort } from '../model/console-port.ts';
import type { KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import { parseKeys } from '../model/key-spec.ts';
import { nameOf, type Principal, UNKNOWN } from '../model/principal.ts';
import { printable } from '../model/printable.ts';
import { type EndRecord, isUp, NO_PID, type ProcessEvent, type ProcessState } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import type { ChildSpec, Runner } from '../model/runner.ts';
import type { EnterOptions, Session, SessionSink } from '../model/session.ts';
import { SIGKILL, signalName } from '../model/signals.ts';
import type { RestartPolicy, Transition } from '../model/supervision.ts';
import type { Clock } from '../platform/time/clock.ts';
import { gatedHost } from './gated-runner.ts';
import { LinkRunner, type MakeCodec, type OpenSerial } from './link-runner.ts';
import { type Memo, readMemo, stateOfChild } from './memo.ts';
import { DEATHS, isRestart, type Past } from './past.ts';
import { ProcessConsole } from './process-console.ts';
import type { ReadyProbe } from './readiness.ts';
import type { ReadyPatterns } from './ready-patterns.ts';
import { makeProbe } from './ready-probe.ts';
import { enter } from './session.ts';
import { SessionRegistry } from './session-registry.ts';
import { type MakeChildSpec, StartLookup } from './start-lookup.ts';
import type { StartQueue } from './start-queue.ts';

const HOUR = 3_600_000;
/** What a link is started with. */
const NO_CHILD: ChildSpec = { file: '', argv: [] };
/** An end this long after a signal may be the signal's work. Milliseconds. */
const SIGNAL_WORKS = 60_000;
/** What the history says of a session. */
const SESSION_WORDS = { attached: 'came', detached: 'left', writer: 'has the keyboard' } as const;
/** Who asked, where an earlier server did not keep it. */
const SOMEBODY: Principal = { user: UNKNOWN, channel: 'self', from: 'an earlier server', assurance: 'none' };

export interface HostConsoleParts {
  readonly config: ConsoleConfig;
  readonly backend: Backend;
  readonly childSpec: MakeChildSpec;
  readonly openSerial: OpenSerial;
  readonly makeCodec: MakeCodec;
  readonly queue: StartQueue;
  readonly patterns: ReadyPatterns;
  readonly clock: Clock;
  /** Whether the kernel has just killed something for lack of memory. */
  readonly memoryRanOut: () => boolean;
  readonly event: (event: Omit<HostEvent, 'seq' | 'time'>) => void;
}

export class HostConsole implements ConsolePort {
  config: ConsoleConfig;
  hold: HoldInfo | undefined;
  readonly backend: Backend;
  readonly supervised: ProcessConsole;
  readonly registry: SessionRegistry;
  /** Resolves when its state is known: whoever came before that waits. */
  readonly ready: Promise<void>;
  #hasBegun: () => void = () => undefined;
  readonly #parts: HostConsoleParts;
  readonly #link: LinkRunner | undefined;
  readonly #lookup: StartLookup;
  #since: number;
  /** What led to the state that it is in. */
  #cause: ProcessEvent = 'stop';
  #restarts: number[] = [];
  #restartTotal = 0;
  #deaths: Death[] = [];
  #lastLine = '';
  /** Who asked for the next end, and until when an end is taken for that. */
  #asked: { readonly by: Principal; readonly signal?: string; readonly until: number } | undefined;
  /** Who asked for the end or the start that led to `waiting`: what follows is not an automatic restart. */
  #wantedBy: Principal | undefined;
  /** Whether somebody asked for the newest start. */
  #startAsked = false;

  constructor(parts: HostConsoleParts) {
    const { config, backend, clock } = parts;
    this.#parts = parts;
    this.config = config;
    this.backend = backend;
    this.ready = new Promise((resolve) => {
      this.#hasBegun = resolve;
    });
    this.#since = clock.now();
    this.registry = new SessionRegistry(clock, (what, session) => {
      const who = session ? `${session.user} (${session.from}, ${session.via})` : 'nobody';
      const text = `${who} ${SESSION_WORDS[what]}`;
      parts.event({ console: config.name, type: what, text, ...(session ? { actor: session.user } : {}) });
    });
    if (config.source.kind !== 'run') {
      this.#link = new LinkRunner(config.source, backend, parts.openSerial, parts.makeCodec, clock);
    }
    const host: Runner = gatedHost(this.#link ?? backend, {
      enter: (go) => this.#enterQueue(go),
      leave: () => parts.queue.leave(config.name),
    });
    this.#lookup = new StartLookup(parts.childSpec, clock, (text) => this.#event('config', text));
    this.supervised = new ProcessConsole({
      child: () => (this.config.source.kind === 'run' ? this.#lookup.child(this.config) : NO_CHILD),
      policy: policyOf(config),
      stop: config.source.kind === 'run' ? config.stop : [],
      host,
      stream: backend.stream,
      clock,
    });
    this.supervised.ignore = parseKeys(config.ignore);
    this.supervised.probe = this.#probe(config);
    this.supervised.watch({
      started: (pid, failure) => {
        const why = failure ? `: ${failure.step}: ${failure.message}` : '';
        this.#event('started', `${pid === NO_PID ? 'connected' : `started, pid ${pid}`}${why}`);
        this.#sayOfLink(pid, 'connected to');
      },
      notStarted: ({ message }) => {
        // Whoever asked for its end has got it: the next one is another matter.
        this.#asked = undefined;
        this.#event('started', `could not be started: ${message}`);
      },
      ended: (end) => {
        this.#sayOfLink(end.pid, 'connection ended:');
        this.#died(end);
      },
      changed: (transition) => this.#changed(transition),
      redirected: () => this.#remember(),
      // Only now that the memo of what follows is on its way: of a server that is killed between the two, nothing is lost.
      settled: () => backend.forgetEnd(),
      modeSet: (mode, by) => {
        this.noted(`restart policy switched to ${mode}`, by);
        this.#remember();
      },
      signalled: (signal, by) => {
        this.#asks(by, clock.now() + SIGNAL_WORKS, signalName(signal));
      },
    });
  }

  get name(): string {
    return this.config.name;
  }

  get state(): ProcessState {
    return this.supervised.state;
  }

  /** Goes on where the last server was, from what the holder has kept; a console that is new to it is started if it should be. */
  begin({ memo, pid, startedAt, offset, end }: KeptConsole): void {
    const kept = readMemo(memo, (text) => this.#event('holder', text));
    const { supervisor } = this.supervised;
    if (kept) {
      const { mode } = supervisor.policy;
      supervisor.policy = { ...supervisor.policy, mode: (kept.configured ?? mode) === mode ? kept.mode : mode };
      supervisor.crashes = kept.crashes ?? supervisor.crashes;
      this.#cause = kept.event;
      this.#restartTotal = Math.max(this.#restartTotal, kept.restarts ?? 0);
    }
    if (pid !== undefined && startedAt !== undefined) {
      this.#since = kept?.since ?? startedAt;
      this.supervised.adopt(pid, startedAt, stateOfChild(kept, offset !== undefined));
      this.#stopFurther(kept);
    } else if (end && kept && isUp(kept.state)) {
      // It ended while no server was there to see it.
      this.supervised.adopt(end.pid, end.startedAt, 'running');
      this.#stopFurther(kept);
      this.backend.handlers.ended(end);
    } else if (this.hold && kept?.state !== 'held') {
      supervisor.hold();
    } else if (kept ? isUp(kept.state) : this.config.start) {
      supervisor.resume();
      this.#stopFurther(kept);
    } else if (kept) {
      this.#since = kept.since;
      supervisor.adopt(kept.state, this.#since);
    }
    this.backend.listen();
    this.#hasBegun();
  }

  /** The last server had begun to stop it: the recipe begins anew, towards what was wanted. */
  #stopFurther(kept: Memo | undefined): void {
    const { supervisor } = this.supervised;
    if (this.hold) {
      supervisor.hold();
    } else if (kept?.state === 'stopping') {
      if (kept.event === 'restart') {
        supervisor.restart();
      } else {
        supervisor.stop();
      }
    }
  }

  start(by?: Principal): void {
    this.supervised.supervisor.start(by);
    if (by !== undefined) {
      this.#parts.queue.hurry(this.name);
    }
  }

  stop(by?: Principal): void {
    this.#asks(by);
    this.supervised.supervisor.stop(by);
  }

  restart(by?: Principal): void {
    this.#asks(by);
    this.supervised.supervisor.restart(by);
  }

  signal(signal: number, by: Principal): void {
    this.supervised.signal(signal, by);
  }

  holdBack(hold: Omit<HoldInfo, 'by'>, by: Principal): void {
    const { state, staysDown } = this.supervised.supervisor;
    const resume = this.hold ? this.hold.resume : !staysDown && state !== 'stopped';
    this.hold = { ...hold, by: nameOf(by), ...(resume === undefined ? {} : { resume }) };
    this.#asks(by);
    this.supervised.supervisor.hold(by);
  }

  release(by: Principal): void {
    const resume = this.hold?.resume ?? this.config.start;
    this.hold = undefined;
    this.supervised.supervisor.release(by);
    if (resume) {
      this.supervised.supervisor.start(by);
    }
  }

  /** A break of the line itself; absent where the source has none. */
  get sendBreak(): (() => void) | undefined {
    return this.#link?.sendBreak;
  }

  /** Something for the history: a note, a break. */
  noted(text: string, by: Principal): void {
    this.#parts.event({ console: this.name, type: 'note', text, actor: nameOf(by) });
  }

  /** The one way on: not before the state of the console is known. */
  enter(by: Principal | Promise<Principal>, options: EnterOptions, sink: SessionSink): Session {
    const { backend, ready, registry, supervised } = this;
    const after = () => Promise.all([ready, options.after?.()]);
    return enter({ console: supervised, backend, registry }, by, { ...options, after }, sink);
  }

  /** A changed configuration: what can take effect at once does, the rest with the next start. Rejects before anything has changed. */
  async reconfigure(config: ConsoleConfig, log: LogSpec | undefined): Promise<void> {
    await this.backend.setLog(log);
    const { supervisor } = this.supervised;
    const policy = policyOf(config);
    // What somebody has switched by key stays, until the configuration changes just that.
    const { mode } = policyOf(this.config).mode === policy.mode ? supervisor.policy : policy;
    supervisor.policy = { ...policy, mode };
    this.config = config;
    this.#remember();
    this.supervised.ignore = parseKeys(config.ignore);
    this.supervised.stop = config.source.kind === 'run' ? config.stop : [];
    this.supervised.probe = this.#probe(config);
  }

  /** Stops it for good: the console is removed. */
  async remove(by: Principal): Promise<void> {
    this.registry.close('the console was removed from the configuration');
    await this.shutDown(by);
    await this.backend.close();
  }

  shutDown(by: Principal): Promise<void> {
    this.#asks(by);
    return this.supervised.shutDown(by);
  }

  /** Takes the last line of the output as it is now, and gives the one to show: the last that was not empty. */
  heard(line: string): string {
    this.#lastLine = line || this.#lastLine;
    return printable(this.#lastLine);
  }

  summary(): ConsoleSummary {
    const { config, supervised, hold } = this;
    const hour = this.#parts.clock.now() - HOUR;
    this.#restarts = this.#restarts.filter((time) => time > hour);
    const writer = this.registry.writer;
    const { logState } = this.backend;
    const waitsFor =
      supervised.state === 'starting' ? (this.#lookup.wait ?? this.#parts.queue.waitOf(this.name)) : undefined;
    return {
      name: config.name,
      kind: config.source.kind,
      state: supervised.state,
      since: new Date(this.#since).toISOString(),
      ...(supervised.pid === undefined || supervised.pid === NO_PID ? {} : { pid: supervised.pid }),
      restarts: { hour: this.#restarts.length, total: this.#restartTotal },
      ...(writer ? { writer } : {}),
      sessions: this.registry.list.length,
      lastLine: printable(this.#lastLine),
      groups: config.groups,
      description: config.description,
      labels: config.labels,
      ...(config.user === undefined ? {} : { user: config.user }),
      ...(hold ? { hold } : {}),
      ...(waitsFor ? { waitsFor } : {}),
      ...(config.log ? { log: config.log.path } : {}),
      ...(logState ? { logTrouble: { text: logState.text, since: new Date(logState.since).toISOString() } } : {}),
    };
  }

  detail(): ConsoleDetail {
    const { config } = this;
    const { source } = config;
    return {
      ...this.summary(),
      ...(source.kind === 'run' ? { command: source.argv } : { address: addressOf(source) }),
      ...(config.chdir === undefined ? {} : { chdir: config.chdir }),
      restartMode: this.supervised.supervisor.policy.mode,
      endpoints: config.endpoints,
      sessionList: this.registry.list,
      deaths: this.#deaths,
    };
  }

  /** What its processes use, where there are any. */
  async resources(): Promise<Resources | undefined> {
    const { pid } = this.supervised;
    return pid === undefined || pid === NO_PID
      ? undefined
      : this.backend.resources().catch((error: Error) => ({ missing: error.message }));
  }

  /** What earlier servers saw. */
  recall({ deaths, restarts }: Past = { deaths: [], restarts: [] }): void {
    this.#deaths = [...deaths];
    this.#restarts = [...restarts];
    this.#restartTotal = restarts.length;
  }

  #asks(by: Principal | undefined, until = Number.POSITIVE_INFINITY, signal?: string): void {
    if (isUp(this.supervised.state)) {
      this.#asked = by === undefined ? undefined : { by, until, ...(signal === undefined ? {} : { signal }) };
    }
  }

  #enterQueue(go: () => void): void {
    const { after, name, source } = this.config;
    this.#parts.queue.enter({ name, after, link: source.kind !== 'run', asked: this.#startAsked }, go);
  }

  #probe({ ready }: ConsoleConfig): ReadyProbe | undefined {
    const { clock, patterns } = this.#parts;
    const blind = ({ message }: Error) => this.#event('config', message);
    return ready && makeProbe(ready, { backend: this.backend, blind, clock, patterns });
  }

  #died({ pid, status, startedAt, endedAt, maxRssKib, oomKills, lastLines }: EndRecord): void {
    const { code, signal, coreDumped } = status;
    const asked = this.#asked && endedAt <= this.#asked.until ? this.#asked : undefined;
    const death: Death = {
      time: new Date(endedAt).toISOString(),
      pid,
      uptimeSeconds: Math.max(0, Math.round((endedAt - startedAt) / 100) / 10),
      code,
      signal: signal === null ? null : signalName(signal),
      coreDumped,
      outOfMemory:
        oomKills === undefined ? signal === SIGKILL && asked === undefined && this.#parts.memoryRanOut() : oomKills > 0,
      ...(asked ? { asked: `${nameOf(asked.by)}${asked.signal === undefined ? '' : ` (${asked.signal})`}` } : {}),
      maxRssKib,
      lastLines: lastLines.map(printable),
    };
    this.#wantedBy = asked?.by;
    this.#asked = undefined;
    this.#deaths = [death, ...this.#deaths].slice(0, DEATHS);
    const how =
      death.signal === null
        ? code === null
          ? ', nobody saw how,'
          : ` with status ${code}`
        : ` by ${death.signal}${death.coreDumped ? ', core dumped' : ''}`;
    const text = pid === NO_PID ? 'connection ended' : `pid ${pid} ended${how} after ${death.uptimeSeconds} s`;
    this.#parts.event({
      console: this.name,
      type: 'ended',
      text,
      death,
      ...(death.asked ? { actor: death.asked } : {}),
    });
  }

  #changed(transition: Transition): void {
    const { from, to, event, time } = transition;
    this.#since = time;
    if (to === 'waiting' && (event === 'enable' || from === 'stopping')) {
      this.#wantedBy ??= transition.by ?? SOMEBODY;
    }
    const by = transition.by ?? (event === 'due' ? this.#wantedBy : undefined);
    const actor = by && { actor: nameOf(by) };
    if (isRestart({ from, to, ...actor })) {
      this.#restarts.push(time);
      this.#restartTotal++;
    }
    if (to === 'starting') {
      this.#startAsked = by !== undefined;
      this.#wantedBy = undefined;
    }
    // What is up without having had its turn, the server before this one has started. A stop leaves by `abandon`.
    if (to !== 'starting' && to !== 'stopping') {
      this.#parts.queue.leave(this.name);
    }
    const text = `${from} -> ${to} (${event})`;
    this.#parts.event({ console: this.name, type: 'state', from, to, text, ...actor });
    this.#cause = event;
    this.#remember();
  }

  /** For the next server; of one that is stopping, `event` says what is to follow. */
  #remember(): void {
    const { crashes, policy, state, staysDown } = this.supervised.supervisor;
    const { mode: configured } = policyOf(this.config);
    const event = state !== 'stopping' ? this.#cause : staysDown ? 'stop' : 'restart';
    const memo: Memo = {
      ...{ mode: policy.mode, configured, state, event, since: this.#since },
      restarts: this.#restartTotal,
      crashes,
    };
    this.backend.remember(JSON.stringify(memo));
  }

  /** A process has its procServ voice; a link says in the stream what became of it. */
  #sayOfLink(pid: number, what: string): void {
    const { source } = this.config;
    if (pid === NO_PID && source.kind !== 'run') {
      this.supervised.say(`\r\n@@@ ${what} ${addressOf(source)}\r\n`);
    }
  }

  #event(type: HostEvent['type'], text: string): void {
    this.#parts.event({ console: this.name, type, text });
  }
}

function policyOf({ restart, source }: ConsoleConfig): RestartPolicy {
  const { backoff, holdoff, limit, mode } = restart;
  return {
    mode: source.kind === 'run' ? mode : 'always',
    holdoff,
    ...(backoff ? { backoff } : {}),
    ...(limit ? { limit } : {}),
  };
}

function addressOf(source: Exclude<ConsoleConfig['source'], { kind: 'run' }>): string {
  return 'path' in source ? source.path : `${source.host}:${source.port}`;
}
