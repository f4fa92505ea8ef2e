/** Of terminals; this browser remembers it. Pixels. */
import { signal } from '@preact/signals';

export const SMALLEST_FONT = 9;
export const LARGEST_FONT = 28;
const USUAL = 14;
const KEY = 'holdfast.fontSize';

export const fontSize = signal(known());

export function resizeFont(by: number): void {
  fontSize.value = Math.min(LARGEST_FONT, Math.max(SMALLEST_FONT, fontSize.value + by));
  try {
    localStorage.setItem(KEY, String(fontSize.value));
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
}

function known(): number {
  try {
    const size = Number(localStorage.getItem(KEY));
    return size >= SMALLEST_FONT && size <= LARGEST_FONT ? size : USUAL;
  } catch {
    return USUAL;
  }
}
