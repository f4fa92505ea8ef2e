/** One console of the list: drawn again when it changes, and not when others do. */
import { useComputed } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf, sinceOf, toneOf } from '../../src/model/condition.ts';
import { userText } from '../../src/model/principal.ts';
import { duration, local, untilText } from '../../src/model/time-text.ts';
import { now } from '../now.ts';
import { Mark } from '../parts/mark.tsx';
import { consoleHref } from '../route.ts';
import { TEXTS } from '../texts/page.ts';
import { rowParts } from './row-parts.ts';
import type { Row } from './table.ts';

interface RowProps {
  readonly row: Row;
  /** In the whole list, from 0. */
  readonly at: number;
  readonly isLarge: boolean;
  readonly isCurrent: boolean;
}

export function RowView({ at, isCurrent, isLarge, row }: RowProps) {
  const console = row.console.value;
  const condition = conditionOf(console);
  const { hour, total } = console.restarts;
  const { name } = console;
  const parts = rowParts.value;
  return (
    // The titles are the first row.
    <div role="row" aria-rowindex={at + 2} class={`row ${toneOf(condition)}${isLarge ? ' large' : ''}`}>
      <Cell name="pick">{parts && <parts.pick name={name} />}</Cell>
      <Cell name="state">
        <Mark condition={condition} />
      </Cell>
      <Cell name="name">
        <a href={consoleHref(name)} tabIndex={isCurrent ? 0 : -1} data-name={name}>
          {name}
        </a>
      </Cell>
      <Cell name="since" title={local(new Date(sinceOf(console)).toISOString())}>
        <Since key={sinceOf(console)} at={sinceOf(console)} />
      </Cell>
      <Cell name={hour > 0 ? 'restarts some' : 'restarts'} title={TEXTS.restartsWhole(hour, total)}>
        {total > 0 && TEXTS.restarts(hour, total)}
      </Cell>
      <Cell name="writer">{console.writer && userText(console.writer)}</Cell>
      <Cell name="cpu">{parts && <parts.cpu name={name} />}</Cell>
      <Cell name="memory">{parts && <parts.memory name={name} />}</Cell>
      <Cell name="last" title={console.description}>
        {isLarge ? (
          <a href={consoleHref(name, 'why')} tabIndex={isCurrent ? 0 : -1}>
            {lastOf(console) || TEXTS.why}
          </a>
        ) : (
          lastOf(console)
        )}
      </Cell>
    </div>
  );
}

function Cell({
  children,
  name,
  title,
}: {
  readonly name: string;
  readonly title?: string;
  readonly children?: unknown;
}) {
  return (
    <span role="cell" class={name} title={title}>
      {children as never}
    </span>
  );
}

/** Only its text is redrawn. */
function Since({ at }: { readonly at: number }) {
  return <>{useComputed(() => duration(now.value - at))}</>;
}

/** Why it is not up, if known, or why it has no log; otherwise its last line. */
function lastOf(console: ConsoleSummary): string {
  const { hold, lastLine, logTrouble, startTrouble, waitsFor } = console;
  if (hold) {
    return TEXTS.held(hold.by, hold.until && untilText(hold.until, now.peek()), hold.reason);
  }
  if (waitsFor) {
    return TEXTS.waitsFor(waitsFor.what);
  }
  if (startTrouble) {
    return conditionOf(console) === 'dark' ? startTrouble.text : TEXTS.notStarted(startTrouble.text);
  }
  return logTrouble ? TEXTS.notLogged(logTrouble.text) : lastLine;
}
