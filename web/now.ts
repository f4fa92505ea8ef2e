/** The time at the server, whose times they are that the page shows: the clock of a browser may be wrong by a day. */
import { signal } from '@preact/signals';

const STEP_MS = 1000;
/** By less than this no two clocks are said to differ: what says so is in whole seconds, and took its time to come. */
const LEAST_MS = 5000;

let aheadMs = 0;
export const now = signal(Date.now());
setInterval(step, STEP_MS);

function step(): void {
  now.value = Date.now() + aheadMs;
}

/** `date`: of an answer that has just come. */
export function serverSays(date: string | null): void {
  const ahead = Date.parse(date ?? '') - Date.now();
  aheadMs = Math.abs(ahead) > LEAST_MS ? ahead : 0;
  step();
}
