/** What a log is made with. */
import type { MemoryBudget } from '../model/memory-budget.ts';
import type { LineStamper } from './line-stamper.ts';
import type { LogPath } from './log-place.ts';
import type { Rotation } from './log-rotation.ts';
import type { ReportTrouble } from './log-trouble.ts';

export interface LogOptions extends LogPath {
  readonly stamper?: LineStamper;
  readonly rotate?: Rotation;
  /** fdatasync(2): never, after every write (0), or this many milliseconds after a write. */
  readonly sync?: number;
  /** Of all logs, and not of this one alone: bounds what waits for the disk. */
  readonly budget?: MemoryBudget | undefined;
  /** Gets everything that is appended, and keeps none of it. */
  readonly copy?: (data: Uint8Array) => void;
  /** Called once for each kind of trouble and once when it is over. */
  readonly report: ReportTrouble;
  /** Told of every gap, when it is written down in the log, or when that cannot be done any more. */
  readonly lost?: (message: string) => void;
}
