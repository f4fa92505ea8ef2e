/** How the page looks: as the system wants it, or as somebody has chosen in this browser. The style has each look once, by what is set here. */

import { LOOK_KEY } from '../../src/model/page-look.ts';

export const CHOICES = ['system', 'light', 'dark', 'contrast'] as const;
export type Choice = (typeof CHOICES)[number];

/** Of the window, whenever the page may look otherwise. */
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
    // A browser that keeps nothing: it holds for this page, until the system wants another look.
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

/** Now, and whenever the system wants another look, or another tab of this browser has chosen one. */
export function keepLook(): void {
  const follow = (): void => show(chosen());
  follow();
  DARK.addEventListener('change', follow);
  MORE.addEventListener('change', follow);
  addEventListener('storage', ({ key }) => key === LOOK_KEY && follow());
}

/** Calls back until the function that it returns is called. */
export function onLook(changed: () => void): () => void {
  addEventListener(CHANGED, changed);
  return () => removeEventListener(CHANGED, changed);
}
