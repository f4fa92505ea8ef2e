/** The host server's heart: all consoles by name, what is asked of them, and the configuration they follow. */

import { HostConsole, type HostConsoleParts } from '../console/host-console.ts';
import { pastOf } from '../console/past.ts';
import { holdText } from '../console/printable.ts';
import { ReadyPatterns } from '../console/ready-patterns.ts';
import { StartQueue } from '../console/start-queue.ts';
import {
  type ConsoleDetail,
  type ConsoleSummary,
  type HoldInfo,
  type HostEvent,
  type PlanResult,
  SESSION_EVENTS,
  type UnopenedEndpoint,
  type VersionInfo,
} from '../model/api.ts';
import type { Backend } from '../model/backend.ts';
import type { ConfigProblem, ConsoleConfig, HostConfig, PlanStep, ServerConfig } from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import type { KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import { type HolderSilence, silenceRemedy, silenceText } from '../model/holder-silence.ts';
import type { EventFilter, HostPort, LogFiles } from '../model/host-port.ts';
import { nameOf, type Principal, self } from '../model/principal.ts';
import { isUp } from '../model/process.ts';
import type { EnterOptions, Session, SessionSink } from '../model/session.ts';
import { DiskFiles } from '../platform/files/disk-files.ts';
import type { Clock } from '../platform/time/clock.ts';
import { DiskLogFiles } from './disk-log-files.ts';
import type { EventLog } from './event-log.ts';
import { doubtText, HoldEnds } from './hold-ends.ts';
import { comparePlan, serverChanges, serverInForce, withUnread } from './plan.ts';
import { mayBeHeld, unknownHold } from './unknown-hold.ts';

const HOLD_EXPIRED = self('the hold has expired');

/** What the host needs of its surroundings. */
export interface HostParts
  extends Pick<HostConsoleParts, 'childSpec' | 'openSerial' | 'makeCodec' | 'clock' | 'memoryRanOut'> {
  readonly config: HostConfig;
  readonly events: Pick<EventLog, 'add' | 'find' | 'listen' | 'newest' | 'since'>;
  /** Makes or finds the console in the holder; `kept` rejects where there is none. */
  readonly openBackend: (
    name: string,
    log: LogSpec | undefined,
    logTrouble: (message: string) => void,
  ) => { readonly backend: Backend; readonly kept: Promise<KeptConsole> };
  /** The last line of every console, by name; empty while the holder is away. */
  readonly lastLines: () => Promise<ReadonlyMap<string, string>>;
  /** The holder that does not answer; undefined: all is well. */
  readonly silence?: () => HolderSilence | undefined;
  /** Rejects where it does not. */
  readonly mustAnswer?: () => Promise<void>;
  /** Reads the files again. */
  readonly loadConfig: () => Promise<{
    readonly config?: HostConfig;
    readonly problems: readonly ConfigProblem[];
    readonly warnings: readonly ConfigProblem[];
    readonly digest: string;
  }>;
  /** The files of this digest are in force, but for what the warnings name. */
  readonly applied: (digest: string, warnings: readonly ConfigProblem[]) => void;
  readonly version: (consoles: number, files: readonly string[]) => Promise<VersionInfo>;
  /** What follows the configuration beside the consoles. */
  readonly others: {
    readonly plan: (config: HostConfig) => readonly PlanStep[];
    readonly apply: (config: HostConfig) => Promise<readonly PlanStep[]>;
  };
  /** Endpoints and whatever else follows a console; throws where it cannot be served. */
  readonly added: (console: HostConsole) => void;
  readonly changed: (console: HostConsole) => void;
  readonly removed: (name: string) => void;
  /** Endpoints of a console that could not be opened. */
  readonly unopened: (name: string) => readonly UnopenedEndpoint[];
  /** Keeps the holds where they outlive the machine's next start; rejects where that cannot be done now. */
  readonly saveHolds: (holds: ReadonlyMap<string, HoldInfo>) => Promise<void>;
  readonly goDown: (all: boolean, by: Principal) => void;
}

export class ConsoleHost implements HostPort {
  readonly #parts: HostParts;
  readonly #consoles = new Map<string, HostConsole>();
  readonly #queue: StartQueue;
  readonly #patterns = new ReadyPatterns();
  /** Where logs are read. */
  readonly #disk: DiskFiles;
  readonly #holdEnds: HoldEnds;
  /** Of names that are not configured now: whoever holds them has not let go. */
  readonly #absentHolds = new Map<string, HoldInfo>();
  #config: HostConfig;
  /** Of `[server]`: until a restart not all of what was applied. */
  #inForce: ServerConfig;
  #applying: Promise<unknown> = Promise.resolve();

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#inForce = parts.config.server;
    this.#disk = new DiskFiles(parts.clock);
    this.#queue = new StartQueue(
      () => this.#config.server.startAtOnce,
      (name) => this.#consoles.get(name)?.supervised.state === 'starting',
      parts.clock,
    );
    this.#holdEnds = new HoldEnds(
      parts.clock,
      (name) => void this.release(name, HOLD_EXPIRED).catch(() => undefined),
      (name, until) => this.#consoles.get(name)?.noted(doubtText(until), HOLD_EXPIRED),
    );
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get config(): HostConfig {
    return this.#config;
  }

  get consoles(): readonly HostConsole[] {
    return [...this.#consoles.values()];
  }

  /**
   * Takes every configured console over from the holder, or makes it; then all begin, in their order. `holds`: `doubtful` where
   * others may have been held too; `steadySince` as `HoldEnds.trust` has it. `history`: what earlier servers wrote down, oldest first.
   */
  async open(
    {
      holds,
      doubtful,
      steadySince,
    }: {
      readonly holds: ReadonlyMap<string, HoldInfo>;
      readonly doubtful: boolean;
      readonly steadySince?: number;
    },
    history: readonly HostEvent[],
  ): Promise<void> {
    if (steadySince !== undefined) {
      this.#holdEnds.trust(steadySince);
    }
    const past = pastOf(history);
    for (const [name, hold] of holds) {
      this.#absentHolds.set(name, hold);
    }
    const opened = await Promise.all(this.#config.consoles.map((config) => this.#make(config)));
    for (const { console, kept } of opened) {
      console.recall(past.get(console.name));
      this.#keepHeld(console, mayBeHeld(kept, doubtful) ? unknownHold(this.clock.now()) : undefined);
    }
    this.#begin(opened);
    if (doubtful) {
      await this.#saveHolds().catch(() => undefined);
    }
  }

  version(): Promise<VersionInfo> {
    return this.#parts.version(this.#consoles.size, this.#config.files);
  }

  async list(): Promise<readonly ConsoleSummary[]> {
    const lines = await this.#parts.lastLines();
    const silence = this.#silence();
    return this.consoles.map((console) => ({
      ...console.summary(),
      lastLine: console.heard(lines.get(console.name) ?? ''),
      ...silence,
    }));
  }

  async detail(name: string): Promise<ConsoleDetail> {
    const console = this.#known(name);
    const [line, resources] = await Promise.all([console.backend.lastLine(), console.resources()]);
    const unopened = this.#parts.unopened(name);
    const { since } = this.#parts.events;
    return {
      ...console.detail(),
      lastLine: console.heard(line),
      ...this.#silence(),
      ...(since === undefined ? {} : { historySince: since }),
      ...(resources ? { resources } : {}),
      ...(unopened.length === 0 ? {} : { unopened }),
    };
  }

  async summary(name: string): Promise<ConsoleSummary> {
    const console = this.#known(name);
    // As it is now: the answer to a verb must not depend on what follows from it while the holder is asked.
    const summary = console.summary();
    const lastLine = console.heard(await console.backend.lastLine());
    return { ...summary, lastLine, ...this.#silence() };
  }

  #silence(): Pick<ConsoleSummary, 'holderSilent'> {
    const silence = this.#parts.silence?.();
    return silence === undefined ? {} : { holderSilent: silence };
  }

  mustKnow(name: string): void {
    this.#known(name);
  }

  start(name: string, by: Principal): void {
    const console = this.#console(name);
    this.#refuseHeld(console);
    console.start(by);
  }

  stop(name: string, by: Principal): void {
    this.#console(name).stop(by);
  }

  restart(name: string, by: Principal): void {
    const console = this.#console(name);
    this.#refuseHeld(console);
    console.restart(by);
  }

  signal(name: string, signal: number, by: Principal): void {
    const console = this.#console(name);
    if (console.config.source.kind !== 'run') {
      throw new HoldfastError('HF_NOT_A_PROCESS', `${name} is a ${console.config.source.kind} link, not a process`);
    }
    if (!isUp(console.supervised.state)) {
      throw new HoldfastError('HF_NOT_RUNNING', `${name} is ${console.supervised.state}`);
    }
    console.signal(signal, by);
  }

  async hold(name: string, reason: string, until: number | undefined, by: Principal): Promise<void> {
    const console = this.#console(name);
    const hold = {
      reason,
      since: new Date(this.clock.now()).toISOString(),
      ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    };
    console.holdBack(hold, by);
    this.#holdEnds.set(name, console.hold?.until);
    await this.#keep(`${name} is held now`);
  }

  async release(name: string, by: Principal): Promise<void> {
    const console = this.#console(name);
    this.#holdEnds.set(name, undefined);
    console.release(by);
    await this.#keep(`${name} is released now`);
  }

  enter(name: string, by: Principal, options: EnterOptions, sink: SessionSink): Session {
    const after = () => Promise.all([this.#parts.mustAnswer?.(), options.after?.()]);
    return this.#known(name).enter(by, { ...options, after }, sink);
  }

  logFiles(name: string): LogFiles {
    const { log, user } = this.#known(name).config;
    if (!log) {
      throw new HoldfastError('HF_NO_LOG', `${name} is configured with log = false`);
    }
    return new DiskLogFiles(this.#disk, log.path, user);
  }

  events(filter: EventFilter): Promise<readonly HostEvent[]> {
    const { console, limit, changes = false } = filter;
    const { newest } = this.#parts.events;
    // A number that there was not yet is of a history that is lost: what there is now is all new.
    const since = (filter.since ?? 0) > newest ? 0 : (filter.since ?? 0);
    const matches = (event: HostEvent) =>
      event.seq > since &&
      (console === undefined || event.console === console) &&
      !(changes && SESSION_EVENTS.has(event.type));
    return this.#parts.events.find(matches, limit);
  }

  onEvent(handler: (event: HostEvent) => void): () => void {
    return this.#parts.events.listen(handler);
  }

  async plan(): Promise<PlanResult> {
    const { config, problems, warnings } = await this.#parts.loadConfig();
    if (!config) {
      return { problems, steps: [], server: [] };
    }
    const steps = [...comparePlan(this.#config, withUnread(this.#config, config)), ...this.#parts.others.plan(config)];
    const server = serverChanges(this.#inForce, config.server);
    return { problems, steps, server, ...warned(warnings), ...this.#unopened() };
  }

  /** One at a time: a second one sees what the first has made. */
  apply(by: Principal): Promise<PlanResult> {
    return this.#inTurn(() => this.#apply(by));
  }

  /**
   * Folders of consoles can be read that could not be before: takes what is found there, if that is all that differs. Whether it
   * was; anything else is for a person to look at first.
   */
  takeFound(folders: readonly string[], by: Principal): Promise<boolean> {
    return this.#inTurn(async () => {
      const loaded = await this.#parts.loadConfig();
      const { config } = loaded;
      if (!config || serverChanges(this.#inForce, config.server).length + this.#parts.others.plan(config).length > 0) {
        return false;
      }
      const found = new Set(
        config.consoles.flatMap(({ name, foundIn = '' }) => (folders.includes(foundIn) ? [name] : [])),
      );
      const steps = comparePlan(this.#config, withUnread(this.#config, config));
      if (!steps.every(({ action, console }) => action === 'add' && found.has(console))) {
        return false;
      }
      await this.#apply(by, loaded);
      return true;
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#applying.then(work);
    this.#applying = result.catch(() => undefined);
    return result;
  }

  async down(all: boolean, by: Principal): Promise<void> {
    if (all) {
      await this.#parts.mustAnswer?.();
    }
    // The answer goes out first.
    setImmediate(() => this.#parts.goDown(all, by));
  }

  /** Stops every process by its recipe. */
  async stopAll(by: Principal): Promise<void> {
    await Promise.all(this.consoles.map((console) => console.shutDown(by)));
  }

  async #apply(by: Principal, loaded?: Awaited<ReturnType<HostParts['loadConfig']>>): Promise<PlanResult> {
    // What is changed by halves, and waits for a holder that may never answer, is worse than what is not changed.
    await this.#parts.mustAnswer?.();
    const { config: read, problems, warnings, digest } = loaded ?? (await this.#parts.loadConfig());
    if (!read) {
      return { problems, steps: [], server: [] };
    }
    const config = withUnread(this.#config, read);
    this.#parts.applied(digest, warnings);
    const ofConsoles = comparePlan(this.#config, config);
    const server = serverChanges(this.#inForce, config.server);
    this.#inForce = serverInForce(this.#inForce, config.server);
    const byName = new Map(config.consoles.map((console) => [console.name, console]));
    this.#config = config;
    const removed = ofConsoles.filter(({ action }) => action === 'remove').map(({ console: name }) => name);
    await Promise.all(removed.map((name) => this.#remove(name, by)));
    const fresh: { console: HostConsole; kept: KeptConsole }[] = [];
    try {
      for (const { action, console: name } of ofConsoles) {
        const wanted = byName.get(name) as ConsoleConfig;
        const console = this.#consoles.get(name);
        if (action === 'change' && console) {
          await console.reconfigure(wanted, this.#logSpec(wanted));
          this.#parts.changed(console);
        } else if (action === 'add') {
          const made = await this.#make(wanted);
          this.#keepHeld(made.console);
          fresh.push(made);
        }
      }
    } finally {
      // Those that are made are started, whatever becomes of another one.
      this.#begin(fresh);
    }
    const steps = [...ofConsoles, ...(await this.#parts.others.apply(config))];
    if (steps.length > 0) {
      const text = `configuration applied: ${steps.map(({ action, console }) => `${action} ${console}`).join(', ')}`;
      this.#parts.events.add({ type: 'config', text, actor: nameOf(by) });
    }
    return { problems, steps, server, ...warned(warnings), ...this.#unopened() };
  }

  #unopened(): Pick<PlanResult, 'unopened'> {
    const unopened = this.consoles.flatMap(({ name }) =>
      this.#parts.unopened(name).map((each) => ({ console: name, ...each })),
    );
    return unopened.length === 0 ? {} : { unopened };
  }

  #begin(opened: readonly { readonly console: HostConsole; readonly kept: KeptConsole }[]): void {
    this.#queue.gather(() => {
      for (const { console, kept } of opened) {
        console.begin(kept);
      }
    });
  }

  async #make(config: ConsoleConfig): Promise<{ console: HostConsole; kept: KeptConsole }> {
    const { childSpec, clock, events, makeCodec, memoryRanOut, openSerial } = this.#parts;
    const logTrouble = (text: string) => void events.add({ console: config.name, type: 'log', text });
    const { backend, kept } = this.#parts.openBackend(config.name, this.#logSpec(config), logTrouble);
    const console = new HostConsole({
      ...{ config, backend, childSpec, clock, makeCodec, memoryRanOut, openSerial },
      queue: this.#queue,
      patterns: this.#patterns,
      event: (event) => void events.add(event),
    });
    this.#consoles.set(config.name, console);
    // Already before the holder answers: who connects waits for it, and a start is done sooner.
    this.#parts.added(console);
    return { console, kept: await kept };
  }

  async #remove(name: string, by: Principal): Promise<void> {
    const console = this.#known(name);
    this.#parts.removed(name);
    this.#consoles.delete(name);
    this.#holdEnds.set(name, undefined);
    if (console.hold) {
      this.#absentHolds.set(name, console.hold);
    }
    await console.remove(by);
  }

  #logSpec({ log, user }: ConsoleConfig): LogSpec | undefined {
    const { logSync } = this.#config.server;
    return log && { ...log, ...(user && { user }), ...(logSync === undefined ? {} : { sync: logSync }) };
  }

  #known(name: string): HostConsole {
    const console = this.#consoles.get(name);
    if (!console) {
      throw new HoldfastError('HF_NO_CONSOLE', `no console is named '${name}'`);
    }
    return console;
  }

  /** One that somebody wants to act on. What was asked of it before it has begun, its beginning would undo. */
  #console(name: string): HostConsole {
    const console = this.#known(name);
    if (!console.hasBegun) {
      const silence = this.#parts.silence?.();
      throw new HoldfastError(
        'HF_NO_HOLDER',
        silence
          ? `${silenceText(silence)}. ${silenceRemedy(silence)}`
          : `${name} is still being taken over from the holder: try again`,
      );
    }
    return console;
  }

  #refuseHeld({ hold, name }: HostConsole): void {
    if (hold) {
      throw new HoldfastError('HF_HELD', `${name} is ${holdText(hold)}`);
    }
  }

  /** Of what was held under its name nobody has let go: before the server, or before it was removed. */
  #keepHeld(console: HostConsole, unknown?: HoldInfo): void {
    const hold = this.#absentHolds.get(console.name) ?? unknown;
    this.#absentHolds.delete(console.name);
    if (hold) {
      console.hold = hold;
      this.#holdEnds.set(console.name, hold.until);
    }
  }

  /** `done`: what is so now, also where it cannot be kept. */
  async #keep(done: string): Promise<void> {
    try {
      await this.#saveHolds();
    } catch (error) {
      throw new HoldfastError(
        'HF_NOT_KEPT',
        `${done}, but that does not outlive a restart of the machine: ${(error as Error).message}`,
      );
    }
  }

  #saveHolds(): Promise<void> {
    const held = this.consoles.flatMap(({ name, hold }): [string, HoldInfo][] => (hold ? [[name, hold]] : []));
    return this.#parts.saveHolds(new Map([...this.#absentHolds, ...held]));
  }
}

function warned(warnings: readonly ConfigProblem[]): Pick<PlanResult, 'warnings'> {
  return warnings.length === 0 ? {} : { warnings };
}
