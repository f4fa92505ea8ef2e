/** Where somebody is on the page: behind the `#`, so that it works below any path, and can be sent to somebody else. */
import { computed, signal } from '@preact/signals';

const CONSOLE = 'console/';

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

export type Route =
  | { readonly view: 'list' /** Of the filter. */; readonly query: string }
  | { readonly view: 'console'; readonly name: string };

export const route = computed<Route>(() => {
  const text = hash.value.replace(/^#/, '');
  return text.startsWith(CONSOLE)
    ? { view: 'console', name: decoded(text.slice(CONSOLE.length)) }
    : { view: 'list', query: text.replace(/^\?/, '') };
});

export function consoleHref(name: string): string {
  return `#${CONSOLE}${encodeURIComponent(name)}`;
}

export function listHref(query: string): string {
  return query === '' ? '#' : `#?${query}`;
}

/** Without a step for the way back. */
export function replaceQuery(query: string): void {
  history.replaceState(null, '', listHref(query));
  hash.value = location.hash;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
