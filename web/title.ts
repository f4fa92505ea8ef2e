/** Shows the number of failing consoles in the title and icon of a background tab. */
import { effect } from '@preact/signals';
import { failing } from './list/table.ts';
import { route } from './route.ts';
import { standing } from './standing.ts';
import { TEXTS } from './texts/page.ts';

/** Icons for 0, 1 to 9, more; then the one of a page that is not live. */
const MORE = 10;
const NOT_LIVE = 11;

export function keepTitle(): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  effect(() => {
    const isLive = standing.value.is === 'live' || standing.value.is === 'loading';
    const count = failing.value;
    const { value } = route;
    const place = 'name' in value ? [value.name] : value.view === 'list' ? [] : [TEXTS.views[value.view]];
    const said = isLive ? (count > 0 ? [TEXTS.failing(count)] : []) : [TEXTS.notLiveTitle];
    document.title = TEXTS.title([...said, ...place]);
    const icon = `${WEB_FILES.icons}-${isLive ? Math.min(count, MORE) : NOT_LIVE}.svg`;
    link?.setAttribute('href', new URL(icon, import.meta.url).href);
  });
}
