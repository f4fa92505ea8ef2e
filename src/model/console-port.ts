/** One console as services see it. Implemented by `HostConsole`. */
import type { HoldInfo } from './api.ts';
import type { ConsoleConfig } from './config.ts';
import type { OutputStream } from './output-stream.ts';
import type { Principal } from './principal.ts';
import type { ExitStatus, ProcessState } from './process.ts';
import type { Enter } from './session.ts';
import type { ProcessWatcher, RestartPolicy, Verdict } from './supervision.ts';

export interface ConsolePort {
  readonly name: string;
  readonly config: ConsoleConfig;
  readonly state: ProcessState;
  readonly hold: HoldInfo | undefined;
  readonly supervised: ProcessPort;
  /** The one way on; see `SessionSink`. */
  readonly enter: Enter;
  /** Its process is wanted down. */
  stop(by?: Principal): void;
  /** Something for the history: a note, a break. */
  noted(text: string, by: Principal): void;
  /** A break of the line itself; absent where the source has none. */
  readonly sendBreak: (() => void) | undefined;
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
  /** What is said before the first word of a child; a NUL stands for its pid. */
  greeting: (() => string) | undefined;
  /** Until the returned function is called. */
  watch(watcher: ProcessWatcher): () => void;
  /** Says something into the stream: to the log, and to everybody who reads. */
  say(text: string): void;
  /** Signal number, to the child's group; kept for a child that is just being started. */
  signal(number: number, by: Principal): void;
  setMode(mode: RestartPolicy['mode'], by: Principal): void;
}

/** When it runs. Implemented by `Supervisor`. */
export interface SupervisorPort {
  readonly state: ProcessState;
  readonly policy: RestartPolicy;
  /** It is stopping, and nothing is to follow. */
  readonly staysDown: boolean;
  /** What the policy makes of an end that nobody asked for, if it is now. */
  verdict(status: ExitStatus): Verdict;
  start(by?: Principal): void;
  release(by?: Principal): void;
}
