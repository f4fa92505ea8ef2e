/** Keys that a phone does not have; shown where there is no mouse, to whoever types. */
import { CONSOLE_TEXTS } from '../texts/console.ts';
import type { ConsoleSession } from './console-session.ts';

export function KeyBar({ session }: { readonly session: ConsoleSession }) {
  const { key } = CONSOLE_TEXTS;
  const keys: readonly (readonly [label: string, shown: string, text: () => string])[] = [
    [key.escape, key.escape, () => '\x1b'],
    [key.tab, key.tab, () => '\t'],
    ['^C', '^C', () => '\x03'],
    ['^D', '^D', () => '\x04'],
    [key.left, '←', () => session.arrow('D')],
    [key.up, '↑', () => session.arrow('A')],
    [key.down, '↓', () => session.arrow('B')],
    [key.right, '→', () => session.arrow('C')],
  ];
  return session.isMine.value ? (
    <div class="keys" role="toolbar" aria-label={CONSOLE_TEXTS.keys}>
      {keys.map(([label, shown, text]) => (
        <button
          key={label}
          type="button"
          aria-label={label}
          // The terminal keeps the focus, and with it the keyboard of the phone.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => session.press(text())}
        >
          {shown}
        </button>
      ))}
    </div>
  ) : null;
}
