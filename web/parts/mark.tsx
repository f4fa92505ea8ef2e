/** The condition of a console by colour, shape and word. */
import { CONDITION_MEANING, type Condition, toneOf } from '../../src/model/condition.ts';
import { STATE_MEANING } from '../../src/model/process.ts';

export function Mark({ condition }: { readonly condition: Condition }) {
  return (
    <span class={`mark ${toneOf(condition)}`} title={{ ...STATE_MEANING, ...CONDITION_MEANING }[condition]}>
      <i aria-hidden="true" />
      {condition}
    </span>
  );
}
