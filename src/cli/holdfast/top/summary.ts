/** All consoles in one line. Pure. */
import type { ConsoleSummary } from '../../../model/api.ts';
import { PROCESS_STATES } from '../../../model/process.ts';
import { urgency } from '../text/styles.ts';

/** `25 consoles: 1 crash-looping, 1 held, 23 ready`. */
export function summaryText(consoles: readonly ConsoleSummary[]): string {
  const counts = [...PROCESS_STATES]
    .sort((a, b) => urgency(a) - urgency(b))
    .map((state) => ({ state, count: consoles.filter((console) => console.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`);
  const all = `${consoles.length} console${consoles.length === 1 ? '' : 's'}`;
  return counts.length === 0 ? all : `${all}: ${counts.join(', ')}`;
}
