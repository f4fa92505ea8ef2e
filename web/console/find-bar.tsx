/** Looking for text in what the terminal keeps. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { TEXTS } from '../texts.ts';
import type { ConsoleSession } from './console-session.ts';

export function FindBar({ session }: { readonly session: ConsoleSession }) {
  const input = useRef<HTMLInputElement>(null);
  const isFound = useSignal(true);
  const find = (forwards: boolean): void => {
    isFound.value = session.find(input.current?.value ?? '', forwards);
  };
  return (
    <search class="find">
      <input
        ref={input}
        type="search"
        aria-label={TEXTS.find}
        placeholder={TEXTS.find}
        title={TEXTS.findHint}
        autocomplete="off"
        spellcheck={false}
        onInput={() => find(false)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            find(event.shiftKey);
          }
        }}
      />
      {/* The newest is below: what comes next is further up. */}
      <button type="button" aria-label={TEXTS.next} title={TEXTS.next} onClick={() => find(false)}>
        ↑
      </button>
      <button type="button" aria-label={TEXTS.previous} title={TEXTS.previous} onClick={() => find(true)}>
        ↓
      </button>
      <output>{isFound.value ? '' : TEXTS.notFound}</output>
    </search>
  );
}
