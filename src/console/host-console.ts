/** One console of the host: its configuration, the requests to it, and its parts. */

import type { ConsoleSummary, HoldInfo } from '../model/api.ts';
import type { Backend, Descriptors } from '../model/backend.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { Act, ConsoleActs, ConsoleVerb } from '../model/console-acts.ts';
import type { ConsolePort } from '../model/console-port.ts';
import type { Facts, Happening, Note, Told } from '../model/events.ts';
import type { KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import type { InputPort } from '../model/input-port.ts';
import { parseKeys } from '../model/key-spec.ts';
import { LINK_ENDED, linkFaultText } from '../model/link-fault.ts';
import { nameOf, type Principal } from '../model/principal.ts';
import { isUp, NO_PID, type ProcessState } from '../model/process.ts';
import type { GuardPort } from '../model/rights-port.ts';
import type { ChildSpec } from '../model/runner.ts';
import type { EnterOptions, Session, SessionSink } from '../model/session.ts';
import type { Reader } from '../model/subscription.ts';
import type { RestartPolicy, Transition } from '../model/supervision.ts';
import type { Clock } from '../platform/time/clock.ts';
import { actOnConsole, detailsOf } from './acts.ts';
import { follow } from './follow.ts';
import { GatedRunner } from './gated-runner.ts';
import { Handover } from './handover.ts';
import { IdleString } from './idle-string.ts';
import { InitCommand } from './init-command.ts';
import { InputRecord } from './input-record.ts';
import type { LinkParts } from './link-runner.ts';
import { Lives } from './lives.ts';
import { LogMarks } from './log-marks.ts';
import { OnDemand } from './on-demand.ts';
import { ProcessConsole } from './process-console.ts';
import type { ReadyProbe } from './readiness.ts';
import type { ReadyPatterns } from './ready-patterns.ts';
import { makeProbe } from './ready-probe.ts';
import { enter } from './session.ts';
import { SessionRegistry } from './session-registry.ts';
import { SourceRunner } from './source-runner.ts';
import { type MakeChildSpec, StartLookup } from './start-lookup.ts';
import type { StartQueue } from './start-queue.ts';
import { addressOf, ConsoleView, type Viewed } from './view.ts';

/** The parameters for starting a link, or nothing. */
const NO_CHILD: ChildSpec = { file: '', argv: [] };
const NO_KEYS: ReadonlySet<number> = new Set();

/** Shared by the consoles of a host. */
export interface HostConsoleParts extends LinkParts {
  readonly childSpec: MakeChildSpec;
  /** Throws why its source may not be opened now. */
  readonly mayStart?: ((name: string) => void) | undefined;
  /**
   * Sources are lines as those of conserver: they come and go without a note in the output, and one that is told to close is down at
   * once.
   */
  readonly asLines?: boolean | undefined;
  readonly queue: StartQueue;
  readonly patterns: ReadyPatterns;
  /** Whether the kernel has just killed a process for lack of memory. */
  readonly memoryRanOut: () => boolean;
  readonly event: (event: Happening) => void;
  /** Absent: whoever comes in may do everything. */
  readonly rights?: GuardPort | undefined;
  /** Absent: nobody records what is typed. */
  readonly input?: InputPort | undefined;
}

export class HostConsole implements ConsolePort, Viewed {
  config: ConsoleConfig;
  hold: HoldInfo | undefined;
  readonly backend: Backend;
  readonly supervised: ProcessConsole;
  readonly registry: SessionRegistry;
  readonly lives: Lives;
  readonly view: ConsoleView;
  readonly log: LogMarks;
  /** Resolves when its state is known; requests before that wait. */
  readonly ready: Promise<void>;
  #setReady: () => void = () => undefined;
  #hasBegun = false;
  /** Where the output begins that this server can see. */
  #firstOffset = 0;
  readonly #parts: HostConsoleParts;
  #input: InputRecord | undefined;
  readonly #source: SourceRunner;
  readonly #lookup: StartLookup;
  readonly #handover: Handover;
  readonly #demand: OnDemand;
  /** Those that its configuration has had something for. */
  #init: InitCommand | undefined;
  #idle: IdleString | undefined;

  constructor(config: ConsoleConfig, backend: Backend, parts: HostConsoleParts) {
    const { clock } = parts;
    this.#parts = parts;
    this.config = config;
    this.backend = backend;
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    this.lives = new Lives(clock, parts.memoryRanOut);
    this.view = new ConsoleView(this);
    this.log = new LogMarks({ log: () => this.config.log, backend, clock });
    this.registry = new SessionRegistry(clock, (type, entry, before, by = entry?.principal) => {
      const lost = before && { before: before.principal };
      this.#event({ type, ...(entry ? { session: entry.info.id } : {}), ...lost }, by);
      if (type === 'writer') {
        this.log.writerIs(entry?.principal);
      } else if (type === 'detached' && entry) {
        this.log.left(entry.principal, this.registry.size);
      }
    });
    this.#source = new SourceRunner(() => this.config, backend, parts);
    const runner = new GatedRunner(this.#source, {
      enter: (go) => this.#enterQueue(go),
      leave: () => parts.queue.leave(config.name),
    });
    this.#lookup = new StartLookup(parts.childSpec, clock, (text) => this.#event({ type: 'config', text }));
    this.supervised = new ProcessConsole({
      child: () => {
        parts.mayStart?.(this.name);
        return this.config.source.kind === 'run' ? this.#lookup.child(this.config) : NO_CHILD;
      },
      policy: policyOf(config),
      stop: config.source.kind === 'run' ? config.stop : [],
      runner,
      stream: backend.stream,
      clock,
    });
    this.#demand = new OnDemand({
      config: () => this.config,
      supervised: this.supervised,
      start: (by) => this.start(by),
      stop: (by) => this.stop(by),
      clock,
    });
    this.#handover = new Handover({
      ...{ backend, supervised: this.supervised, lives: this.lives },
      configured: () => policyOf(this.config).mode,
      held: () => this.hold !== undefined,
      startsNew: () => this.#demand.startsAlone,
      trouble: (text) => this.#event({ type: 'holder', text }),
    });
    this.supervised.ignore = config.ignore === '' ? NO_KEYS : parseKeys(config.ignore);
    this.supervised.probe = this.#probe(config);
    this.supervised.watch({
      started: (pid, failure) => {
        // An earlier server may have started it: then nothing is looked up or waited for any more.
        this.#lookup.abandon();
        if (parts.queue.waitOf(this.name)) {
          parts.queue.leave(this.name);
        }
        this.lives.started();
        this.#event({ type: 'started', pid, ...(failure ? { failure: `${failure.step}: ${failure.message}` } : {}) });
        this.#sayOfLink(pid, 'connected to');
        this.log.up();
        this.#init?.begin();
        this.#watchIdle();
      },
      notStarted: (error) => {
        const reason = this.config.source.kind === 'run' ? error.message : linkFaultText(error);
        this.lives.notStarted(reason);
        this.#init?.stop();
        this.#event({ type: 'notStarted', reason });
      },
      ended: (end) => {
        this.#sayOfLink(end.pid, 'connection ended:');
        this.#init?.stop();
        this.#idle?.down();
        this.log.down();
        if (!this.lives.isTold(end)) {
          const death = this.lives.ended(end);
          if (end.pid === NO_PID) {
            this.lives.disconnected(LINK_ENDED);
          }
          this.#event({ type: 'ended', death }, death.askedBy);
        }
      },
      changed: (transition) => this.#changed(transition),
      redirected: () => this.#handover.remember(),
      // Only after the memo of the consequences is sent: nothing is lost if the server is killed between the two.
      settled: () => backend.forgetEnd(),
      modeSet: (mode, by) => {
        this.#event({ type: 'note', what: 'mode', mode }, by);
        this.#handover.remember();
      },
      signalled: (signal, by) => this.lives.signalled(signal, by),
    });
  }

  get name(): string {
    return this.config.name;
  }

  /** It continues from the last server: before that its state is unknown. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get state(): ProcessState {
    return this.supervised.state;
  }

  /** Continues from the last server, with the holder's data; a console that is new to it is started if configured. */
  begin(kept: KeptConsole): void {
    this.#firstOffset = kept.head;
    this.#handover.begin(kept);
    this.#hasBegun = true;
    this.#demand.begun();
    const isUp = this.supervised.pid !== undefined;
    this.log.begun(isUp, kept.logOff === true);
    if (isUp) {
      this.#watchIdle();
    }
    this.#setReady();
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

  /** Ends a hold and restores the state before it. Without a hold nothing changes: a stopped process stays stopped. */
  release(by: Principal): void {
    if (!this.hold && this.supervised.state !== 'held') {
      return;
    }
    const resume = this.hold?.resume ?? this.#demand.startsAlone;
    this.hold = undefined;
    this.supervised.supervisor.release(by);
    if (resume) {
      this.supervised.supervisor.start(by);
    }
  }

  /** A break of the line itself; absent if the source has none. */
  get sendBreak(): (() => void | Promise<void>) | undefined {
    return this.#source.link?.sendBreak;
  }

  /** Of its source and its log. */
  get descriptors(): Descriptors {
    return { source: this.#source.fd, log: this.backend.descriptors.log };
  }

  toggleFlow(): boolean | undefined {
    return this.#source.toggleFlow();
  }

  /** An entry for the history: a note, a break. */
  noted(note: Note, by: Principal): void {
    this.#event({ type: 'note', ...note }, by);
  }

  follow(reader: Reader): () => void {
    let over = false;
    let stop = (): void => undefined;
    // Before that "now" is not known; then it is where the console begins, which may have said something already.
    const isEarly = !this.#hasBegun;
    void this.ready.then(() => {
      stop = over ? stop : follow(this.backend, reader, isEarly ? this.#firstOffset : undefined);
    });
    return () => {
      over = true;
      stop();
    };
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  act<V extends ConsoleVerb>(by: Principal, verb: V, ...how: Parameters<ConsoleActs[V]>): ReturnType<ConsoleActs[V]> {
    const { rights } = this.#parts;
    const refusal = rights?.ask(by, verb, this.name);
    if (refusal) {
      throw refusal;
    }
    const result = actOnConsole(this, by, verb, ...how);
    rights?.done(by, verb, this.name, detailsOf(verb, how));
    return result;
  }

  /** Throws a session out, or several. Returns how many. */
  evict(sessions: readonly number[], reason: string): number {
    const evicted = this.registry.entries.filter(({ info }) => sessions.includes(info.id));
    for (const entry of evicted) {
      entry.evicted(reason);
    }
    return evicted.length;
  }

  #inputRecord(): InputRecord | undefined {
    const { input: port } = this.#parts;
    this.#input ??=
      port && new InputRecord({ port, config: () => this.config, follow: (reader) => this.follow(reader) });
    return this.#input;
  }

  /** The only way to enter: not before the state of the console is known. */
  enter(by: Principal | Promise<Principal>, options: EnterOptions, sink: SessionSink): Session {
    const { backend, ready, registry, supervised } = this;
    const after = () => Promise.all([ready, options.after?.()]);
    const port = this.#parts.rights;
    const rights = port && { port, console: this.name };
    const act: Act = (who, verb, ...how) => this.act(who, verb, ...how);
    return enter(
      {
        ...{ console: supervised, source: supervised, backend, registry, demand: this.#demand },
        ...{ act, rights, input: this.#inputRecord() },
      },
      by,
      { ...options, after },
      sink,
    );
  }

  /**
   * A changed configuration: settings take effect at once if possible, otherwise with the next start. Rejects before
   * anything has changed.
   */
  async reconfigure(config: ConsoleConfig, log: LogSpec | undefined): Promise<void> {
    await this.backend.setLog(log);
    const { supervisor } = this.supervised;
    const policy = policyOf(config);
    // A setting switched by key stays until the configuration changes that setting.
    const { mode } = policyOf(this.config).mode === policy.mode ? supervisor.policy : policy;
    supervisor.policy = { ...policy, mode };
    const { open } = this.config;
    this.config = config;
    this.#handover.remember();
    this.supervised.ignore = config.ignore === '' ? NO_KEYS : parseKeys(config.ignore);
    this.supervised.stop = config.source.kind === 'run' ? config.stop : [];
    this.supervised.probe = this.#probe(config);
    this.log.changed();
    if (this.supervised.pid !== undefined) {
      this.#watchIdle();
    }
    if (config.open !== open) {
      this.#demand.changed(open);
    }
  }

  /** Nobody is on it, and it is only open while somebody is. */
  get isUnwanted(): boolean {
    return this.#demand.isUnwanted;
  }

  /** Opens its source again, as it is configured now; one that is open on demand only if somebody is there. */
  reset(by: Principal): void {
    if (this.isUnwanted) {
      this.stop(by);
    } else {
      this.restart(by);
    }
  }

  /** Stops it permanently: the console is removed. */
  async remove(by: Principal): Promise<void> {
    this.registry.close('the console was removed from the configuration');
    await this.shutDown(by);
    this.log.close();
    await this.backend.close();
  }

  shutDown(by: Principal): Promise<void> {
    this.#asks(by);
    return this.supervised.shutDown(by);
  }

  /** The obstacle that a start waits for. */
  get waitsFor(): ConsoleSummary['waitsFor'] {
    return this.state === 'starting' ? (this.#lookup.wait ?? this.#parts.queue.waitOf(this.name)) : undefined;
  }

  /** The next end of the current child is requested. */
  #asks(by: Principal | undefined): void {
    if (isUp(this.state)) {
      this.lives.endAsked(by);
    }
  }

  #enterQueue(go: () => void): void {
    const { after, name, source } = this.config;
    this.#parts.queue.enter({ name, after, link: source.kind !== 'run', asked: this.lives.startAsked }, go);
  }

  #probe({ ready }: ConsoleConfig): ReadyProbe | undefined {
    const { clock, patterns } = this.#parts;
    const blind = ({ message }: Error) => this.#event({ type: 'config', text: message });
    return ready && makeProbe(ready, { backend: this.backend, blind, clock, patterns });
  }

  #changed(transition: Transition): void {
    const { from, to, event } = transition;
    const by = this.lives.changed(transition);
    if (to === 'stopping' && this.#parts.asLines) {
      this.log.down();
    }
    if (to === 'starting') {
      this.#prepare();
    } else {
      this.#lookup.abandon();
    }
    // It had its turn, or is down again. A stop leaves by `abandon`.
    if (to !== 'starting' && to !== 'stopping') {
      this.#parts.queue.leave(this.name);
    }
    this.#event({ type: 'state', from, to, cause: event }, by);
    this.#handover.changed(transition);
  }

  #prepare(): void {
    if (this.config.init) {
      const { backend, log, supervised } = this;
      const event = (what: Facts | Told) => this.#event(what);
      this.#init ??= new InitCommand({ ...{ backend, log, supervised, event }, config: () => this.config });
      this.#init.prepare();
    }
  }

  /** Its source is up. */
  #watchIdle(): void {
    if (this.config.idle && !this.#idle) {
      const { backend, supervised } = this;
      const idle = () => {
        this.log.mark('activity', 'idle timeout');
        for (const { tell } of this.registry.entries) {
          tell('idle timeout', true);
        }
      };
      const { clock } = this.#parts;
      this.#idle = new IdleString({ ...{ backend, clock, supervised, idle }, config: () => this.config.idle });
    }
    this.#idle?.up();
  }

  /** A process has its procServ announcements; a link reports its state in the stream. */
  #sayOfLink(pid: number, what: string): void {
    const { source } = this.config;
    if (pid === NO_PID && source.kind !== 'run' && source.kind !== 'none' && !this.#parts.asLines) {
      this.supervised.say(`\r\n@@@ ${what} ${addressOf(source)}\r\n`);
    }
  }

  #event(what: Facts | Told, by?: Principal): void {
    this.#parts.event({ ...what, console: this.name, ...(by ? { by } : {}) });
  }
}

function policyOf({ restart, source }: ConsoleConfig): RestartPolicy {
  const { backoff, holdoff, limit, line, mode } = restart;
  return {
    mode: source.kind === 'run' || line ? mode : 'always',
    holdoff,
    ...(backoff ? { backoff } : {}),
    ...(limit ? { limit } : {}),
    ...(line ? { line } : {}),
  };
}
