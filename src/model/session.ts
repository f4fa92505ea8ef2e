/** Sessions as their users see them: what a session asks of its console, and what the console tells it. */
import type { SessionInfo } from './api.ts';
import type { ConsoleActs, ConsoleVerb } from './console-acts.ts';
import type { HoldfastError } from './errors.ts';
import type { LineEnds } from './line-ends.ts';
import type { Principal } from './principal.ts';
import type { ProcessState } from './process.ts';
import type { Verb } from './rights.ts';

/** Where the output of a session begins: so many lines of history, or everything from an offset on that is still there. */
export type EnterFrom = { readonly lines: number } | { readonly offset: number };

export interface EnterOptions {
  /** The first output. Absent: see `subscribe`. */
  readonly from?: EnterFrom;
  /** `write` asks for the keyboard, without force; `always` writes without it, as users of procServ endpoints do. */
  readonly mode: 'read' | 'write' | 'always';
  /** Of `write`: why, in the words of whoever enters. */
  readonly reason?: string | undefined;
  /** The console is entered when this has resolved; what it rejects with is why not. */
  readonly after?: () => Promise<unknown>;
}

/** A session's side: called by the console, never before `enter` has returned. */
export interface SessionSink<S extends SessionPort = Session> {
  /** The session is on the console: the first call. */
  entered(session: S): void;
  /** In place of `entered`: the only call. */
  refused(error: Error): void;
  /** Output from `offset` on; false: full, call `resume` when there is room. The bytes count as taken either way. */
  output(bytes: Uint8Array, offset: number): boolean;
  /** Output that was overwritten before this session read it. */
  missed(bytes: number): void;
  /** The keyboard, or input without it, was asked for in vain. Absent: the sink goes by what `take` and `write` return. */
  denied?(error: HoldfastError): void;
  /** The keyboard has changed hands; absent: nobody has it. */
  writer(writer: SessionInfo | undefined): void;
  /** A message to everybody on this console, one line; `notice`: of the console itself. */
  said(text: string, notice?: boolean): void;
  /** The state of the source is another one. Absent: the sink does not ask. */
  state?(state: ProcessState): void;
  /** Its principal may have other rights than before; what is gone is gone by then. */
  reviewed?(): void;
  /** The source takes input again: the answer to `awaitRoom`. */
  room(): void;
  /**
   * The console is removed, or the session was thrown out: the last call. It does not follow `leave`. `lost`: it was neither, but
   * the way to the console is gone, and a new session may go on where this one ended.
   */
  closed(reason: string, lost?: boolean): void;
}

/** Enters one console; the principal may still be being looked up. */
export type Enter = (by: Principal | Promise<Principal>, options: EnterOptions, sink: SessionSink) => Session;

/** One principal on one console, near or far. Before `entered` it can only leave; after its end nothing has an effect. */
export interface SessionPort {
  readonly info: SessionInfo;
  /**
   * Offset of the first byte that `output` brings, and of now when that was settled: bytes before `live` are history.
   */
  readonly offset: number;
  readonly live: number;
  readonly writer: SessionInfo | undefined;
  /** Of the source; undefined: a server that does not say. */
  readonly state: ProcessState | undefined;
  /** Asks for the keyboard; `force` takes it from whoever has it; `reason`: why. The sink hears what becomes of it. */
  take(force: boolean, reason?: string): void;
  release(): void;
  /** Input, with the keyboard. */
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  leave(): void;
}

/** Services that only the process of the console can provide. */
export interface Session extends SessionPort {
  readonly principal: Principal;
  /** Why its principal may not do this now; undefined: it may. To be asked by whoever is about to do it, since a refusal is recorded. */
  ask(verb: Verb): HoldfastError | undefined;
  /** Does something to the console, in the name of its principal. Throws why it may not. */
  act<V extends ConsoleVerb>(verb: V, ...how: Parameters<ConsoleActs[V]>): ReturnType<ConsoleActs[V]>;
  /** The source was opened for this session: its first output begins at `offset`, and nobody has seen it. */
  readonly opened: boolean;
  /** How many sessions the console has, this one among them. */
  readonly sessions: number;
  /** Time of the last input, or of coming, milliseconds since 1970. */
  lastInput: number;
  /** Whether this session has the keyboard now. */
  take(force: boolean, reason?: string): boolean;
  /** Input; false: this session may not write now. Line ends as in `Runner.write`. */
  write(bytes: Uint8Array, ends?: LineEnds): boolean;
  /** The source does not read: no more input before `room`, which `awaitRoom` asks for. */
  readonly full: boolean;
  awaitRoom(): void;
  /** Output from `offset` on, by default from now on, replacing the current position. */
  subscribe(offset?: number): void;
  /** No more output; the offset at which it could go on, if there was some to come. */
  unsubscribe(): number | undefined;
  /** There is room for output again. */
  resume(): void;
  /** Offset of the next byte of output, and for how long room for it has been waited for. Milliseconds. */
  readonly place: { readonly offset: number; readonly stalled: number } | undefined;
}
