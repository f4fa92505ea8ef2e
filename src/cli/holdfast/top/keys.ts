/** Keys of a terminal, read from its bytes. Pure. */

export interface Key {
  /** `up`, `pagedown`, `enter`, `^c`...; a character is its own name; `paste`: what was pasted. */
  readonly name: string;
  /** The text that it types. */
  readonly text?: string;
}

const SEQUENCES: Readonly<Record<string, string>> = {
  ...{ A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', Z: 'backtab' },
  ...{ '1~': 'home', '7~': 'home', '4~': 'end', '8~': 'end', '3~': 'delete', '5~': 'pageup', '6~': 'pagedown' },
};
const CONTROLS: Readonly<Record<string, string>> = {
  ...{ '\r': 'enter', '\n': 'enter', '\t': 'tab', '\x7f': 'backspace', '\b': 'backspace' },
};
const PASTE = '200~';
const PASTE_END = '\x1b[201~';
/** A sequence that does not end, or a paste that is longer than any line that can be typed here, is let go. Characters. */
const LONGEST = 64;
const LONGEST_PASTE = 4096;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is matched
const SEQUENCE = /^\x1b(?:\[([0-9;?<=>]*[ -/]*[@-~])|O([ -~])|([^[O]))/u;

export class KeyReader {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #pasted: string | undefined;

  /** Whether an escape waits for what may follow it. */
  get waits(): boolean {
    return this.#rest !== '' && this.#pasted === undefined;
  }

  feed(bytes: Uint8Array): readonly Key[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const keys: Key[] = [];
    for (let key = this.#next(); key; key = this.#next()) {
      if (key.name !== '') {
        keys.push(key);
      }
    }
    return keys;
  }

  /** Nothing has followed: the escape was the key. */
  flush(): readonly Key[] {
    const waits = this.waits;
    this.#rest = this.#pasted === undefined ? '' : this.#rest;
    return waits ? [{ name: 'esc' }] : [];
  }

  /** One key, or what is none (''); undefined: more has to come. */
  #next(): Key | undefined {
    if (this.#pasted !== undefined) {
      return this.#paste();
    }
    const [first] = this.#rest;
    if (first === undefined) {
      return undefined;
    }
    if (first !== '\x1b') {
      this.#rest = this.#rest.slice(first.length);
      return keyOf(first);
    }
    const found = SEQUENCE.exec(this.#rest);
    if (!found) {
      const cut = this.#rest.length > LONGEST;
      this.#rest = cut ? '' : this.#rest;
      return cut ? { name: '' } : undefined;
    }
    const [whole, csi, single, other] = found;
    if (other !== undefined) {
      // Keys that were typed soon after an escape come together with it over a slow line; Alt means nothing here.
      this.#rest = this.#rest.slice(1);
      return { name: 'esc' };
    }
    this.#rest = this.#rest.slice(whole.length);
    if (csi === PASTE) {
      this.#pasted = '';
      return { name: '' };
    }
    // Sequences of other keys mean nothing here. Modifiers of an arrow are passed over.
    return { name: SEQUENCES[(csi ?? single ?? '').replace(/^1;\d+(?=[A-Z])/, '').replace(/;\d+(?=~)/, '')] ?? '' };
  }

  #paste(): Key | undefined {
    const end = this.#rest.indexOf(PASTE_END);
    const text =
      end < 0 ? this.#rest.slice(0, Math.max(0, this.#rest.length - PASTE_END.length)) : this.#rest.slice(0, end);
    this.#pasted = `${this.#pasted}${text}`.slice(0, LONGEST_PASTE);
    this.#rest = this.#rest.slice(text.length + (end < 0 ? 0 : PASTE_END.length));
    if (end < 0) {
      return undefined;
    }
    const pasted = this.#pasted;
    this.#pasted = undefined;
    return { name: 'paste', text: pasted };
  }
}

function keyOf(character: string): Key {
  const code = character.codePointAt(0) as number;
  const named = CONTROLS[character];
  if (named !== undefined) {
    return { name: named };
  }
  if (code < 0x20) {
    return { name: `^${String.fromCharCode(code + 0x60)}` };
  }
  return { name: character === ' ' ? 'space' : character, text: character };
}
