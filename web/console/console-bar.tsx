/** The bar above each view of a console: name, state, other views, actions. */
import { conditionOf } from '../../src/model/condition.ts';
import { listQuery } from '../list/filter.ts';
import { consoleNamed } from '../list/table.ts';
import { Acts } from '../parts/acts.tsx';
import { Mark } from '../parts/mark.tsx';
import { type ConsoleViewName, consoleHref, consolesHref, listHref } from '../route.ts';
import { standing } from '../standing.ts';
import { BAR_TEXTS } from '../texts/bar.ts';

export interface ConsoleProps {
  readonly name: string;
}

const VIEWS: readonly ConsoleViewName[] = ['console', 'why'];

export function ConsoleBar({ name, view }: ConsoleProps & { readonly view: ConsoleViewName }) {
  const found = consoleNamed(name);
  return (
    <>
      <div class="place">
        <a href={listHref(listQuery.value)}>{BAR_TEXTS.allConsoles}</a>
        <h1>{name}</h1>
        {found && <Mark condition={conditionOf(found.value)} />}
        {found?.value.description && <span class="description">{found.value.description}</span>}
        <nav class="tools" aria-label={BAR_TEXTS.viewsOfConsole}>
          {VIEWS.map((each) => (
            <a key={each} href={consoleHref(name, each)} aria-current={each === view ? 'page' : undefined}>
              {BAR_TEXTS.consoleViews[each]}
            </a>
          ))}
          <a href={consolesHref('log', [name])}>{BAR_TEXTS.log}</a>
          <a href={consolesHref('side', [name])}>{BAR_TEXTS.side}</a>
        </nav>
        {found && <Acts name={name} />}
      </div>
      {found === undefined && standing.value.is === 'live' && <p class="nothing">{BAR_TEXTS.noConsole(name)}</p>}
    </>
  );
}
