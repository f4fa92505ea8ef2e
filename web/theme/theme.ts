/** How the page looks: as the system wants it, or as somebody has chosen in this browser. The style has each look once, by what is set here. */

export const CHOICES = ['system', 'light', 'dark', 'contrast'] as const;
export type Choice = (typeof CHOICES)[number];

export const KEY = 'holdfast.theme';

const DARK = matchMedia('(prefers-color-scheme: dark)');
const MORE = matchMedia('(prefers-contrast: more)');

export function chosen(): Choice {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.find((each) => each === kept) ?? 'system';
  } catch {
    return 'system';
  }
}

export function show(choice: Choice): void {
  const isDark = choice === 'dark' || (choice !== 'light' && DARK.matches);
  const { dataset } = document.documentElement;
  dataset.theme = isDark ? 'dark' : 'light';
  dataset.contrast = choice === 'contrast' || MORE.matches ? 'more' : 'usual';
}

/** Calls back when the system wants another look. */
export function onSystem(changed: () => void): void {
  DARK.addEventListener('change', changed);
  MORE.addEventListener('change', changed);
}
