/** The control API as the commands see it. Every call rejects with a HoldfastError of the catalogue; HF_NO_SERVER when nobody answers. */
import type { ConsoleDetail, ConsoleSummary, EventInfo, PlanResult, SessionInfo, VersionInfo } from '../model/api.ts';
import type { ErrorCode } from '../model/errors.ts';

/** Errors worth a retry while a server comes back. */
export const PASSING: ReadonlySet<ErrorCode> = new Set([
  ...(['HF_NO_SERVER', 'HF_NO_ANSWER', 'HF_BUSY', 'HF_GOING_DOWN', 'HF_NO_HOLDER'] as const),
]);

export interface ListFilter {
  readonly group?: string;
  readonly state?: string;
  /** Glob over names. */
  readonly match?: string;
}

export interface LogQuery {
  /** The last lines only. */
  readonly tail?: number;
  /** ISO 8601. */
  readonly since?: string;
  readonly until?: string;
  readonly follow?: boolean;
}

export interface EventQuery {
  readonly console?: string;
  readonly limit?: number;
  /** Only events with a larger `seq`. */
  readonly since?: number;
  /** Without those about sessions and the keyboard. */
  readonly changes?: boolean;
}

/** Where an attachment begins: `lines` of history, or everything from `offset` on that is still there. */
export type AttachFrom = { readonly lines: number } | { readonly offset: number };

export interface LinkHandlers {
  /** `offset`: position of the first byte in the console's output. */
  readonly output: (bytes: Uint8Array, offset: number) => void;
  /** Output that was overwritten before this session read it. */
  readonly missed: (bytes: number) => void;
  /** Who has the keyboard now. */
  readonly writer: (holder: SessionInfo | undefined) => void;
  /** A message to everybody on the console. */
  readonly said: (text: string) => void;
  readonly refused: (code: ErrorCode, detail: string) => void;
  /** The last call. `final`: the server ended the session and says why; else the connection was lost. */
  readonly closed: (reason: string, final: boolean) => void;
  /** Whether `acknowledge` of the link is called: then the server does not send far beyond that. */
  readonly acknowledges?: boolean;
}

/** One open attachment. No method throws; after `closed` every call does nothing. */
export interface Link {
  readonly session: SessionInfo;
  readonly offset: number;
  /** What comes before this offset is history. */
  readonly live: number;
  readonly writer: SessionInfo | undefined;
  input(bytes: Uint8Array): void;
  take(force: boolean): void;
  release(): void;
  resize(columns: number, rows: number): void;
  /** Everything before `offset` has been shown. */
  acknowledge(offset: number): void;
  close(): void;
}

export interface ControlClient {
  version(): Promise<VersionInfo>;
  list(filter: ListFilter): Promise<readonly ConsoleSummary[]>;
  detail(name: string): Promise<ConsoleDetail>;
  act(name: string, verb: 'start' | 'stop' | 'restart' | 'release'): Promise<ConsoleSummary>;
  signal(name: string, signal: number): Promise<ConsoleSummary>;
  /** `until`: ISO 8601. */
  hold(name: string, reason: string, until: string | undefined): Promise<ConsoleSummary>;
  log(name: string, query: LogQuery): AsyncIterable<Uint8Array>;
  events(query: EventQuery): Promise<readonly EventInfo[]>;
  /** Goes on until it is left, or `ended`; then it throws. */
  followEvents(query: EventQuery, ended?: AbortSignal): AsyncIterable<EventInfo>;
  plan(): Promise<PlanResult>;
  apply(): Promise<PlanResult>;
  down(all: boolean): Promise<void>;
  /** A request that answers with one JSON document, for what has no call of its own here. */
  json<T>(method: 'GET' | 'POST', target: string, body?: object): Promise<T>;
  /** A request that answers with lines until the server or `ended` ends it. */
  lines(target: string, ended: AbortSignal): AsyncIterable<string>;
  /** Handlers are called only after this has resolved. */
  attach(name: string, from: AttachFrom, write: boolean, handlers: LinkHandlers): Promise<Link>;
}
