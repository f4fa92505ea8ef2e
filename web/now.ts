/** The time, for what shows how long something has been so. */
import { signal } from '@preact/signals';

const STEP_MS = 1000;

export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, STEP_MS);
