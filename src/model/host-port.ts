/**
 * The host server as its services see it. Implemented by `ConsoleHost`. This, `ConsolePort` and `HostService` are all that a listener
 * knows of the host: its room may import neither host/ nor console/.
 */
import type { ConsoleDetail, ConsoleSummary, PlanResult, VersionInfo } from './api.ts';
import type { EndSignal } from './end-signal.ts';
import type { HostEvent } from './events.ts';
import type { FeedNews, FeedPlace } from './feed.ts';
import type { Principal } from './principal.ts';
import type { Resources } from './resources.ts';
import type { EnterOptions, Session, SessionSink } from './session.ts';

/** The state of a file when it was opened. Sizes in bytes, times in milliseconds since 1970. */
export interface LogFileStatus {
  readonly size: number;
  readonly modified: number;
  /** Equal for one file under two names. */
  readonly identity: string;
}

/** One file of a log, open to read. */
export interface LogFile {
  readonly fd: number;
  readonly found: LogFileStatus;
  /** Bytes read, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  status(): Promise<LogFileStatus>;
  close(): void;
}

/** The files that make up the log of a console. */
export interface LogFiles {
  /** The current file. */
  readonly path: string;
  /** The suffixes of the names, oldest first, that of the current file (none) last: `.3.gz`, `.2`, `.1`, ``. */
  list(): Promise<readonly string[]>;
  /** Opens it to read; undefined if it is gone. */
  open(suffix: string): Promise<LogFile | undefined>;
  /** Identifies the current file; undefined: none, or unknown. */
  identify(suffix: string): Promise<string | undefined>;
}

export interface LogRange {
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  /** Only the last lines. */
  readonly tail?: number;
}

/** Selects events. */
export interface EventFilter {
  readonly console?: string;
  readonly limit: number;
  /** Only events with a larger number; all events if it is larger than any. */
  readonly since?: number;
  /** Without those of who came, left and has the keyboard. */
  readonly changes?: boolean;
}

/** Every verb throws HoldfastError (model/errors.ts). */
export interface HostPort {
  version(): Promise<VersionInfo>;
  list(): Promise<readonly ConsoleSummary[]>;
  /**
   * The table of all consoles, then what changes in it, at most four times a second, until `ended`. From `after` on,
   * where that is still known: then the first news are what was missed, which may be nothing. A slow reader gets only
   * the newest.
   */
  watch(after?: FeedPlace, ended?: EndSignal): AsyncIterable<FeedNews>;
  /** What the processes of all consoles use, by name; consoles without any are left out. */
  resources(): Promise<ReadonlyMap<string, Resources>>;
  detail(name: string): Promise<ConsoleDetail>;
  /** Its state at the time of the call. */
  summary(name: string): Promise<ConsoleSummary>;
  /** Throws if there is no console of this name. */
  mustKnow(name: string): void;
  start(name: string, by: Principal): void;
  stop(name: string, by: Principal): void;
  restart(name: string, by: Principal): void;
  /** Signal number. */
  signal(name: string, signal: number, by: Principal): void;
  /** `until` in milliseconds since 1970. Rejects with HF_NOT_KEPT if it is held, but would not be after a reboot. */
  hold(name: string, reason: string, until: number | undefined, by: Principal): Promise<void>;
  /** The counterpart of `hold`. */
  release(name: string, by: Principal): Promise<void>;
  /** A session on a console; throws if there is none, and reports later failures to `refused`. */
  enter(name: string, by: Principal, options: EnterOptions, sink: SessionSink): Session;
  /** A console's log to read, rotated files and all. */
  logFiles(name: string): LogFiles;
  /** The newest matching events, oldest first. */
  events(filter: EventFilter): Promise<readonly HostEvent[]>;
  /** Calls back for every event from now on, until the returned function is called. */
  onEvent(handler: (event: HostEvent) => void): () => void;
  /** What applying the files on disk would change. */
  plan(): Promise<PlanResult>;
  apply(by: Principal): Promise<PlanResult>;
  /** Ends the server; `all`: the holder and all children too, each by its recipe. */
  /** Rejects if it cannot be done now. */
  down(all: boolean, by: Principal): Promise<void>;
}
