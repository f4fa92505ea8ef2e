/** One console as services use it: what it is, and one way to do something to it. Implemented by `HostConsole`. */
import type { HoldInfo, SessionInfo } from './api.ts';
import type { Descriptors } from './backend.ts';
import type { ConsoleConfig } from './config.ts';
import type { Act } from './console-acts.ts';
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
  /** The one way to do something to it. A session has one of its own (`Session.act`). */
  readonly act: Act;
  readonly log: LogPort;
  /** Of its source and its log; -1 for what is not open in this process. */
  readonly descriptors: Descriptors;
}

/** The log of a console. Implemented by `LogMarks`. */
export interface LogPort {
  /** Whether the output goes there: users may switch that off. */
  readonly on: boolean;
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
}

/** The source of a console: its program, or its link. Implemented by `ProcessConsole`. */
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
}

/** When it runs. Implemented by `Supervisor`. */
export interface SupervisorPort {
  readonly state: ProcessState;
  readonly policy: RestartPolicy;
  /** It is stopping, and nothing follows. */
  readonly staysDown: boolean;
  /** The policy's verdict on an unrequested end, if it happened now. */
  verdict(status: ExitStatus): Verdict;
}
