/** The name of a console: a link with its condition, if the console exists. */
import type { Signal } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf } from '../../src/model/condition.ts';
import { consoleHref } from '../route.ts';
import { Mark } from './mark.tsx';

export function ConsoleName({
  console,
  name,
}: {
  readonly name: string;
  readonly console: Signal<ConsoleSummary> | undefined;
}) {
  return console ? (
    <>
      <a class="console-name" href={consoleHref(name)}>
        {name}
      </a>{' '}
      <Mark condition={conditionOf(console.value)} />
    </>
  ) : (
    <b class="console-name">{name}</b>
  );
}
