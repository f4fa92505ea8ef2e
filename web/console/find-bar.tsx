/** Looking for text in what the terminal keeps. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { CONSOLE_TEXTS } from '../texts/console.ts';
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
        aria-label={CONSOLE_TEXTS.find}
        placeholder={CONSOLE_TEXTS.find}
        title={CONSOLE_TEXTS.findHint}
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
      <button type="button" aria-label={CONSOLE_TEXTS.next} title={CONSOLE_TEXTS.next} onClick={() => find(false)}>
        ↑
      </button>
      <button
        type="button"
        aria-label={CONSOLE_TEXTS.previous}
        title={CONSOLE_TEXTS.previous}
        onClick={() => find(true)}
      >
        ↓
      </button>
      <output>{isFound.value ? '' : CONSOLE_TEXTS.notFound}</output>
    </search>
  );
}
