/**
 * A host in memory behind the port that the listeners see: real rings, sessions and keyboards, no processes. Calls are
 * recorded in `calls`; the test acts as the source (`say`, `full`, `remove`).
 */

import { ConsoleFeed } from '../../src/host/console-feed.ts';
import { findEvents, followEvents } from '../../src/host/find-events.ts';
import { DiskLogFiles } from '../../src/logs/disk-log-files.ts';
import { readLog } from '../../src/logs/read-log.ts';
import { searchHost } from '../../src/logs/search-host.ts';
import type {
  ConsoleDetail,
  ConsoleSummary,
  EventInfo,
  PastResources,
  PlanResult,
  RunningConfig,
  SearchItem,
  VersionInfo,
} from '../../src/model/api.ts';
import type { HostConfig } from '../../src/model/config.ts';
import type { EndSignal } from '../../src/model/end-signal.ts';
import { type ErrorCode, HoldfastError } from '../../src/model/errors.ts';
import type { Happening, HostEvent } from '../../src/model/events.ts';
import type { FeedNews, FeedPlace } from '../../src/model/feed.ts';
import type { ConsoleFilter, LogQuery, NearEventFilter, NearHost, SearchRequest } from '../../src/model/host-port.ts';
import type { Principal } from '../../src/model/principal.ts';
import type { Resources } from '../../src/model/resources.ts';
import type { EnterOptions, Session, SessionSink } from '../../src/model/session.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeConsole } from './fake-console.ts';

/** One requested verb. */
export interface Call {
  readonly verb: string;
  readonly name?: string;
  readonly args?: readonly unknown[];
  readonly by: Principal;
}

export class FakeHost implements NearHost {
  readonly #disk = new DiskFiles(systemClock);
  readonly calls: Call[] = [];
  readonly consoles = new Map<string, FakeConsole>();
  /** Those of its configuration. */
  files: readonly string[] = ['/etc/holdfast/holdfast.toml'];
  /** The configuration in force. */
  running: RunningConfig = { files: [], consoles: [] };
  /** The answer of `plan` and `apply`. */
  planned: PlanResult = { steps: [], server: [], problems: [] };
  /** The answer to a `plan` of another configuration. */
  plannedInstead: (instead: HostConfig) => PlanResult = () => this.planned;
  /** Thrown by the next verb with this name. */
  readonly failures = new Map<string, HoldfastError>();
  readonly #history: HostEvent[] = [];
  readonly #listeners = new Set<(event: HostEvent) => void>();

  /** How many watch the table. */
  watchers = 0;
  /** Tells the feed. */
  #happened: (event: HostEvent) => void = () => undefined;
  readonly #feed = new ConsoleFeed<FakeConsole>({
    clock: systemClock,
    consoles: this.consoles,
    line: (console) => console.summary().lastLine,
    rows: () => (console) => console.summary(),
    refreshLines: async () => undefined,
    listen: (handler) => {
      this.#happened = handler;
    },
  });

  /** Adds a running `run` console with `overrides`. */
  add(name: string, overrides: Partial<ConsoleDetail> = {}): FakeConsole {
    const made = new FakeConsole(name, overrides);
    this.consoles.set(name, made);
    return made;
  }

  /** The source goes away: all attached sessions are told. */
  remove(name: string): void {
    this.#console(name).close('the console was removed');
    this.consoles.delete(name);
  }

  /** The next call of this verb fails. */
  fail(verb: string, code: ErrorCode, detail: string): void {
    this.failures.set(verb, new HoldfastError(code, detail));
  }

  /** Adds an event to the history and reports it to all followers. */
  emit(event: Happening): HostEvent {
    const whole: HostEvent = { seq: this.#history.length + 1, time: '2026-03-01T03:00:00.000Z', ...event };
    this.#history.push(whole);
    this.#happened(whole);
    for (const listener of [...this.#listeners]) {
      listener(whole);
    }
    return whole;
  }

  /** The number of followers of the events. */
  get followers(): number {
    return this.#listeners.size;
  }

  async version(): Promise<VersionInfo> {
    const startedAt = '2026-03-01T02:00:00.000Z';
    return {
      version: '0.1.0',
      pid: process.pid,
      startedAt,
      node: process.version,
      holder: { pid: process.pid, version: '0.1.0', protocol: 1, startedAt },
      consoles: this.consoles.size,
      config: { files: this.files, changedOnDisk: false },
    };
  }

  async list({ group, state }: ConsoleFilter = {}): Promise<readonly ConsoleSummary[]> {
    return [...this.consoles.values()]
      .map((each) => each.summary())
      .filter(
        (each) => (group === undefined || each.groups.includes(group)) && (state === undefined || each.state === state),
      );
  }

  async *watch(after?: FeedPlace, ended?: EndSignal): AsyncGenerator<FeedNews> {
    this.watchers++;
    try {
      yield* this.#feed.watch(after, ended);
    } finally {
      this.watchers--;
    }
  }

  async resources(): Promise<ReadonlyMap<string, Resources>> {
    const known = [...this.consoles].flatMap(([name, { overrides }]): [string, Resources][] =>
      overrides.resources ? [[name, overrides.resources]] : [],
    );
    return new Map(known);
  }

  async pastResources(name: string): Promise<PastResources> {
    this.#console(name);
    return { since: new Date(0).toISOString(), spans: [] };
  }

  async detail(name: string): Promise<ConsoleDetail> {
    return this.#console(name).detail();
  }

  mustKnow(name: string): void {
    this.#console(name);
  }

  async start(name: string, by: Principal): Promise<ConsoleSummary> {
    const target = this.#asked('start', name, by);
    if (target.overrides.hold) {
      throw new HoldfastError('HF_HELD', `${name} is held by ${target.overrides.hold.by}`);
    }
    target.overrides = { ...target.overrides, state: 'running', pid: 4711 };
    return target.summary();
  }

  async stop(name: string, by: Principal): Promise<ConsoleSummary> {
    return this.#stopped(this.#asked('stop', name, by), 'stopped');
  }

  async restart(name: string, by: Principal): Promise<ConsoleSummary> {
    const target = this.#asked('restart', name, by);
    target.overrides = { ...target.overrides, state: 'running' };
    return target.summary();
  }

  async signal(name: string, signal: number, by: Principal): Promise<ConsoleSummary> {
    const target = this.#asked('signal', name, by, signal);
    if (target.detail().kind !== 'run') {
      throw new HoldfastError('HF_NOT_A_PROCESS', `${name} is a ${target.detail().kind} console`);
    }
    return target.summary();
  }

  async hold(name: string, reason: string, until: number | undefined, by: Principal): Promise<ConsoleSummary> {
    const target = this.#asked('hold', name, by, reason, until);
    this.#stopped(target, 'held');
    const since = new Date().toISOString();
    const end = until === undefined ? {} : { until: new Date(until).toISOString() };
    target.overrides = { ...target.overrides, hold: { reason, by: by.user, since, ...end } };
    return target.summary();
  }

  async release(name: string, by: Principal): Promise<ConsoleSummary> {
    const target = this.#asked('release', name, by);
    const { hold: _, ...others } = target.overrides;
    target.overrides = { ...others, state: 'running' };
    return target.summary();
  }

  enter(name: string, by: Principal, options: EnterOptions, sink: SessionSink): Session {
    return this.#asked('enter', name, by, options.from, options.mode).enter(by, options, sink);
  }

  logFiles(name: string): DiskLogFiles {
    const current = this.#console(name).logs.at(-1);
    if (current === undefined) {
      throw new HoldfastError('HF_NO_LOG', `${name} keeps no log`);
    }
    return new DiskLogFiles(this.#disk, current);
  }

  log(name: string, query: LogQuery, ended?: EndSignal): AsyncIterable<Uint8Array> {
    return readLog(() => this.logFiles(name), query, { clock: systemClock, ended });
  }

  search(request: SearchRequest, ended?: EndSignal): AsyncIterable<SearchItem> {
    const logs = { searchable: async () => [...this.consoles.keys()], logFiles: (name: string) => this.logFiles(name) };
    return searchHost(logs, request, ended);
  }

  events(filter: NearEventFilter): Promise<EventInfo[]> {
    const find = async (matches: (event: HostEvent) => boolean, limit: number) =>
      limit === 0 ? [] : this.#history.filter(matches).slice(-limit);
    return findEvents({ find, newest: this.#history.at(-1)?.seq ?? 0 }, filter);
  }

  followEvents(...how: Parameters<NearHost['followEvents']>): AsyncIterable<EventInfo> {
    return followEvents(this, ...how);
  }

  onEvent(handler: (event: HostEvent) => void): () => void {
    this.#listeners.add(handler);
    return () => this.#listeners.delete(handler);
  }

  async configuration(name?: string): Promise<RunningConfig> {
    if (name !== undefined && !this.running.consoles.some((each) => each.name === name)) {
      throw new HoldfastError('HF_NO_CONSOLE', `There is no console ${name}`);
    }
    const consoles = this.running.consoles.filter((each) => name === undefined || each.name === name);
    return { ...this.running, consoles };
  }

  async plan(instead?: HostConfig): Promise<PlanResult> {
    return instead === undefined ? this.planned : this.plannedInstead(instead);
  }

  async apply(by: Principal): Promise<PlanResult> {
    this.#note('apply', by);
    return this.planned;
  }

  async evict(name: string, sessions: readonly number[], reason: string, by: Principal): Promise<number> {
    this.#note('evict', by, [name, sessions, reason]);
    return sessions.length;
  }

  async reopenLogs(by: Principal): Promise<void> {
    this.#note('reopenLogs', by, []);
  }

  async down(all: boolean, by: Principal): Promise<void> {
    this.#note('down', by, [all]);
  }

  #console(name: string): FakeConsole {
    const found = this.consoles.get(name);
    if (!found) {
      throw new HoldfastError('HF_NO_CONSOLE', `There is no console ${name}`);
    }
    return found;
  }

  #asked(verb: string, name: string, by: Principal, ...args: unknown[]): FakeConsole {
    const target = this.#console(name);
    this.calls.push({ verb, name, args, by });
    this.#happened({ console: name } as HostEvent);
    this.#failAsTold(verb);
    return target;
  }

  #note(verb: string, by: Principal, args: readonly unknown[] = []): void {
    this.calls.push({ verb, args, by });
    this.#failAsTold(verb);
  }

  #failAsTold(verb: string): void {
    const failure = this.failures.get(verb);
    if (failure) {
      this.failures.delete(verb);
      throw failure;
    }
  }

  #stopped(target: FakeConsole, state: 'stopped' | 'held'): ConsoleSummary {
    const { pid: _, ...others } = target.overrides;
    target.overrides = { ...others, state };
    return target.summary();
  }
}
