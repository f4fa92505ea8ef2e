/** The machine as manage-procs and the launcher see it, so that a test can replace it. */

export interface Outside {
  readonly env: NodeJS.ProcessEnv;
  /** Effective user id. */
  readonly uid: number;
  /** Absolute. */
  readonly cwd: string;
  /** Folder of the system's configuration: `/etc`. */
  readonly etc: string;
  /** Folder of our programs (`procServ`, `procServ-launcher`), absolute. */
  readonly programs: string;
  out(text: string): void;
  err(text: string): void;
  /** Runs a program of PATH with our terminal to its end; its exit status, 127 if there is no such program. */
  run(program: string, words: readonly string[]): number;
  /** Becomes this program; returns only by an Error. */
  become(file: string, words: readonly string[], env?: NodeJS.ProcessEnv): never;
  /** The line a person types at the terminal; absent if there is none. */
  readonly ask?: (question: string) => string;
}

/** A message for standard error, and the end. */
export class Refused extends Error {
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}
