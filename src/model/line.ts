/** Settings of a conserver line other than its address. */

/** Settings of a terminal or a serial line; absent: as the kernel, or `flow`, has it. */
export interface LineModes {
  readonly ixon?: boolean;
  readonly ixoff?: boolean;
  readonly ixany?: boolean;
  /** Codes of the keys that erase a character and a line. */
  readonly erase?: number;
  readonly kill?: number;
}

/** How a line comes back as those of conserver do (spec/conserver.md 8.2). */
export interface LinePolicy {
  /** So many ends in a row, each within `within` milliseconds of its start, are too many; 0: none are. */
  readonly spin: { readonly count: number; readonly within: number };
  /** Whether it is tried again, later and later, when it could not be opened or ended too often. */
  readonly retries: boolean;
  /** Whether exit status 0 restarts it whatever the mode. */
  readonly againAtZero: boolean;
}
