/** The time of the server, as are all times on the page: the clock of a browser may be a day off. */
import { signal } from '@preact/signals';

const STEP_MS = 1000;
/** Smaller differences are ignored: the header has whole seconds, and takes time to arrive. */
const LEAST_MS = 5000;

let aheadMs = 0;
export const now = signal(Date.now());
setInterval(step, STEP_MS);

function step(): void {
  now.value = Date.now() + aheadMs;
}

/** `date`: the header of an answer that has just arrived. */
export function serverSays(date: string | null): void {
  const ahead = Date.parse(date ?? '') - Date.now();
  aheadMs = Math.abs(ahead) > LEAST_MS ? ahead : 0;
  step();
}
