/** Parts of a row that load after the list: the box that selects it, CPU and memory. */
import { useComputed } from '@preact/signals';
import { memoryText } from '../../src/model/size-text.ts';
import { listed } from '../list/table.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';
import { chooseNone, chooseShown, chooseTo, chosen, hidden, toggle } from './selection.ts';
import { uses } from './uses.ts';

interface PartProps {
  readonly name: string;
}

export function Pick({ name }: PartProps) {
  const isChosen = useComputed(() => chosen.value.has(name));
  return (
    <label>
      <input
        type="checkbox"
        tabIndex={-1}
        data-name={name}
        aria-label={ACTS_TEXTS.pick(name)}
        checked={isChosen.value}
        onClick={({ shiftKey, currentTarget }) => {
          if (shiftKey) {
            chooseTo(name);
          } else {
            toggle(name);
          }
          // Restores the state, as a click may not cause a redraw.
          currentTarget.checked = chosen.peek().has(name);
        }}
      />
    </label>
  );
}

export function PickAll() {
  const { length } = listed.value.rows;
  const count = chosen.value.size - hidden.value;
  const isAll = length > 0 && count === length;
  return (
    <label>
      <input
        type="checkbox"
        aria-label={ACTS_TEXTS.pickAll}
        checked={isAll}
        indeterminate={count > 0 && !isAll}
        onClick={isAll ? chooseNone : chooseShown}
      />
    </label>
  );
}

/** Only its text is redrawn. */
export function Cpu({ name }: PartProps) {
  return <>{useComputed(() => uses.value.get(name)?.cpuPercent?.toFixed(1) ?? '')}</>;
}

export function Memory({ name }: PartProps) {
  return (
    <>
      {useComputed(() => {
        const bytes = uses.value.get(name)?.memoryBytes;
        return bytes === undefined ? '' : memoryText(bytes);
      })}
    </>
  );
}
