/** What is wrong with a log: told once for each kind, and once when it is over. */
import type { LogTrouble } from '../model/holder-protocol.ts';

/** It cannot be opened, not written, not moved aside; or does not come back from one of them. */
export type TroubleKind = 'open' | 'write' | 'move' | 'hang';

/** `trouble`: what is wrong from now on, undefined: nothing is. */
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
    // Why a file cannot be opened may change; of the others only figures do.
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
