/** One console as services use it. Implemented by `HostConsole`. */
import type { HoldInfo, SessionInfo } from './api.ts';
import type { Descriptors } from './backend.ts';
import type { ConsoleConfig } from './config.ts';
import type { Note } from './events.ts';
import type { OutputStream } from './output-stream.ts';
import type { Principal } from './principal.ts';
import type { ExitStatus, ProcessState } from './process.ts';
import type { Enter } from './session.ts';
import type { Reader } from './subscription.ts';
import type { ProcessWatcher, RestartPolicy, Verdict } from './supervision.ts';

export interface ConsolePort {
  readonly name: string;
  readonly config: ConsoleConfig;
  readonly state: ProcessState;
  readonly hold: HoldInfo | undefined;
  readonly supervised: ProcessPort;
  readonly registry: SessionsPort;
  /** Its output from now on, without a session, until the returned function is called. */
  follow(reader: Reader): () => void;
  /** The one way on; see `SessionSink`. */
  readonly enter: Enter;
  /** Its process is to stay down. */
  stop(by?: Principal): void;
  readonly log: LogPort;
  /** Of its source and its log; -1 for what is not open in this process. */
  readonly descriptors: Descriptors;
  /** Something for the history. */
  noted(note: Note, by: Principal): void;
  /** A break of the line itself; absent where the source has none. */
  readonly sendBreak: (() => void | Promise<void>) | undefined;
  /** Switches XON/XOFF; returns whether it is on now, undefined where there is none. */
  toggleFlow(): boolean | undefined;
}

/** `always` where there is a log, `lines` where it has marks, the others where its marks include them. */
export type MarkKind = 'always' | 'lines' | 'activity' | 'breaks' | 'tasks';

/** What goes into the log of a console besides its stream. Implemented by `LogMarks`. */
export interface LogPort {
  /** Whether the output goes there: users may switch that off. */
  readonly on: boolean;
  /** Ignored where the holder is too old for it. */
  setOn(on: boolean, why: string): void;
  /** `[-- text -- time]`. */
  mark(kind: MarkKind, text: string): void;
}

/** The sessions of a console, whatever channel they use. Implemented by `SessionRegistry`. */
export interface SessionsPort {
  /** Who has the keyboard. */
  readonly writer: SessionInfo | undefined;
  /** Oldest first. */
  readonly entries: readonly SessionEntry[];
}

/** A session, as the others on its console and its administrators see it. */
export interface SessionEntry {
  readonly principal: Principal;
  readonly info: SessionInfo;
  /** Time of its last input, or of its coming, milliseconds since 1970. */
  readonly lastInput: number;
  /** Throws it out. */
  readonly evicted: (reason: string) => void;
  /** Shows what somebody said to the people on the console. */
  readonly tell: (text: string) => void;
}

/** What runs on a console, or the link that is its source. Implemented by `ProcessConsole`. */
export interface ProcessPort {
  readonly stream: OutputStream;
  readonly state: ProcessState;
  /** Of the child that is there. */
  readonly pid: number | undefined;
  /** Wall time of the last start, milliseconds. */
  readonly startedAt: number | undefined;
  readonly lastEnd: ExitStatus | undefined;
  readonly supervisor: SupervisorPort;
  /** A command prepares the source: what is typed goes nowhere. */
  readonly initializing: boolean;
  /** Printed before the first output of a child; a NUL stands for its pid. */
  greeting: (() => string) | undefined;
  /** Until the returned function is called. */
  watch(watcher: ProcessWatcher): () => void;
  /** Writes a note into the stream: to the log, and to all readers. */
  say(text: string): void;
  /** Input that was not typed, such as a break in the form of a string. Nothing is dropped; see `full`. */
  type(bytes: Uint8Array): void;
  /** The source does not read, and much input is waiting. */
  readonly full: boolean;
  /** Signal number, to the child's group; kept for a child that is being started. */
  signal(number: number, by: Principal): void;
  setMode(mode: RestartPolicy['mode'], by: Principal): void;
}

/** When it runs. Implemented by `Supervisor`. */
export interface SupervisorPort {
  readonly state: ProcessState;
  readonly policy: RestartPolicy;
  /** It is stopping, and nothing follows. */
  readonly staysDown: boolean;
  /** The policy's verdict on an unrequested end, if it happened now. */
  verdict(status: ExitStatus): Verdict;
  start(by?: Principal): void;
  release(by?: Principal): void;
}
