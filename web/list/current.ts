/** The row with the keyboard focus, kept for the way back from a console. */
import { signal } from '@preact/signals';

export const current = signal<string | undefined>(undefined);

export function linkOf(element: ParentNode | null, name: string): HTMLElement | null {
  return element?.querySelector<HTMLElement>(`a[data-name="${CSS.escape(name)}"]`) ?? null;
}
