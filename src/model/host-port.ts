/**
 * The host server as its users see it, near and far: the listeners come to it by its `HostDoor`, src/client is a `HostClient` over the
 * control API. This, `ConsolePort` and `HostService` are all that a listener knows of the host: its room may import neither host/ nor
 * console/.
 */
import type {
  AccessInfo,
  ConsoleDetail,
  ConsoleSummary,
  EventInfo,
  Opening,
  PastResources,
  PlanResult,
  RunningConfig,
  SearchItem,
  VersionInfo,
} from './api.ts';
import type { AuditReader } from './audit.ts';
import type { HostConfig } from './config.ts';
import type { EndSignal } from './end-signal.ts';
import type { HoldfastError } from './errors.ts';
import type { EventType, HostEvent } from './events.ts';
import type { FeedNews, FeedPlace } from './feed.ts';
import type { IsisPort } from './isis-port.ts';
import type { Principal } from './principal.ts';
import type { ProcessState } from './process.ts';
import type { Resources } from './resources.ts';
import type { Verb } from './rights.ts';
import type { EnterFrom, EnterOptions, Session, SessionPort, SessionSink } from './session.ts';
import type { TokensPort } from './token-port.ts';

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
  /** The user that, besides root, may write to its folder. */
  readonly user: string | undefined;
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

export interface LogQuery extends LogRange {
  /** Goes on with what is written. */
  readonly follow?: boolean;
}

/** A search of logs. */
export interface SearchRequest {
  /** A regular expression of JavaScript, with its flag `u`. */
  readonly pattern: string;
  /** The pattern is plain text. */
  readonly fixed?: boolean;
  readonly ignoreCase?: boolean;
  /** Lines of context. */
  readonly before?: number;
  readonly after?: number;
  /** Only the last lines, those of context included. */
  readonly tail?: number;
  /** Only lines whose time is known. */
  readonly timed?: boolean;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  /** Names; absent: all consoles. */
  readonly consoles?: readonly string[];
}

/** Selects consoles: those that match all that is given. */
export interface ConsoleFilter {
  readonly group?: string;
  readonly state?: ProcessState;
}

/** Events of a request that does not say how many. */
export const EVENTS_LIMIT = 100;

/** Selects events. */
export interface EventFilter {
  readonly console?: string;
  /** At most the newest so many [EVENTS_LIMIT]. */
  readonly limit?: number;
  /** Only events with a larger number; all events if it is larger than any. */
  readonly since?: number;
  /** Without those of who came, left and has the keyboard. */
  readonly changes?: boolean;
  /** Only events with a smaller number. */
  readonly before?: number;
  readonly types?: readonly EventType[];
  /** Only those by this user, or by the person acting as that user. */
  readonly user?: string;
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly until?: number;
  /** Only those that contain this, in upper or lower case: what happened, to which console, by whom, and why. */
  readonly text?: string;
}

/** The subject and the consoles of a question about rights. */
export interface AccessQuery {
  /** Another user than the one who asks, as one who comes in by the control socket. */
  readonly user?: string;
  /** On this console or ISIS server (`isis.NAME`) alone; absent: on all, and on the server itself. */
  readonly console?: string;
}

/** Of those who may not see everything. */
export interface NearEventFilter extends EventFilter {
  /** Whether events of this console are among them. */
  readonly sees?: (console: string) => boolean;
}

/** Why something is done, in the words of whoever does it. */
export type Reason = readonly [reason?: string];

/**
 * Every call rejects with a HoldfastError (model/errors.ts). Verbs resolve with the console as it was when the verb was done, whatever
 * followed. `By`: within the host it names the principal that acts. Behind the door, and far away, that is settled
 * (docs/decisions/0100-one-interface-near-and-far.md), and a verb may be given a reason.
 */
export interface HostPort<By extends readonly unknown[] = readonly [by: Principal]> {
  version(): Promise<VersionInfo>;
  list(filter?: ConsoleFilter): Promise<readonly ConsoleSummary[]>;
  /**
   * The table of all consoles, then what changes in it, at most four times a second, until `ended`. From `after` on,
   * where that is still known: then the first news are what was missed, which may be nothing. A slow reader gets only
   * the newest.
   */
  watch(after?: FeedPlace, ended?: EndSignal): AsyncIterable<FeedNews>;
  /** Resource use of all consoles, by name; consoles without processes are left out. */
  resources(): Promise<ReadonlyMap<string, Resources>>;
  /** Past resource use of its processes, as far back as the server has it. */
  pastResources(name: string): Promise<PastResources>;
  detail(name: string): Promise<ConsoleDetail>;
  start(name: string, ...by: By): Promise<ConsoleSummary>;
  stop(name: string, ...by: By): Promise<ConsoleSummary>;
  restart(name: string, ...by: By): Promise<ConsoleSummary>;
  /** Signal number. */
  signal(name: string, signal: number, ...by: By): Promise<ConsoleSummary>;
  /** `until` in milliseconds since 1970. Rejects with HF_NOT_KEPT if it is held, but would not be after a reboot. */
  hold(name: string, reason: string, until: number | undefined, ...by: By): Promise<ConsoleSummary>;
  /** The counterpart of `hold`. */
  release(name: string, ...by: By): Promise<ConsoleSummary>;
  /** The bytes of a console's log, rotated and packed files too; followed until `ended`. Throws HF_NO_LOG when it is first read. */
  log(name: string, query: LogQuery, ended?: EndSignal): AsyncIterable<Uint8Array>;
  /** A console without a log has no matches. */
  search(request: SearchRequest, ended?: EndSignal): AsyncIterable<SearchItem>;
  /** The newest matching events, oldest first. */
  events(filter: EventFilter): Promise<readonly EventInfo[]>;
  /** The newest matching events, then every one that follows, until `ended`. Throws for a reader that lags too far, or if the server goes. */
  followEvents(filter: EventFilter, ended?: EndSignal): AsyncIterable<EventInfo>;
  /** The configuration in force, for all consoles or this one. */
  configuration(name?: string): Promise<RunningConfig>;
  /** The changes that applying the files on disk would make, or this configuration in their place. */
  plan(instead?: HostConfig): Promise<PlanResult>;
  /** `plan`: only if the plan still has this `id`. */
  apply(...how: [...by: By, plan?: string]): Promise<PlanResult>;
  /** Ends the server; `all`: the holder and all children too, each by its recipe. Rejects if it cannot be done now. */
  down(all: boolean, ...by: By): Promise<void>;
}

/** A host, wherever it is, as one principal uses it: what commands, pages and other programs hold. */
export interface HostClient extends HostPort<Reason> {
  /** Who may do what. */
  access(query?: AccessQuery): Promise<AccessInfo>;
  /** Access that is open to many. */
  openings(): Promise<readonly Opening[]>;
  readonly isis: IsisPort<Reason>;
  readonly audit: AuditReader;
  readonly tokens: TokensPort<Reason>;
  /** A session on a console, which it enters later: what prevents that is told to `refused`. */
  enter(name: string, options: ClientEnterOptions, sink: SessionSink<SessionPort>): ClientSession;
}

export interface ClientEnterOptions {
  readonly from: EnterFrom;
  /** `write` asks for the keyboard, without force. */
  readonly mode: 'read' | 'write';
  /** Why the keyboard is asked for. */
  readonly reason?: string | undefined;
  /** Whether `acknowledge` is called: then little is sent beyond what was shown, and ^C acts on what one sees. */
  readonly acknowledges?: boolean;
  /** How much is sent beyond what was shown, 64 to 256 KiB; absent: 256. */
  readonly windowBytes?: number | undefined;
}

export interface ClientSession extends SessionPort {
  /** Why the keyboard would have been refused when it came in, free or not: a right or a reason was missing. */
  readonly refusal: HoldfastError | undefined;
  /** Everything before this offset has been shown. */
  acknowledge(offset: number): void;
}

/**
 * The host as one principal uses it, in its process: no verb is done without its right (docs/decisions/0094-rights.md). Rejects with
 * HF_FORBIDDEN and HF_REASON_NEEDED, too.
 */
export interface ActingHost extends HostPort<Reason> {
  readonly by: Principal;
  readonly isis: IsisPort<Reason>;
  readonly audit: AuditReader;
  readonly tokens: TokensPort<Reason>;
  access(query?: AccessQuery): Promise<AccessInfo>;
  openings(): Promise<readonly Opening[]>;
  /** Throws if there is no console of this name, or if this principal may not enter it. */
  mustEnter(name: string): void;
  /** Why this principal may not do this; undefined: it may. `ask`: of somebody who is about to do it; a refusal is recorded. */
  refusal(verb: Verb, name?: string): HoldfastError | undefined;
  ask(verb: Verb, name?: string): HoldfastError | undefined;
  /** Records that the listener refuses this, by lists of its own. */
  deny(verb: Verb, why: string, name?: string): void;
  /** Throws sessions out of a console, by their numbers; resolves with how many there were. */
  evict(name: string, sessions: readonly number[], reason: string): Promise<number>;
  /** All log files are opened again. */
  reopenLogs(): Promise<void>;
  /** The names of the consoles whose logs this principal may read. */
  searchable(): Promise<readonly string[]>;
  enter(name: string, options: EnterOptions, sink: SessionSink): Session;
  /** A console's log to read, rotated files and all. */
  logFiles(name: string): LogFiles;
  /** `behind`: called once for a reader that lags too far: it is refused at its next step. */
  followEvents(filter: EventFilter, ended?: EndSignal, behind?: () => void): AsyncIterable<EventInfo>;
}

/** The one way to the host. */
export interface HostDoor {
  as(by: Principal): Promise<ActingHost>;
}

/** The host itself, which asks for no rights: for those that build on it in its process, not for listeners. */
export interface NearHost extends HostPort {
  /** The newest matching events, oldest first. */
  events(filter: NearEventFilter): Promise<readonly EventInfo[]>;
  /** Throws if there is no console of this name. */
  mustKnow(name: string): void;
  /** A session on a console; throws if there is none, and reports later failures to `refused`. */
  enter(name: string, by: Principal, options: EnterOptions, sink: SessionSink): Session;
  /** A console's log to read, rotated files and all. */
  logFiles(name: string): LogFiles;
  evict(name: string, sessions: readonly number[], reason: string, by: Principal): Promise<number>;
  reopenLogs(by: Principal): Promise<void>;
  /** Calls back for every event from now on, until the returned function is called. */
  onEvent(handler: (event: HostEvent) => void): () => void;
  /** `behind`: called once for a reader that lags too far: it is refused at its next step. */
  followEvents(filter: NearEventFilter, ended?: EndSignal, behind?: () => void): AsyncIterable<EventInfo>;
}
