import { filesDiffer } from '../files-differ.ts';
import { listQuery } from '../list/filter.ts';
import { failing } from '../list/table.ts';
import { logOut, who } from '../person.ts';
import { listHref, type QueryViewName, queryHref, route } from '../route.ts';
import { standing } from '../standing.ts';
import { TEXTS } from '../texts/page.ts';
import { lazy } from './lazy.tsx';

const ThemeMenu = lazy(async () => (await import('../theme/theme-menu.tsx')).ThemeMenu);

/** What has a link from everywhere, in this order. */
const VIEWS: readonly ('list' | QueryViewName)[] = ['list', 'side', 'log', 'plan', 'history', 'audit'];

export function Header() {
  const count = failing.value;
  return (
    <header class={`top ${route.value.view}`}>
      <a class="brand" href={listHref('')}>
        {TEXTS.product}
      </a>
      <Views />
      <span class="host">{location.host}</span>
      {route.value.view !== 'list' && count > 0 && (
        <a class="failing" href={listHref('')}>
          {TEXTS.failing(count)}
        </a>
      )}
      {filesDiffer.value && route.value.view !== 'plan' && (
        <a class="differs" href={queryHref('plan')}>
          {TEXTS.filesDiffer}
        </a>
      )}
      <span class={`standing ${standing.value.is}`}>
        <i aria-hidden="true" />
        {STANDINGS[standing.value.is]}
      </span>
      <ThemeMenu />
      {who.value && (
        <span class="who">
          <span>{who.value.user}</span>
          <button type="button" class="quiet" onClick={() => void logOut()}>
            {TEXTS.logOut}
          </button>
        </span>
      )}
    </header>
  );
}

function Views() {
  const { view } = route.value;
  return (
    <nav class="views" aria-label={TEXTS.viewsOfPage}>
      {VIEWS.map((name) => (
        <a
          key={name}
          href={queryHref(name, name === 'list' ? listQuery.value : '')}
          aria-current={name === view ? 'page' : undefined}
        >
          {TEXTS.views[name]}
        </a>
      ))}
    </nav>
  );
}

const STANDINGS = {
  loading: TEXTS.loading,
  live: TEXTS.live,
  away: TEXTS.notLiveTitle,
  'logged-out': TEXTS.loggedOut,
} as const;
