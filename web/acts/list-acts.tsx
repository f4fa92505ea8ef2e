/** Actions on the selected consoles, and their progress. */
import { signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { WaitedVerb } from '../../src/model/verb-progress.ts';
import { current, linkOf } from '../list/current.ts';
import { listed } from '../list/table.ts';
import { consolesHref } from '../route.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';
import { ActButtons } from './act-buttons.tsx';
import { ActDialog, type Answer, type Question } from './act-dialog.tsx';
import { begin, isToBeAsked, questionOf, runOf } from './ordering.ts';
import type { Run } from './run.ts';
import { RunPanel } from './run-panel.tsx';
import { choose, chooseNone, chooseShown, chooseTo, chosen, chosenConsoles, hidden, toggle } from './selection.ts';
import { followUses } from './uses.ts';

/** More would make the address too long. */
const MOST_TOGETHER = 50;
const TOGETHER = ['side', 'log'] as const;

const NO_ANSWER: Answer = { reason: undefined, until: undefined };

/** It continues while other views are shown. */
const run = signal<Run | undefined>(undefined);

export function ListActs() {
  const question = useSignal<Question | undefined>(undefined);
  const bar = useRef<HTMLElement>(null);
  const isWanted = useRef(false);
  useEffect(followUses, []);
  useEffect(
    () =>
      followKeys({
        bar: () => bar.current,
        wantBar: () => {
          isWanted.current = true;
        },
      }),
    [],
  );
  useLayoutEffect(() => {
    const first = isWanted.current && bar.current?.querySelector('button');
    if (first) {
      isWanted.current = false;
      first.focus();
    }
  });

  const act = (verb: WaitedVerb): void => {
    const next = questionOf(verb, chosenConsoles.peek());
    if (isToBeAsked(next)) {
      question.value = next;
    } else {
      begin(run, runOf(next, NO_ANSWER));
    }
  };
  const { length } = listed.value.rows;
  const count = chosen.value.size;
  const goesOn =
    run.value && !run.value.isOver ? ACTS_TEXTS.runTitle(run.value.verb, run.value.steps.length) : undefined;
  return (
    <>
      {run.value && <RunPanel run={run.value} close={() => begin(run, undefined)} />}
      {count > 0 && (
        <section class="chosen" aria-label={ACTS_TEXTS.chosen} ref={bar}>
          <b>{ACTS_TEXTS.chosenCount(count, hidden.value)}</b>
          <ActButtons consoles={chosenConsoles.value} busy={goesOn} act={act} />
          {count <= MOST_TOGETHER && <Together />}
          <span class="ends">
            {count - hidden.value < length && (
              <button type="button" class="quiet" onClick={chooseShown}>
                {ACTS_TEXTS.chooseAll(length)}
              </button>
            )}
            <button
              type="button"
              class="quiet"
              onClick={() => {
                chooseNone();
                focusCurrent();
              }}
            >
              {ACTS_TEXTS.clear}
            </button>
          </span>
        </section>
      )}
      <ActDialog question={question} answered={(asked, answer) => begin(run, runOf(asked, answer))} />
    </>
  );
}

/** Links from the selection to views of several consoles. */
function Together() {
  const names = chosenConsoles.value.map(({ name }) => name);
  return (
    <>
      {TOGETHER.map((view) => (
        <a key={view} href={consolesHref(view, names)}>
          {ACTS_TEXTS[view]}
        </a>
      ))}
    </>
  );
}

function focusCurrent(): void {
  const { value } = current;
  const link = value === undefined ? null : linkOf(document, value);
  (link ?? document.querySelector<HTMLElement>('.row a[tabindex="0"]'))?.focus({ preventScroll: true });
}

interface KeyParts {
  readonly bar: () => HTMLElement | null;
  /** Gets the focus once it is drawn. */
  readonly wantBar: () => void;
}

/** Until the result is called. Arrows belong to the list; with Shift they select the rows that they pass. */
function followKeys({ bar, wantBar }: KeyParts): () => void {
  let before: string | undefined;
  const isOfList = (): boolean => {
    const { activeElement, body } = document;
    return activeElement === body || activeElement?.closest('.rows') != null;
  };
  const here = (): string | undefined => current.peek() ?? listed.peek().rows[0]?.name;
  const keys: Readonly<Record<string, (event: KeyboardEvent) => boolean>> = {
    x: () => toggleHere(),
    // A checkbox handles the key itself.
    ' ': ({ target, shiftKey }) => {
      const name = here();
      if (target instanceof HTMLInputElement || name === undefined) {
        return false;
      }
      if (shiftKey) {
        chooseTo(name);
        return true;
      }
      return toggleHere();
    },
    m: () => {
      const name = here();
      if (chosen.peek().size === 0 && name !== undefined) {
        choose([name]);
        wantBar();
      } else {
        bar()?.querySelector('button')?.focus();
      }
      return true;
    },
    Escape: () => {
      chooseNone();
      return true;
    },
  };
  const toggleHere = (): boolean => {
    const name = here();
    if (name !== undefined) {
      toggle(name);
    }
    return true;
  };
  const captured = (): void => {
    before = here();
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && bar()?.contains(document.activeElement)) {
      focusCurrent();
      return;
    }
    if (!isOfList() || event.altKey || event.metaKey) {
      return;
    }
    if (event.ctrlKey) {
      if (event.key === 'a') {
        event.preventDefault();
        chooseShown();
      }
      return;
    }
    const after = here();
    if (event.shiftKey && event.key.startsWith('Arrow') && before !== undefined && after !== undefined) {
      choose([before, after]);
    } else if (keys[event.key]?.(event)) {
      event.preventDefault();
    }
  };
  addEventListener('keydown', captured, { capture: true });
  addEventListener('keydown', pressed);
  return () => {
    removeEventListener('keydown', captured, { capture: true });
    removeEventListener('keydown', pressed);
  };
}
