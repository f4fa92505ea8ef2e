/** The keys of `holdfast attach`: everything goes to the console but the escape key and the one after it. Pure. */

export type KeyAction =
  | { readonly kind: 'input'; readonly bytes: Uint8Array }
  | { readonly kind: 'take' | 'force' | 'release' | 'detach' | 'help' }
  /** The key after the escape key has no meaning. */
  | { readonly kind: 'unknown'; readonly key: number };

const MEANING: Readonly<Record<string, Exclude<KeyAction['kind'], 'input' | 'unknown'>>> = {
  t: 'take',
  T: 'force',
  r: 'release',
  d: 'detach',
  '.': 'detach',
  '?': 'help',
};

export class AttachKeys {
  readonly #escape: number | undefined;
  #escaped = false;

  /** `escapeKey`: code of the key; undefined: there is none, all is input. */
  constructor(escapeKey: number | undefined) {
    this.#escape = escapeKey;
  }

  feed(bytes: Uint8Array): readonly KeyAction[] {
    const actions: KeyAction[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.#escaped) {
        this.#escaped = false;
        from = at + 1;
        actions.push(this.#command(byte));
      } else if (byte === this.#escape) {
        if (at > from) {
          actions.push({ kind: 'input', bytes: bytes.slice(from, at) });
        }
        this.#escaped = true;
        from = at + 1;
      }
    }
    if (!this.#escaped && from < bytes.length) {
      actions.push({ kind: 'input', bytes: bytes.slice(from) });
    }
    return actions;
  }

  #command(byte: number): KeyAction {
    if (byte === this.#escape) {
      return { kind: 'detach' };
    }
    const character = String.fromCharCode(byte);
    // `s` sends the escape key itself: a telnet or a console client behind this console may need it.
    if (character === 's') {
      return { kind: 'input', bytes: Uint8Array.of(this.#escape as number) };
    }
    const kind = MEANING[character];
    return kind === undefined ? { kind: 'unknown', key: byte } : { kind };
  }
}
