/** The selection in the list. */
import { computed, effect, signal } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { all, listed } from '../list/table.ts';

export const chosen = signal<ReadonlySet<string>>(new Set());
/** Where a range starts. */
let anchor: string | undefined;

/** Their current rows, by name. */
export const chosenConsoles = computed<readonly ConsoleSummary[]>(() =>
  chosen.value.size === 0 ? [] : all.value.filter(({ name }) => chosen.value.has(name)),
);

/** How many of them the filter hides. */
export const hidden = computed(() => {
  const shown = chosen.value.size === 0 ? 0 : listed.value.rows.filter(({ name }) => chosen.value.has(name)).length;
  return chosen.value.size - shown;
});

// A removed console is not selected if it comes back.
effect(() => {
  const there = chosenConsoles.value;
  if (there.length < chosen.peek().size) {
    chosen.value = new Set(there.map(({ name }) => name));
  }
});

export function toggle(name: string): void {
  const next = new Set(chosen.peek());
  if (!next.delete(name)) {
    next.add(name);
  }
  chosen.value = next;
  anchor = name;
}

export function choose(names: readonly string[]): void {
  chosen.value = new Set([...chosen.peek(), ...names]);
}

export function chooseOnly(names: readonly string[]): void {
  chosen.value = new Set(names);
  anchor = undefined;
}

/** Selects all listed rows from the last selected one to this one. */
export function chooseTo(name: string): void {
  const names = listed.peek().rows.map((row) => row.name);
  const [from, to] = [names.indexOf(anchor ?? name), names.indexOf(name)];
  if (to >= 0) {
    choose(from < 0 ? [name] : names.slice(Math.min(from, to), Math.max(from, to) + 1));
  }
  anchor = name;
}

export function chooseShown(): void {
  choose(listed.peek().rows.map(({ name }) => name));
}

export function chooseNone(): void {
  chooseOnly([]);
}
