/** What the views have in common. Pure. */
import type { Style } from '../text/styles.ts';
import type { Top } from './state.ts';

/** What the state does not say. */
export interface Looks {
  readonly color: boolean;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
  /** `25 consoles: 23 ready, 1 held`. */
  readonly summary: (consoles: Top['consoles']) => string;
  /** What `ps` has in its last column, cleaned. */
  readonly remark: (console: Top['consoles'][number], now: number) => { readonly text: string; readonly style?: Style };
  /** At another host: its name. */
  readonly host: string | undefined;
}

export function goneText(since: number): string {
  return `-- the server is gone since ${timeOfDay(since, false)}; waiting for it: this is what it last said --`;
}

export function timeOfDay(time: number, seconds: boolean): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), ...(seconds ? [date.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
