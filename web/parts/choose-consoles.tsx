/** The chosen consoles and groups, each with a button to remove it, and a field with completion to add one. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { all, groups } from '../list/table.ts';
import { CHOOSE_TEXTS } from '../texts/choose.ts';

/** Most names offered. */
const MOST_OFFERED = 40;

export interface ChooseProps {
  readonly label: string;
  /** Names, and `@GROUP`. */
  readonly chosen: readonly string[];
  /** Shown when nothing is chosen. */
  readonly none: string;
  readonly groups: boolean;
  add(word: string): void;
  /** Undefined: the chosen ones are shown elsewhere. */
  readonly remove?: (word: string) => void;
}

export function ChooseConsoles({ add, chosen, groups: withGroups, label, none, remove }: ChooseProps) {
  const typed = useSignal('');
  const fault = useSignal('');
  const names = useId();
  const enter = (word: string, isWhole: boolean): void => {
    typed.value = word;
    fault.value = '';
    const wanted = word.trim();
    if (wanted === '') {
      return;
    }
    if (words(withGroups).includes(wanted)) {
      typed.value = '';
      add(wanted);
    } else if (isWhole) {
      fault.value = CHOOSE_TEXTS.unknown(wanted);
    }
  };
  return (
    <fieldset class="choose">
      <legend>{label}</legend>
      {chosen.length === 0 && <span class="none">{none}</span>}
      {(remove ? chosen : []).map((word) => (
        <button
          key={word}
          type="button"
          class="chip"
          aria-label={CHOOSE_TEXTS.remove(word)}
          title={CHOOSE_TEXTS.remove(word)}
          onClick={() => remove?.(word)}
        >
          {word} <span aria-hidden="true">×</span>
        </button>
      ))}
      <input
        value={typed.value}
        list={names}
        aria-label={CHOOSE_TEXTS.add}
        placeholder={withGroups ? CHOOSE_TEXTS.hint : CHOOSE_TEXTS.add}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          fault.value = '';
          // Picked from the completions rather than typed.
          if ((event as InputEvent).inputType === 'insertReplacementText' || !(event instanceof InputEvent)) {
            enter(event.currentTarget.value, false);
          }
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            enter(event.currentTarget.value, true);
          }
        }}
      />
      <datalist id={names}>
        {offered(typed.value, withGroups, chosen).map((word) => (
          <option key={word} value={word} />
        ))}
      </datalist>
      {fault.value !== '' && (
        <span class="fault" role="alert">
          {fault.value}
        </span>
      )}
    </fieldset>
  );
}

function words(withGroups: boolean): readonly string[] {
  const consoles = all.value.map(({ name }) => name);
  return withGroups ? [...groups.value.map(([name]) => `@${name}`), ...consoles] : consoles;
}

/** Names that begin with it come first. */
function offered(typed: string, withGroups: boolean, chosen: readonly string[]): readonly string[] {
  const sought = typed.trim().toLowerCase();
  const fitting = words(withGroups).filter((word) => !chosen.includes(word) && word.toLowerCase().includes(sought));
  const begins = (word: string) => word.toLowerCase().startsWith(sought);
  return [...fitting.filter(begins), ...fitting.filter((word) => !begins(word))].slice(0, MOST_OFFERED);
}
