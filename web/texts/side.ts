/** What is said beside several consoles. */
import { MOST_SIDES } from '../side/side-query.ts';

export const SIDE_TEXTS = {
  title: 'Side by side',
  consoles: 'Add',
  empty: `Choose up to ${MOST_SIDES} consoles to have them side by side. The address of this page is the layout: it can be bookmarked and sent.`,
  full: `${MOST_SIDES} consoles are as many as there is room for: close one to add another.`,
  leftOut: (names: readonly string[]) => `Not shown, since there is room for ${MOST_SIDES}: ${names.join(', ')}.`,
  logs: 'Their logs',
  hint: 'Ctrl+] leaves a terminal; then arrows go to the next one, and Enter into it.',
  enlarge: (name: string) => `Make ${name} large`,
  back: 'All of them',
  close: (name: string) => `Close ${name}`,
} as const;
