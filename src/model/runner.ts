/**
 * Runs a child in its terminal and keeps its output: in this process (`terminal/`), or in the holder behind a socket.
 * The supervisor decides, the runner acts.
 */

import type { LineModes } from './line.ts';
import type { LineEnds } from './line-ends.ts';
import type { EndRecord } from './process.ts';
import type { ResourceCaps } from './resources.ts';
import type { StopStep } from './stop-recipe.ts';

/** The part of a child's specification that the addon and the holder take unchanged. Names are resolved: numbers only. */
export interface ChildProgram {
  /** Program, searched in the PATH of `env` when it has no slash (execvp). */
  readonly file: string;
  /** The argument vector, `argv[0]` included. */
  readonly argv: readonly string[];
  /** The whole environment as `NAME=value`; absent: that of the host process. */
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly umask?: number;
  /** Supplementary groups, then group, then user are set in this order; the terminal becomes the user's. */
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
}

/** The program to run, and its settings. */
export interface ChildSpec extends ChildProgram {
  /** By lower-case name (`core`, `nofile`); -1 is unlimited, null leaves that limit as it is. */
  readonly limits?: Readonly<Record<string, { readonly soft: number | null; readonly hard: number | null }>>;
  /** Limits for it and its descendants, if there is a cgroup for them. */
  readonly caps?: ResourceCaps;
  /** Settings of its terminal besides those of the kernel; holders of an older version leave them. */
  readonly modes?: LineModes;
  /** The high bit of every byte of its output is cleared; holders of an older version leave it. */
  readonly stripHigh?: true;
  readonly columns?: number;
  readonly rows?: number;
  /**
   * For a holder that is told to end while no server is there: how it stops this child, and before which others (by
   * name).
   */
  readonly stop?: { readonly steps: readonly StopStep[]; readonly before: readonly string[] };
  /** Written into the stream once there is a child, before its first output; each NUL in it stands for the pid. */
  readonly greeting?: string;
}

/** Why a child did not become its program. It ends with status 255 all the same. */
export interface StartFailure {
  readonly step: 'cgroup' | 'limits' | 'groups' | 'gid' | 'uid' | 'chdir' | 'exec';
  /** Symbol and text of errno. */
  readonly code: string;
  readonly message: string;
}

export interface RunnerHandlers {
  /** There is a child. `greeted`: its greeting was said; holders of an older version do not know of it. */
  readonly started: (pid: number, failure?: StartFailure, greeted?: boolean) => void;
  /** There is none: no terminal or process was available. */
  readonly notStarted: (error: Error) => void;
  /** The child is gone, and all its output is in the stream. */
  readonly ended: (end: EndRecord) => void;
  /** The stream has grown. */
  readonly advanced: () => void;
  /** There is room for input again. */
  readonly drained: () => void;
}

export interface Runner {
  /** The supervisor's handlers; set once, before the first start. */
  handlers: RunnerHandlers;
  start(spec: ChildSpec): void;
  /** Gives up a start, if one is under way and that can be done: `notStarted` follows, perhaps within the call. */
  abandon?(): void;
  /**
   * Input to the child; false: no room, `drained` follows. Without a child it goes nowhere. If the child's terminal
   * maps a carriage return to a line feed, `ends` says which line feeds would be superfluous.
   */
  write(bytes: Uint8Array, ends?: LineEnds): boolean;
  /** A signal to the child's process group; false if nobody is there. */
  kill(signal: number): boolean;
  resize(columns: number, rows: number): void;
  /** Says something into the stream, and so to the log and everybody who reads. */
  note(bytes: Uint8Array): void;
}
