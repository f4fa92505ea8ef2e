/** Where somebody is on the page: behind the `#`, so that it works below any path, and can be sent to somebody else. */
import { computed, signal } from '@preact/signals';

/** Views of one console, and those that are about what their query says: `#console/NAME`, `#plan?QUERY`. The list is what has no name. */
const OF_CONSOLE = ['console', 'why'] as const;
const OF_QUERY = ['side', 'log', 'plan', 'history', 'audit'] as const;

export type ConsoleViewName = (typeof OF_CONSOLE)[number];
export type QueryViewName = (typeof OF_QUERY)[number];

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

export type Route =
  | { readonly view: 'list' | QueryViewName; readonly query: string }
  | { readonly view: ConsoleViewName; readonly name: string };

export const route = computed<Route>(() => {
  const [, word = '', slash, rest = ''] = /^#?([a-z]*)([/?]?)(.*)$/s.exec(hash.value) ?? [];
  const ofConsole = OF_CONSOLE.find((each) => each === word);
  if (ofConsole && slash === '/') {
    return { view: ofConsole, name: decoded(rest) };
  }
  return { view: OF_QUERY.find((each) => each === word) ?? 'list', query: rest };
});

export function consoleHref(name: string, view: ConsoleViewName = 'console'): string {
  return `#${view}/${encodeURIComponent(name)}`;
}

export function listHref(query: string): string {
  return queryHref('list', query);
}

export function queryHref(view: 'list' | QueryViewName, query = ''): string {
  return `#${view === 'list' ? '' : view}${query === '' ? '' : `?${query}`}`;
}

/** Address of a view of several consoles. */
export function consolesHref(view: 'log' | 'side', names: readonly string[]): string {
  return queryHref(view, new URLSearchParams(names.map((name): [string, string] => ['console', name])).toString());
}

/** The current query of the address. The view, and `route`, follow a moment later. */
export function queryNow(): string {
  return /\?(.*)$/s.exec(location.hash)?.[1] ?? '';
}

/** Replaces the query of the current view, without an entry in the browser history. */
export function replaceQuery(view: 'list' | QueryViewName, query: string): void {
  const next = queryHref(view, query);
  hash.value = next;
  try {
    history.replaceState(null, '', next);
  } catch {
    // Browsers limit their rate (Safari: 100 in 30 s); a later call will succeed.
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
