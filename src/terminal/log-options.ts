/** The options of a log. */
import type { MemoryBudget } from '../model/memory-budget.ts';
import type { LogPath } from './log-place.ts';
import type { Rotation } from './log-rotation.ts';
import type { ReportTrouble } from './log-trouble.ts';

/** Puts times into what is written; `milliseconds`: wall time. */
export interface Stamper {
  apply(data: Uint8Array, milliseconds: number): Uint8Array;
}

export interface LogOptions extends LogPath {
  readonly stamper?: Stamper;
  /** Stamps output only, and not the marks in between. */
  readonly outputStamper?: Stamper;
  readonly rotate?: Rotation;
  /** fdatasync(2): never, after every write (0), or this many milliseconds after a write. */
  readonly sync?: number;
  /** Shared by all logs: bounds the data that waits for the disk. */
  readonly budget?: MemoryBudget | undefined;
  /** Gets everything that is appended, and keeps none of it. */
  readonly copy?: (data: Uint8Array) => void;
  /** Called once for each kind of trouble and once when it is over. */
  readonly report: ReportTrouble;
  /** Called for every gap, when it is recorded in the log, or when that is no longer possible. */
  readonly lost?: (message: string) => void;
}
