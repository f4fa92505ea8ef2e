/** One console of the list: drawn again when it changes, and not when others do. */
import { useComputed } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf, toneOf } from '../../src/model/condition.ts';
import { duration } from '../../src/model/duration.ts';
import { userText } from '../../src/model/principal.ts';
import { now } from '../now.ts';
import { Mark } from '../parts/mark.tsx';
import { consoleHref } from '../route.ts';
import { TEXTS, wholeTime } from '../texts.ts';
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
  return (
    // The titles are the first row.
    <div role="row" aria-rowindex={at + 2} class={`row ${toneOf(condition)}${isLarge ? ' large' : ''}`}>
      <Cell name="state">
        <Mark condition={condition} />
      </Cell>
      <Cell name="name">
        <a href={consoleHref(console.name)} tabIndex={isCurrent ? 0 : -1} data-name={console.name}>
          {console.name}
        </a>
      </Cell>
      <Cell name="since" title={wholeTime(Date.parse(console.since))}>
        <Since at={console.since} />
      </Cell>
      <Cell name={hour > 0 ? 'restarts some' : 'restarts'} title={TEXTS.restartsWhole(hour, total)}>
        {total > 0 && TEXTS.restarts(hour, total)}
      </Cell>
      <Cell name="writer">{console.writer && userText(console.writer)}</Cell>
      <Cell name="last" title={console.description}>
        {lastOf(console)}
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

/** Only its text is drawn again. */
function Since({ at }: { readonly at: string }) {
  return <>{useComputed(() => duration(now.value - Date.parse(at)))}</>;
}

/** What says more than the last line comes in its place. */
function lastOf({ hold, lastLine, logTrouble, startTrouble, waitsFor }: ConsoleSummary): string {
  if (hold) {
    return TEXTS.held(hold.by, hold.until, hold.reason);
  }
  return (
    startTrouble?.text ??
    (waitsFor ? TEXTS.waitsFor(waitsFor.what) : logTrouble ? TEXTS.notLogged(logTrouble.text) : lastLine)
  );
}
