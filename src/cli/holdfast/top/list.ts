/** The list: its order, what is shown of it, and what is selected. Pure. */
import type { ConsoleSummary } from '../../../model/api.ts';
import { matches } from '../../../model/console-match.ts';
import { listRows, type Top } from './state.ts';

/** After a change of table or filter: the same console stays selected, or the one that has come into its place. */
export function relisted(state: Top): Top {
  const { consoles, filter, selected } = state;
  const shown = filter === '' ? consoles : consoles.filter((console) => matches(console, filter));
  const names = new Set(consoles.map(({ name }) => name));
  const gone = [...state.marked].filter((name) => !names.has(name));
  const marked = gone.length === 0 ? state.marked : new Set([...state.marked].filter((name) => names.has(name)));
  const found = shown.findIndex(({ name }) => name === selected);
  return moved({ ...state, shown, marked }, found < 0 ? state.at : found);
}

/** Selects the console at this index, or the nearest one, and keeps it in sight. */
export function moved(state: Top, to: number): Top {
  const { shown } = state;
  const at = Math.min(Math.max(0, shown.length - 1), Math.max(0, to));
  const rows = listRows(state);
  const least = Math.min(state.first, Math.max(0, shown.length - rows));
  const first = at < least ? at : at >= least + rows ? at - rows + 1 : least;
  return { ...state, at, first, selected: shown[at]?.name };
}

export function selectedOf({ shown, at }: Top): ConsoleSummary | undefined {
  return shown[at];
}

/** The consoles a verb applies to: that of the pane if it has the focus, otherwise the marked ones, or the selected one. */
export function targetsOf(state: Top): readonly string[] {
  const { pane, focus, consoles, marked } = state;
  if (pane && focus === 'pane') {
    return [pane.console];
  }
  if (marked.size > 0) {
    return consoles.map(({ name }) => name).filter((name) => marked.has(name));
  }
  const selected = selectedOf(state);
  return selected ? [selected.name] : [];
}
