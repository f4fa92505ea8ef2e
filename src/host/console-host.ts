/** The core of the host server: all consoles by name, the requests to them, and the configuration in force. */

import { HostConsole, type HostConsoleParts } from '../console/host-console.ts';
import { pastOf } from '../console/past.ts';
import { ReadyPatterns } from '../console/ready-patterns.ts';
import { StartQueue } from '../console/start-queue.ts';
import { DiskLogFiles } from '../logs/disk-log-files.ts';
import { readLog } from '../logs/read-log.ts';
import { searchHost } from '../logs/search-host.ts';
import type {
  ConsoleDetail,
  ConsoleSummary,
  EventInfo,
  PastResources,
  PlanResult,
  RunningConfig,
  SearchItem,
  VersionInfo,
} from '../model/api.ts';
import type { ConsoleConfig, HostConfig } from '../model/config.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { HostEvent } from '../model/events.ts';
import type { FeedNews, FeedPlace } from '../model/feed.ts';
import type { KeptConsole } from '../model/holder-protocol.ts';
import { silenceRemedy, silenceText } from '../model/holder-silence.ts';
import type {
  ConsoleFilter,
  LogFiles,
  LogQuery,
  NearEventFilter,
  NearHost,
  SearchRequest,
} from '../model/host-port.ts';
import type { HostService } from '../model/host-service.ts';
import { type Principal, self } from '../model/principal.ts';
import { holdText } from '../model/printable.ts';
import { isUp } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import type { EnterOptions, Session, SessionSink } from '../model/session.ts';
import { DiskFiles } from '../platform/files/disk-files.ts';
import type { Clock } from '../platform/time/clock.ts';
import { type ConfigFiles, Configuration } from './configuration.ts';
import type { EventLog } from './event-log.ts';
import { findEvents, followEvents } from './find-events.ts';
import { HOLD_EXPIRED, Holds, type HoldsParts } from './holds.ts';
import { logSpec } from './log-spec.ts';
import { Overview, type OverviewParts } from './overview.ts';
import type { Resets } from './plan.ts';
import { runningConfig } from './running-config.ts';
import type { ServerVersion } from './server-version.ts';
import { type ServiceOrder, Services } from './services.ts';
import { mayBeHeld } from './unknown-hold.ts';

const NOT_MADE = self('a console that could not be made');

/** The dependencies of the host. */
export interface HostParts
  extends Pick<
      HostConsoleParts,
      | 'childSpec'
      | 'openSerial'
      | 'makeCodec'
      | 'linkFault'
      | 'asLines'
      | 'mayStart'
      | 'memoryRanOut'
      | 'rights'
      | 'input'
    >,
    Pick<OverviewParts, 'backends' | 'clock' | 'events' | 'sessionUses' | 'pastResources'> {
  readonly config: HostConfig;
  /** Absent: what a change costs is for a person to choose. */
  readonly resets?: Resets;
  readonly files: ConfigFiles;
  readonly history: Pick<EventLog, 'find' | 'newest' | 'since'>;
  readonly holds: HoldsParts['file'];
  readonly about: Pick<ServerVersion, 'tell'>;
}

/** The server was told to go down. `all`: with the holder and all children. */
export interface GoDown {
  readonly all: boolean;
  readonly by: Principal;
}

export class ConsoleHost implements NearHost {
  readonly #parts: HostParts;
  readonly #shared: HostConsoleParts;
  readonly #consoles = new Map<string, HostConsole>();
  readonly #queue: StartQueue;
  /** Where logs are read. */
  readonly #disk: DiskFiles;
  readonly #holds: Holds;
  readonly #services = new Services();
  readonly #configuration: Configuration;
  readonly #overview: Overview;
  /** All consoles have been taken over from the holder. */
  #opened: Promise<void> | undefined;
  /** Resolves when the server is told to go down. */
  readonly toldToGoDown: Promise<GoDown>;
  #tellGoDown: (order: GoDown) => void = () => undefined;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.toldToGoDown = new Promise((resolve) => {
      this.#tellGoDown = resolve;
    });
    this.#configuration = new Configuration({
      first: parts.config,
      files: parts.files,
      consoles: {
        add: (config) => this.#add(config),
        change: (config, by) => this.#change(config, by),
        remove: (name, by) => this.#remove(name, by),
        begin: (added) => this.#begin(added),
      },
      services: this.#services,
      resets: parts.resets,
      mayApply: async () => {
        await parts.backends.mustAnswer();
        // A console that has not begun can neither be changed nor removed.
        await this.#opened;
      },
      applied: ({ steps, failed }, by) =>
        void parts.events.add({
          ...{ type: 'config', what: 'applied', steps, by },
          ...(failed.length === 0 ? {} : { failed }),
        }),
    });
    this.#overview = new Overview({ ...parts, consoles: this.#consoles });
    this.#disk = new DiskFiles(parts.clock);
    this.#queue = new StartQueue(
      () => this.config.server.startAtOnce,
      (name) => this.#consoles.get(name)?.supervised.state === 'starting',
      parts.clock,
    );
    const event: HostConsoleParts['event'] = (happening) => void parts.events.add(happening);
    this.#shared = { ...parts, queue: this.#queue, patterns: new ReadyPatterns(), event };
    this.#holds = new Holds({
      ...{ file: parts.holds, clock: parts.clock, consoles: this.#consoles },
      release: (name) => this.release(name, HOLD_EXPIRED),
    });
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get config(): HostConfig {
    return this.#configuration.config;
  }

  get consoles(): readonly HostConsole[] {
    return [...this.#consoles.values()];
  }

  find(name: string): HostConsole | undefined {
    return this.#consoles.get(name);
  }

  /** Sets the services besides the consoles: once, before `open`. */
  serve(services: readonly HostService[]): void {
    this.#services.add(...services);
  }

  /**
   * Takes every configured console over from the holder, or creates it; then all begin, in order. `history`: the events
   * of earlier servers, oldest first.
   */
  open(history: readonly HostEvent[]): Promise<void> {
    this.#opened = this.#open(history);
    return this.#opened;
  }

  async #open(history: readonly HostEvent[]): Promise<void> {
    const doubtful = await this.#holds.recall();
    const past = pastOf(history);
    const opened = await Promise.all(this.config.consoles.map((config) => this.#make(config)));
    for (const { console, kept } of opened) {
      console.lives.recall(past.get(console.name));
      this.#holds.came(console, mayBeHeld(kept, doubtful));
    }
    this.#begin(
      opened.map(
        ({ console, kept }) =>
          () =>
            console.begin(kept),
      ),
    );
    if (doubtful) {
      await this.#holds.save().catch(() => undefined);
    }
  }

  /** Applies the first configuration to services: those that wait for the consoles, or the others. */
  openServices(which: ServiceOrder): Promise<void> {
    return this.#services.open(this.config, which);
  }

  /** Ends the services; the consoles go on. */
  closeServices(): Promise<void> {
    return this.#services.close();
  }

  version(): Promise<VersionInfo> {
    return this.#parts.about.tell(this.#consoles.size, this.config.files);
  }

  list(filter: ConsoleFilter = {}): Promise<readonly ConsoleSummary[]> {
    return this.#overview.list(filter);
  }

  watch(after?: FeedPlace, ended?: EndSignal): AsyncIterable<FeedNews> {
    return this.#overview.watch(after, ended);
  }

  resources(): Promise<ReadonlyMap<string, Resources>> {
    return this.#overview.resources();
  }

  async pastResources(name: string): Promise<PastResources> {
    return this.#overview.pastResourcesOf(this.#known(name));
  }

  async detail(name: string): Promise<ConsoleDetail> {
    const console = this.#known(name);
    const [line, resources] = await Promise.all([console.backend.lastLine(), this.#overview.resourcesOf(console)]);
    const unopened = this.#services.unopened(name);
    const { since } = this.#parts.history;
    return {
      ...console.view.detail(),
      lastLine: console.view.lastLine(line),
      ...this.#overview.silence,
      ...(since === undefined ? {} : { historySince: since }),
      ...(resources ? { resources } : {}),
      ...(unopened.length === 0 ? {} : { unopened }),
    };
  }

  async summary(name: string): Promise<ConsoleSummary> {
    const console = this.#known(name);
    // The current state: the answer to a verb must not depend on its consequences while the holder is asked.
    const summary = console.view.summary();
    const lastLine = console.view.lastLine(await console.backend.lastLine());
    return { ...summary, lastLine, ...this.#overview.silence };
  }

  mustKnow(name: string): void {
    this.#known(name);
  }

  async start(name: string, by: Principal): Promise<ConsoleSummary> {
    const console = this.#console(name);
    this.#refuseHeld(console);
    console.start(by);
    return this.summary(name);
  }

  async stop(name: string, by: Principal): Promise<ConsoleSummary> {
    this.#console(name).stop(by);
    return this.summary(name);
  }

  async restart(name: string, by: Principal): Promise<ConsoleSummary> {
    const console = this.#console(name);
    this.#refuseHeld(console);
    console.restart(by);
    return this.summary(name);
  }

  async signal(name: string, signal: number, by: Principal): Promise<ConsoleSummary> {
    const console = this.#console(name);
    if (console.config.source.kind !== 'run') {
      throw new HoldfastError('HF_NOT_A_PROCESS', `${name} is a ${console.config.source.kind} link, not a process`);
    }
    if (!isUp(console.supervised.state)) {
      throw new HoldfastError('HF_NOT_RUNNING', `${name} is ${console.supervised.state}`);
    }
    console.signal(signal, by);
    return this.summary(name);
  }

  async hold(name: string, reason: string, until: number | undefined, by: Principal): Promise<ConsoleSummary> {
    const console = this.#console(name);
    const hold = {
      reason,
      since: new Date(this.clock.now()).toISOString(),
      ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    };
    console.holdBack(hold, by);
    this.#holds.changed(console);
    return this.#kept(name, 'held');
  }

  async release(name: string, by: Principal): Promise<ConsoleSummary> {
    const console = this.#console(name);
    console.release(by);
    this.#holds.changed(console);
    return this.#kept(name, 'released');
  }

  /** The console as it is now, once its hold is saved. */
  async #kept(name: string, now: 'held' | 'released'): Promise<ConsoleSummary> {
    const [summary] = await Promise.all([this.summary(name), this.#holds.keep(`${name} is ${now} now`)]);
    return summary;
  }

  enter(name: string, by: Principal, options: EnterOptions, sink: SessionSink): Session {
    const after = () => Promise.all([this.#parts.backends.mustAnswer(), options.after?.()]);
    return this.#known(name).enter(by, { ...options, after }, sink);
  }

  logFiles(name: string): LogFiles {
    const { log, user } = this.#known(name).config;
    if (!log) {
      throw new HoldfastError('HF_NO_LOG', `${name} is configured with log = false`);
    }
    return new DiskLogFiles(this.#disk, log.path, user);
  }

  events(filter: NearEventFilter): Promise<readonly EventInfo[]> {
    return findEvents(this.#parts.history, filter);
  }

  log(name: string, query: LogQuery, ended?: EndSignal): AsyncIterable<Uint8Array> {
    return readLog(() => this.logFiles(name), query, { clock: this.clock, ended });
  }

  search(request: SearchRequest, ended?: EndSignal): AsyncIterable<SearchItem> {
    const logs = {
      searchable: async () => [...this.#consoles.keys()],
      logFiles: (name: string) => this.logFiles(name),
    };
    return searchHost(logs, request, ended);
  }

  followEvents(...how: Parameters<NearHost['followEvents']>): AsyncIterable<EventInfo> {
    return followEvents(this, ...how);
  }

  onEvent(handler: (event: HostEvent) => void): () => void {
    return this.#parts.events.listen(handler);
  }

  async configuration(name?: string): Promise<RunningConfig> {
    return runningConfig(this.config, name === undefined ? undefined : this.#known(name).name);
  }

  async plan(instead?: HostConfig): Promise<PlanResult> {
    return { ...(await this.#configuration.plan(instead)), ...this.#unopened() };
  }

  async apply(by: Principal, plan?: string): Promise<PlanResult> {
    return { ...(await this.#configuration.apply(by, plan)), ...this.#unopened() };
  }

  /** Adds the consoles of folders that can be read again (`Configuration.takeFound`). */
  takeFound(folders: readonly string[], by: Principal): Promise<boolean> {
    return this.#configuration.takeFound(folders, by);
  }

  async evict(name: string, sessions: readonly number[], reason: string): Promise<number> {
    return this.#known(name).evict(sessions, reason);
  }

  async reopenLogs(): Promise<void> {
    this.#parts.backends.reopenLogs();
  }

  async down(all: boolean, by: Principal): Promise<void> {
    const { backends } = this.#parts;
    if (!all && backends.endWithServer) {
      throw new HoldfastError(
        'HF_BAD_REQUEST',
        'all: the processes of this server end with it: down --all (all = true) says that this is meant',
      );
    }
    if (all) {
      await backends.mustAnswer();
    }
    // The answer goes out first.
    setImmediate(() => this.#tellGoDown({ all, by }));
  }

  /** Of all sessions, one each. */
  get people(): readonly Principal[] {
    return [...this.#consoles.values()].flatMap(({ registry }) => registry.entries.map(({ principal }) => principal));
  }

  /** Their principals may have other rights now. */
  reviewSessions(): void {
    for (const { registry } of this.#consoles.values()) {
      registry.rightsChanged();
    }
    this.#overview.review();
  }

  /** Stops every process by its recipe. */
  async stopAll(by: Principal): Promise<void> {
    await Promise.all(this.consoles.map((console) => console.shutDown(by)));
  }

  #unopened(): Pick<PlanResult, 'unopened'> {
    const unopened = this.consoles.flatMap(({ name }) =>
      this.#services.unopened(name).map((each) => ({ console: name, ...each })),
    );
    return unopened.length === 0 ? {} : { unopened };
  }

  #begin(added: readonly (() => void)[]): void {
    this.#queue.gather(() => {
      for (const begin of added) {
        begin();
      }
    });
  }

  async #add(config: ConsoleConfig): Promise<() => void> {
    const { console, kept } = await this.#make(config).catch(async (error: Error) => {
      // Nothing of it may be left: clients would wait at its endpoints for a console that never begins.
      if (this.#consoles.has(config.name)) {
        await this.#remove(config.name, NOT_MADE);
      }
      throw error;
    });
    this.#holds.came(console);
    return () => console.begin(kept);
  }

  async #change(config: ConsoleConfig, by: Principal): Promise<void> {
    const console = this.#known(config.name);
    const reset = this.#parts.resets?.(console.config, config) ?? false;
    await console.reconfigure(config, logSpec(config, this.config.server));
    this.#services.consoleChanged(console, reset);
    if (reset) {
      console.reset(by);
    }
  }

  async #make(config: ConsoleConfig): Promise<{ console: HostConsole; kept: KeptConsole }> {
    const logTrouble = (text: string) => void this.#parts.events.add({ console: config.name, type: 'log', text });
    const { backend, kept } = this.#parts.backends.openBackend(
      config.name,
      logSpec(config, this.config.server),
      logTrouble,
    );
    const console = new HostConsole(config, backend, this.#shared);
    this.#consoles.set(config.name, console);
    // Already before the holder answers: clients that connect wait for it, and a start is done sooner.
    this.#services.consoleCame(console);
    return { console, kept: await kept };
  }

  async #remove(name: string, by: Principal): Promise<void> {
    const console = this.#known(name);
    this.#services.consoleWent(name);
    this.#consoles.delete(name);
    this.#holds.went(console);
    try {
      await console.remove(by);
    } catch (error) {
      this.#consoles.set(name, console);
      throw error;
    }
  }

  #known(name: string): HostConsole {
    const console = this.#consoles.get(name);
    if (!console) {
      throw new HoldfastError('HF_NO_CONSOLE', `no console is named '${name}'`);
    }
    return console;
  }

  /** The console for an action. It must have begun, which would undo earlier requests. */
  #console(name: string): HostConsole {
    const console = this.#known(name);
    if (!console.hasBegun) {
      const silence = this.#parts.backends.silence;
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
}
