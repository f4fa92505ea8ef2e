/** How the page looks, for what is drawn by it, and for the menu. */
import { signal } from '@preact/signals';
import { type Choice, chosen, KEY, onSystem, show } from './theme.ts';

export const choice = signal(chosen());
/** Another one whenever the page may look otherwise. */
export const look = signal(0);

export function choose(wanted: Choice): void {
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
  looksAs(wanted);
}

function looksAs(wanted: Choice): void {
  choice.value = wanted;
  show(wanted);
  look.value++;
}

onSystem(() => looksAs(choice.peek()));
// Another tab of this browser.
addEventListener('storage', ({ key }) => key === KEY && looksAs(chosen()));
