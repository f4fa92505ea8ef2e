/** From a button to a run: whether to confirm, and on which consoles to act. */
import { type Signal, untracked } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { isAskedFirst, isSensible } from '../../src/model/sensible-verbs.ts';
import type { WaitedVerb } from '../../src/model/verb-progress.ts';
import { host } from '../host.ts';
import { consoleNamed, news } from '../list/table.ts';
import { askAgain, reasonFor } from './access.ts';
import type { Answer, Question } from './act-dialog.tsx';
import { Run } from './run.ts';

/** Consoles that it would not change are skipped. */
export function questionOf(verb: WaitedVerb, consoles: readonly ConsoleSummary[]): Question {
  const meant = consoles.filter((console) => isSensible(verb, console));
  return { verb, consoles: meant, leftOut: consoles.length - meant.length };
}

export function isToBeAsked({ consoles, verb }: Question): boolean {
  const wanted = reasonFor(
    verb,
    consoles.map(({ name }) => name),
  );
  return verb === 'hold' || wanted === 'asked' || wanted === 'required' || isAskedFirst(verb, consoles);
}

export function runOf({ consoles, verb }: Question, { reason, until }: Answer): Run {
  const names = consoles.map(({ name }) => name);
  return new Run(
    { verb, names },
    {
      act: (name) =>
        verb === 'hold'
          ? host.hold(name, reason ?? '', until)
          : host[verb](name, ...(reason === undefined ? [] : [reason])),
      news,
      rowOf: (name) => untracked(() => consoleNamed(name)?.peek()),
      forbidden: askAgain,
      now: () => performance.now(),
    },
  );
}

/** The previous run is no longer followed. */
export function begin(place: Signal<Run | undefined>, run: Run | undefined): void {
  place.peek()?.close();
  place.value = run;
  run?.begin();
}
