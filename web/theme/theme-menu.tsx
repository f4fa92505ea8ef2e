/** The choice of colours. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { THEME_TEXTS as TEXTS } from '../texts/theme.ts';
import { CHOICES, type Choice, choose, chosen, onLook } from './theme.ts';

export function ThemeMenu() {
  const choice = useSignal(chosen());
  useEffect(
    () =>
      onLook(() => {
        choice.value = chosen();
      }),
    [],
  );
  return (
    <select
      class="theme"
      aria-label={TEXTS.theme}
      title={TEXTS.theme}
      value={choice.value}
      onChange={({ currentTarget }) => {
        choose(currentTarget.value as Choice);
        // Also where nothing is kept.
        choice.value = currentTarget.value as Choice;
      }}
    >
      {CHOICES.map((each) => (
        <option key={each} value={each}>
          {TEXTS.themes[each]}
        </option>
      ))}
    </select>
  );
}
