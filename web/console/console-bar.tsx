/** What stands above each view of a console: its name, how it is, and its other views. */
import { conditionOf } from '../../src/model/condition.ts';
import { listQuery } from '../list/filter.ts';
import { consoleNamed } from '../list/table.ts';
import { Mark } from '../parts/mark.tsx';
import { type ConsoleViewName, consoleHref, listHref, queryHref } from '../route.ts';
import { standing } from '../standing.ts';
import { TEXTS } from '../texts/page.ts';

const VIEWS: readonly ConsoleViewName[] = ['console', 'why'];

export function ConsoleBar({ name, view }: { readonly name: string; readonly view: ConsoleViewName }) {
  const found = consoleNamed(name);
  return (
    <>
      <div class="place">
        <a href={listHref(listQuery.value)}>{TEXTS.allConsoles}</a>
        <h1>{name}</h1>
        {found && <Mark condition={conditionOf(found.value)} />}
        {found?.value.description && <span class="description">{found.value.description}</span>}
        <nav class="tools" aria-label={TEXTS.viewsOfConsole}>
          {VIEWS.map((each) => (
            <a key={each} href={consoleHref(name, each)} aria-current={each === view ? 'page' : undefined}>
              {TEXTS.consoleViews[each]}
            </a>
          ))}
          <a href={queryHref('log', new URLSearchParams({ console: name }).toString())}>{TEXTS.log}</a>
        </nav>
      </div>
      {found === undefined && standing.value.is === 'live' && <p class="nothing">{TEXTS.noConsole(name)}</p>}
    </>
  );
}
