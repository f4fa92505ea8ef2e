/** Parts of the header that load after the list: the note on changed configuration files, and the choice of colours. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { filesDiffer, followFiles } from '../files-differ.ts';
import { queryHref, route } from '../route.ts';
import { HEADER_TEXTS as TEXTS } from '../texts/header-later.ts';
import { CHOICES, type Choice, choose, chosen, onLook } from '../theme/theme.ts';

export function HeaderLater() {
  useEffect(followFiles, []);
  return (
    <>
      {filesDiffer.value && route.value.view !== 'plan' && (
        <a class="differs" href={queryHref('plan')}>
          {TEXTS.filesDiffer}
        </a>
      )}
      <ThemeMenu />
    </>
  );
}

function ThemeMenu() {
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
        // Even if the browser stores nothing.
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
