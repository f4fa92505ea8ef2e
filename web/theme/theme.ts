/** The colours of the page: those of the system, or those chosen in this browser. The style has each look once, selected by the attributes set here. */

import { LOOK_KEY } from '../../src/model/page-look.ts';

export const CHOICES = ['system', 'light', 'dark', 'contrast'] as const;
export type Choice = (typeof CHOICES)[number];

/** Event of the window when the look may have changed. */
const CHANGED = 'holdfast-look';

const DARK = matchMedia('(prefers-color-scheme: dark)');
const MORE = matchMedia('(prefers-contrast: more)');

export function chosen(): Choice {
  try {
    const kept = localStorage.getItem(LOOK_KEY);
    return CHOICES.find((each) => each === kept) ?? 'system';
  } catch {
    return 'system';
  }
}

export function choose(choice: Choice): void {
  try {
    localStorage.setItem(LOOK_KEY, choice);
  } catch {
    // The browser stores nothing: the choice holds for this page, until the system changes.
  }
  show(choice);
}

function show(choice: Choice): void {
  const isDark = choice === 'dark' || (choice !== 'light' && DARK.matches);
  const { dataset } = document.documentElement;
  dataset.theme = isDark ? 'dark' : 'light';
  dataset.contrast = choice === 'contrast' || MORE.matches ? 'more' : 'usual';
  dispatchEvent(new Event(CHANGED));
}

/** Now, and whenever the system or another tab changes the look. */
export function keepLook(): void {
  const follow = (): void => show(chosen());
  follow();
  DARK.addEventListener('change', follow);
  MORE.addEventListener('change', follow);
  addEventListener('storage', ({ key }) => key === LOOK_KEY && follow());
}

/** Calls back until the returned function is called. */
export function onLook(changed: () => void): () => void {
  addEventListener(CHANGED, changed);
  return () => removeEventListener(CHANGED, changed);
}
