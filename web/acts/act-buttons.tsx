/** A button for each action. One that cannot be used is grey, and says why on hover, focus and press. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf } from '../../src/model/condition.ts';
import { isSensible } from '../../src/model/sensible-verbs.ts';
import { withLocalTimes } from '../../src/model/time-text.ts';
import { WAITED, type WaitedVerb } from '../../src/model/verb-progress.ts';
import { standing } from '../standing.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';
import { askAgain, lackText, mayOn, useRefusals } from './access.ts';

interface ActButtonsProps {
  readonly consoles: readonly ConsoleSummary[];
  /** An act that is running and must finish first. */
  readonly busy?: string | undefined;
  readonly act: (verb: WaitedVerb) => void;
}

export function ActButtons({ act, busy, consoles }: ActButtonsProps) {
  const [only, ...others] = consoles;
  const single = others.length === 0 ? only : undefined;
  const refusals = useRefusals(single?.name, WAITED);
  /** The verb whose reason is shown. */
  const told = useSignal<WaitedVerb | undefined>(undefined);
  const id = useId();

  const whyNot = (verb: WaitedVerb): string | undefined => {
    if (!consoles.some(({ name }) => mayOn(name, verb))) {
      return withLocalTimes(refusals.get(verb) ?? lackText(verb));
    }
    if (standing.value.is !== 'live') {
      return ACTS_TEXTS.isAway;
    }
    if (busy !== undefined) {
      return ACTS_TEXTS.isBusy(busy);
    }
    if (!consoles.some((console) => isSensible(verb, console))) {
      return single ? ACTS_TEXTS.notNow(single.name, verb, conditionOf(single)) : ACTS_TEXTS.noneNow(verb);
    }
    return undefined;
  };
  const reasons = new Map(WAITED.map((verb) => [verb, whyNot(verb)]));
  const shown = told.value && reasons.get(told.value);
  return (
    <>
      <fieldset aria-label={ACTS_TEXTS.acts} class="acts">
        {WAITED.map((verb) => {
          const why = reasons.get(verb);
          return (
            <button
              key={verb}
              type="button"
              aria-disabled={why !== undefined}
              aria-describedby={why === undefined ? undefined : `${id}-${verb}`}
              title={why}
              onClick={() => {
                if (why === undefined) {
                  told.value = undefined;
                  act(verb);
                } else {
                  told.value = verb;
                  askAgain();
                }
              }}
            >
              {ACTS_TEXTS.verb[verb]}
            </button>
          );
        })}
        {WAITED.map((verb) => (
          <span key={verb} hidden id={`${id}-${verb}`}>
            {reasons.get(verb)}
          </span>
        ))}
      </fieldset>
      <p class="whynot" role="status">
        {shown}
      </p>
    </>
  );
}
