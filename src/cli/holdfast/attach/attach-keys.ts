/** The keys of `holdfast attach`: everything goes to the console but the escape key and the one after it. Pure. */
import { cell } from '../text/display.ts';

/** The action of a key, and its entry in the list of keys. */
interface KeyRow {
  readonly key: string;
  readonly does: 'take' | 'force' | 'release' | 'escape' | 'start' | 'restart' | 'hold' | 'detach' | 'help';
  /** `ESC` stands for the escape key; empty: the list has it with another one. */
  readonly help: string;
}

const KEYS: readonly KeyRow[] = [
  { key: 't', does: 'take', help: 'take the keyboard, if nobody has it' },
  { key: 'T', does: 'force', help: 'take it by force' },
  { key: 'l', does: 'release', help: 'let go of it' },
  { key: 'e', does: 'escape', help: 'send ESC itself' },
  { key: 's', does: 'start', help: 'start it, or stop it if it is up' },
  { key: 'r', does: 'restart', help: 'restart it' },
  { key: 'h', does: 'hold', help: 'hold it down, or end its hold' },
  { key: 'd', does: 'detach', help: 'detach (also . and ESC)' },
  { key: '.', does: 'detach', help: '' },
  { key: '?', does: 'help', help: 'this list' },
];

const MEANING: ReadonlyMap<string, KeyRow['does']> = new Map(KEYS.map(({ key, does }) => [key, does]));
/** Cells of the first of two columns. */
const COLUMN = 41;

export type KeyAction =
  | { readonly kind: 'input'; readonly bytes: Uint8Array }
  | { readonly kind: Exclude<KeyRow['does'], 'escape'> }
  /** The key after the escape key has no meaning. */
  | { readonly kind: 'unknown'; readonly key: number };

/** The list of keys after `prefix`, in two columns, narrower than 80 cells. */
export function keyLines(prefix: string): readonly string[] {
  const told = KEYS.filter(({ help }) => help !== '').map(
    ({ key, help }) => `${key}  ${help.replaceAll('ESC', () => prefix)}`,
  );
  return told.flatMap((left, at) => (at % 2 === 0 ? [`${cell(left, COLUMN)}${told[at + 1] ?? ''}`.trimEnd()] : []));
}

export class AttachKeys {
  readonly #escape: number | undefined;
  #escaped = false;

  /** `escapeKey`: code of the key; undefined: there is none, all is input. */
  constructor(escapeKey: number | undefined) {
    this.#escape = escapeKey;
  }

  /** The action of the leading bytes, and the remaining bytes: their meaning depends on that action. */
  take(bytes: Uint8Array): readonly [action: KeyAction | undefined, rest: Uint8Array] {
    if (this.#escaped && bytes.length > 0) {
      this.#escaped = false;
      return [this.#command(bytes[0] as number), bytes.subarray(1)];
    }
    const end = this.#escape === undefined ? -1 : bytes.indexOf(this.#escape);
    if (end < 0) {
      return [bytes.length === 0 ? undefined : { kind: 'input', bytes }, bytes.subarray(bytes.length)];
    }
    if (end > 0) {
      return [{ kind: 'input', bytes: bytes.subarray(0, end) }, bytes.subarray(end)];
    }
    this.#escaped = true;
    return bytes.length > 1 ? this.take(bytes.subarray(1)) : [undefined, bytes.subarray(1)];
  }

  #command(byte: number): KeyAction {
    if (byte === this.#escape) {
      return { kind: 'detach' };
    }
    const kind = MEANING.get(String.fromCharCode(byte));
    // A telnet or a console client behind this console may need it.
    return kind === 'escape'
      ? { kind: 'input', bytes: Uint8Array.of(this.#escape as number) }
      : kind === undefined
        ? { kind: 'unknown', key: byte }
        : { kind };
  }
}
