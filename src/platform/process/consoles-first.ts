/** For work that nobody types at: whatever else wants the processor goes first. */
import { getPriority, setPriority } from 'node:os';

const NICE = 10;

export function consolesFirst(): void {
  try {
    if (getPriority() < NICE) {
      setPriority(NICE);
    }
  } catch {
    // A sandbox may refuse it, as that of units from 0.1.0 does: then the work is done all the same.
  }
}
