/** The problems of a log: each kind is reported once, and once when it is over. */
import type { LogTrouble } from '../model/holder-protocol.ts';

/** It cannot be opened, written or moved aside, or one of these hangs. */
export type TroubleKind = 'open' | 'write' | 'move' | 'hang';

/** `trouble`: the problem from now on, undefined if there is none. */
export type ReportTrouble = (message: string, trouble: LogTrouble | undefined) => void;

export class LogTroubles {
  readonly #path: string;
  readonly #report: ReportTrouble;
  #kind: TroubleKind | undefined;
  #trouble: LogTrouble | undefined;

  constructor(path: string, report: ReportTrouble) {
    this.#path = path;
    this.#report = report;
  }

  get now(): LogTrouble | undefined {
    return this.#trouble;
  }

  is(kind: TroubleKind): boolean {
    return this.#kind === kind;
  }

  begin(kind: TroubleKind, text: string, since: number): void {
    const same = this.#kind === kind;
    // The reason why a file cannot be opened may change; of the others only figures do.
    const told = same && (kind !== 'open' || this.#trouble?.text === text);
    this.#kind = kind;
    this.#trouble = { text, since: same ? (this.#trouble?.since ?? since) : since };
    if (!told) {
      this.#report(text, this.#trouble);
    }
  }

  /** Trouble of these kinds is over. */
  end(...kinds: readonly TroubleKind[]): void {
    if (this.#kind !== undefined && kinds.includes(this.#kind)) {
      this.#kind = undefined;
      this.#trouble = undefined;
      this.#report(`log file ${this.#path} is written again`, undefined);
    }
  }
}
