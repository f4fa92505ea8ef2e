/** One console of the host: its configuration, its process or link, its sessions, its past. */

import type { ConsoleDetail, ConsoleSummary, Death, HoldInfo, HostEvent } from '../model/api.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { EndRecord, KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import { parseKeys } from '../model/key-spec.ts';
import { isUp, type ProcessEvent, type ProcessState } from '../model/process.ts';
import type { ChildSpec, ProcessHost } from '../model/process-host.ts';
import type { Resources } from '../model/resources.ts';
import { signalName } from '../model/signals.ts';
import type { Clock } from '../platform/clock.ts';
import type { RestartPolicy } from '../supervisor/policy.ts';
import type { Transition } from '../supervisor/supervisor.ts';
import { attach } from './attach.ts';
import type { Backend } from './backend.ts';
import type { Actor, AttachHandlers, Attachment } from './host-port.ts';
import { LinkHost, type MakeCodec, NO_PID, type OpenSerial } from './link-host.ts';
import { ProcessConsole } from './process-console.ts';
import { makeProbe } from './ready-probe.ts';
import { SessionBook } from './session-book.ts';
import type { StartQueue } from './start-queue.ts';

const HOUR = 3_600_000;
const SIGKILL = 9;
/** What a link is started with. */
const NO_CHILD: ChildSpec = { file: '', argv: [] };
/** Deaths remembered for `why`. */
const DEATHS = 10;

export interface HostConsoleParts {
  readonly config: ConsoleConfig;
  readonly backend: Backend;
  readonly childSpec: (config: ConsoleConfig) => ChildSpec;
  readonly openSerial: OpenSerial;
  readonly makeCodec: MakeCodec;
  readonly queue: StartQueue;
  readonly clock: Clock;
  /** Whether the kernel has just killed something for lack of memory. */
  readonly memoryRanOut: () => boolean;
  readonly event: (event: Omit<HostEvent, 'seq' | 'time'>) => void;
}

/** What the next server needs to go on (`KeptConsole.memo`). */
interface Memo {
  readonly mode: RestartPolicy['mode'];
  readonly state: ProcessState;
  /** What led there. */
  readonly event: ProcessEvent;
  /** Since when, wall time in milliseconds. */
  readonly since: number;
}

export class HostConsole {
  config: ConsoleConfig;
  hold: HoldInfo | undefined;
  readonly backend: Backend;
  readonly console: ProcessConsole;
  readonly book: SessionBook;
  readonly #parts: HostConsoleParts;
  readonly #host: ProcessHost;
  #ignore: ReadonlySet<number>;
  #since: number;
  #restarts: number[] = [];
  #restartTotal = 0;
  #deaths: Death[] = [];
  #lastLine = '';
  /** The end that is being dealt with, as the holder saw it. */
  #end: EndRecord | undefined;
  /** Who asked for the next end. */
  #asked: string | undefined;

  constructor(parts: HostConsoleParts) {
    const { config, backend, clock } = parts;
    this.#parts = parts;
    this.config = config;
    this.backend = backend;
    this.#since = clock.now();
    this.#ignore = parseKeys(config.ignore);
    this.book = new SessionBook((what, session) => {
      const text = session ? `${session.user} (${session.from}) by ${session.via}` : 'nobody has the keyboard';
      parts.event({ console: config.name, type: what, text, ...(session ? { actor: session.user } : {}) });
    });
    this.#host = this.#gated(
      config.source.kind === 'run' ? backend : new LinkHost(config.source, backend, parts.openSerial, parts.makeCodec),
    );
    this.console = new ProcessConsole({
      child: () => (this.config.source.kind === 'run' ? parts.childSpec(this.config) : NO_CHILD),
      policy: policyOf(config),
      stop: config.source.kind === 'run' ? config.stop : [],
      host: this.#host,
      stream: backend.stream,
      clock,
    });
    this.console.probe = config.ready && makeProbe(config.ready, backend, clock);
    this.console.watch({
      started: (pid, failure) => {
        const why = failure ? `: ${failure.step}: ${failure.message}` : '';
        this.#event('started', `${pid === NO_PID ? 'connected' : `started, pid ${pid}`}${why}`);
        this.#sayOfLink(pid, 'connected to');
      },
      notStarted: ({ message }) => this.#event('started', `could not be started: ${message}`),
      ended: (pid, status) => {
        this.#sayOfLink(pid, 'connection ended:');
        this.#died(pid, status.code, status.signal);
      },
      changed: (transition) => this.#changed(transition),
      signalled: (signal, by) => {
        this.#asked = `${by} (${signalName(signal)})`;
      },
    });
  }

  get name(): string {
    return this.config.name;
  }

  /** Goes on where the last server was, from what the holder has kept; a console that is new to it is started if it should be. */
  begin({ memo, pid, startedAt, end }: KeptConsole): void {
    const kept: Memo | undefined = memo === '' ? undefined : JSON.parse(memo);
    const { supervisor } = this.console;
    if (kept) {
      supervisor.policy = { ...supervisor.policy, mode: kept.mode };
    }
    if (pid !== undefined && startedAt !== undefined) {
      this.#since = kept?.since ?? startedAt;
      this.console.adopt(pid, startedAt, kept?.state === 'ready');
      this.#stopFurther(kept);
    } else if (end && kept && isUp(kept.state)) {
      // It ended while no server was there to see it.
      this.console.adopt(end.pid, end.startedAt, false);
      this.#stopFurther(kept);
      this.#end = end;
      this.backend.handlers.ended(end.pid, end.status, end.maxRssKib);
    } else if (this.hold && kept?.state !== 'held') {
      supervisor.hold();
    } else if (kept ? kept.state === 'waiting' || isUp(kept.state) : this.config.start) {
      supervisor.start();
    } else if (kept) {
      this.#since = kept.since;
      supervisor.adopt(kept.state, this.#since);
    }
  }

  /** The last server had begun to stop it: the recipe begins anew, towards what was wanted. */
  #stopFurther(kept: Memo | undefined): void {
    const { supervisor } = this.console;
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

  /** The holder saw an end; its handlers follow. */
  ending(end: EndRecord): void {
    this.#end = end;
  }

  start(actor?: string): void {
    this.console.supervisor.start(actor);
  }

  stop(actor?: string): void {
    this.#asked = actor;
    this.console.supervisor.stop(actor);
  }

  restart(actor?: string): void {
    this.#asked = actor;
    this.console.supervisor.restart(actor);
  }

  signal(signal: number, actor: string): void {
    this.console.signal(signal, actor);
  }

  holdBack(hold: HoldInfo): void {
    this.hold = hold;
    this.#asked = hold.by;
    this.console.supervisor.hold(hold.by);
  }

  release(actor: string): void {
    this.hold = undefined;
    this.console.supervisor.release(actor);
    if (this.config.start) {
      this.console.supervisor.start(actor);
    }
  }

  attach(
    actor: Actor,
    from: { readonly lines: number } | { readonly offset: number },
    handlers: AttachHandlers,
  ): Promise<Attachment> {
    const { backend, book, console } = this;
    return attach({ console, backend, book, actor, from, handlers, ignore: () => this.#ignore });
  }

  /** A changed configuration: what can take effect at once does, the rest with the next start. */
  async reconfigure(config: ConsoleConfig, log: LogSpec | undefined): Promise<void> {
    this.config = config;
    this.#ignore = parseKeys(config.ignore);
    const { supervisor } = this.console;
    const { mode } = supervisor.policy;
    supervisor.policy = { ...policyOf(config), mode: config.source.kind === 'run' ? config.restart.mode : mode };
    this.console.stop = config.source.kind === 'run' ? config.stop : [];
    this.console.probe = config.ready && makeProbe(config.ready, this.backend, this.#parts.clock);
    await this.backend.setLog(log);
  }

  /** Stops it for good: the console is removed. */
  async remove(): Promise<void> {
    this.book.close('the console was removed from the configuration');
    await this.console.shutDown();
    await this.backend.close();
  }

  summary(lastLine: string): ConsoleSummary {
    const { config, console, hold } = this;
    const hour = this.#parts.clock.now() - HOUR;
    this.#restarts = this.#restarts.filter((time) => time > hour);
    this.#lastLine = lastLine || this.#lastLine;
    const writer = this.book.writer;
    return {
      name: config.name,
      kind: config.source.kind,
      state: console.state,
      since: new Date(this.#since).toISOString(),
      ...(console.pid === undefined || console.pid === NO_PID ? {} : { pid: console.pid }),
      restarts: { hour: this.#restarts.length, total: this.#restartTotal },
      ...(writer ? { writer } : {}),
      sessions: this.book.list.length,
      lastLine: printable(this.#lastLine),
      groups: config.groups,
      description: config.description,
      labels: config.labels,
      ...(hold ? { hold } : {}),
      ...(config.log ? { log: config.log.path } : {}),
    };
  }

  detail(lastLine: string): ConsoleDetail {
    const { config } = this;
    const { source } = config;
    return {
      ...this.summary(lastLine),
      ...(source.kind === 'run' ? { command: source.argv } : { address: addressOf(source) }),
      ...(config.chdir === undefined ? {} : { chdir: config.chdir }),
      ...(config.user === undefined ? {} : { user: config.user }),
      restartMode: this.console.supervisor.policy.mode,
      endpoints: config.endpoints,
      sessionList: this.book.list,
      deaths: this.#deaths,
    };
  }

  /** What its processes use, where there are any. */
  async resources(): Promise<Resources | undefined> {
    const { pid } = this.console;
    return pid === undefined || pid === NO_PID
      ? undefined
      : this.backend.resources().catch((error: Error) => ({ missing: error.message }));
  }

  /** Deaths that an earlier server saw, newest first. */
  recall(deaths: readonly Death[]): void {
    this.#deaths = deaths.slice(0, DEATHS);
    this.#restartTotal = Math.max(this.#restartTotal, deaths.length);
  }

  /** A start waits for its turn; everything else goes straight to the host. */
  #gated(host: ProcessHost): ProcessHost {
    const { queue } = this.#parts;
    return {
      get handlers() {
        return host.handlers;
      },
      set handlers(handlers) {
        host.handlers = handlers;
      },
      start: (spec) => queue.enter(this.name, this.config.after, () => host.start(spec)),
      write: (bytes) => host.write(bytes),
      kill: (signal) => host.kill(signal),
      resize: (columns, rows) => host.resize(columns, rows),
      note: (bytes) => host.note(bytes),
    };
  }

  #died(pid: number, code: number | null, signal: number | null): void {
    const { clock } = this.#parts;
    const end = this.#end?.pid === pid ? this.#end : undefined;
    const endedAt = end?.endedAt ?? clock.now();
    const startedAt = end?.startedAt ?? this.console.startedAt ?? endedAt;
    const death: Death = {
      time: new Date(endedAt).toISOString(),
      pid,
      uptimeSeconds: Math.max(0, Math.round((endedAt - startedAt) / 100) / 10),
      code,
      signal: signal === null ? null : signalName(signal),
      coreDumped: end?.status.coreDumped ?? false,
      outOfMemory:
        end?.oomKills === undefined
          ? signal === SIGKILL && this.#asked === undefined && this.#parts.memoryRanOut()
          : end.oomKills > 0,
      ...(this.#asked === undefined ? {} : { asked: this.#asked }),
      maxRssKib: end?.maxRssKib ?? 0,
      lastLines: (end?.lastLines ?? []).map(printable),
    };
    this.#asked = undefined;
    this.#end = undefined;
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
    this.backend.forgetEnd();
  }

  #changed({ from, to, event, actor, time }: Transition): void {
    this.#since = time;
    if (event === 'due') {
      this.#restarts.push(time);
      this.#restartTotal++;
    }
    if (to !== 'starting' && this.#parts.queue.leave(this.name)) {
      // The supervisor is in the middle of a step: it hears of it when that is done.
      queueMicrotask(() => this.#host.handlers.notStarted(new Error('stopped before its turn came')));
    }
    const text = `${from} -> ${to} (${event})`;
    this.#parts.event({ console: this.name, type: 'state', from, to, text, ...(actor === undefined ? {} : { actor }) });
    const { policy } = this.console.supervisor;
    const memo: Memo = { mode: policy.mode, state: to, event, since: time };
    this.backend.remember(JSON.stringify(memo));
  }

  /** A process has its procServ voice; a link says in the stream what became of it. */
  #sayOfLink(pid: number, what: string): void {
    const { source } = this.config;
    if (pid === NO_PID && source.kind !== 'run') {
      this.console.say(`\r\n@@@ ${what} ${addressOf(source)}\r\n`);
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

/** Text that may be shown anywhere: without control characters, at the most 200 characters. */
function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
  return line.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f]/g, '').slice(0, 200);
}
