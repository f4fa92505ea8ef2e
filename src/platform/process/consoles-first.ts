/** For work that nobody types at: whatever else wants the processor goes first. */
import { getPriority, setPriority } from 'node:os';

const NICE = 10;

export function consolesFirst(): void {
  if (getPriority() < NICE) {
    setPriority(NICE);
  }
}
