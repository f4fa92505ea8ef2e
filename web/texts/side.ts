/** Texts of the side-by-side view. */
import { MOST_SIDES } from '../side/side-query.ts';

export const SIDE_TEXTS = {
  title: 'Side by side',
  consoles: 'Add',
  empty: `Add up to ${MOST_SIDES} consoles. The address of this page is the layout: bookmark it or send it.`,
  full: `All ${MOST_SIDES} places are taken: close one to add another.`,
  leftOut: (names: readonly string[]) => `Not shown, as there is room for ${MOST_SIDES}: ${names.join(', ')}.`,
  logs: 'Their logs',
  hint: 'Ctrl+] leaves a terminal; arrows then move to the next, and Enter goes in.',
  enlarge: (name: string) => `Enlarge ${name}`,
  back: 'Show all',
  close: (name: string) => `Close ${name}`,
} as const;
