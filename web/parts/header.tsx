import { useEffect, useRef } from 'preact/hooks';
import { listQuery } from '../list/filter.ts';
import { failing } from '../list/table.ts';
import { logOut, who } from '../person.ts';
import { listHref, type QueryViewName, queryHref, route } from '../route.ts';
import { standing } from '../standing.ts';
import { TEXTS } from '../texts/page.ts';
import { lazy } from './lazy.tsx';

const HeaderLater = lazy(async () => (await import('./header-later.tsx')).HeaderLater);

/** The views in the header, in this order. */
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
      <HeaderLater />
      <span class={`standing ${standing.value.is}`}>
        <i aria-hidden="true" />
        {STANDINGS[standing.value.is]}
      </span>
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
  const nav = useRef<HTMLElement>(null);
  useEffect(() => nav.current?.querySelector('[aria-current]')?.scrollIntoView(), [view]);
  return (
    <nav ref={nav} class="views" aria-label={TEXTS.viewsOfPage}>
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
