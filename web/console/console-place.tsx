/** Where a console is shown; what shows it is loaded with the first one. */
import { conditionOf } from '../../src/model/condition.ts';
import { listQuery } from '../list/filter.ts';
import { consoleNamed } from '../list/table.ts';
import { Acts } from '../parts/acts.tsx';
import { lazy } from '../parts/lazy.tsx';
import { Mark } from '../parts/mark.tsx';
import { consolesHref, listHref } from '../route.ts';
import { standing } from '../standing.ts';
import { TEXTS } from '../texts/page.ts';

export interface ConsoleProps {
  readonly name: string;
}

const ConsoleView = lazy<ConsoleProps>(async () => (await import('./loaded.ts')).ConsoleView, 'console');

export function ConsolePlace({ name }: ConsoleProps) {
  const found = consoleNamed(name);
  return (
    <main class="console">
      <div class="place">
        <a href={listHref(listQuery.value)}>{TEXTS.allConsoles}</a>
        <h1>{name}</h1>
        {found && <Mark condition={conditionOf(found.value)} />}
        {found?.value.description && <span class="description">{found.value.description}</span>}
        <span class="tools">
          <a href={consolesHref('log', [name])}>{TEXTS.log}</a>
          <a href={consolesHref('side', [name])}>{TEXTS.side}</a>
        </span>
        {found && <Acts name={name} />}
      </div>
      {found === undefined && standing.value.is === 'live' && <p class="nothing">{TEXTS.noConsole(name)}</p>}
      <ConsoleView name={name} />
    </main>
  );
}
