/**
 * Finds the line of each key of a TOML document: parsers do not report it, and messages for people need it. A
 * scanner, not a parser: the document was accepted by smol-toml before. Any other text gives some answer, and ends.
 */

/** A step into a document: the key of a table, or the index of an array. */
export type Step = string | number;

export class TomlPlaces {
  readonly #lines = new Map<string, number>();

  /** The line (from 1) on which the value at `path` is given; undefined if it is not. */
  line(path: readonly Step[]): number | undefined {
    return this.#lines.get(joined(path));
  }

  /** The line of the value at `path`, or of the closest table around it. */
  nearest(path: readonly Step[]): number {
    for (let length = path.length; length > 0; length--) {
      const line = this.line(path.slice(0, length));
      if (line !== undefined) {
        return line;
      }
    }
    return 1;
  }

  /** The first mention counts, except that a table's own header wins over a mention in another path. */
  set(path: readonly Step[], line: number): void {
    const key = joined(path);
    if (!this.#lines.has(key)) {
      this.#lines.set(key, line);
    }
  }

  replace(path: readonly Step[], line: number): void {
    this.#lines.set(joined(path), line);
  }
}

/** The places of a document. */
export function tomlPlaces(text: string): TomlPlaces {
  return new Scanner(text).document();
}

/** NUL is in no TOML key but an escaped one, and such a key at worst shares a line with another. */
function joined(path: readonly Step[]): string {
  return path.join('\0');
}

const BLANK = /[ \t\ufeff]*/y;
const SPACE = /(?:[ \t\r\n]|#[^\n]*)*/y;
const BARE = /[^\s.=[\]{},"'#]+/y;
const BASIC = /"((?:[^"\\\n]+|\\.)*)"?/y;
const LITERAL = /'([^'\n]*)'?/y;
const LONG_BASIC = /"""(?:[^"\\]+|\\[\s\S]|"(?!""))*"{0,5}/y;
const LONG_LITERAL = /'''(?:[^']+|'(?!''))*'{0,5}/y;
const PLAIN = /[^\n,\]}#]+/y;
const REST = /[^\n]*/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))/g;
const SHORT: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };
/** Deeper nesting is not followed: its keys have the line of the value around them. */
const DEEPEST = 100;

class Scanner {
  readonly #text: string;
  readonly #places = new TomlPlaces();
  /** How many elements each array of tables has so far. */
  readonly #arrays = new Map<string, number>();
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TomlPlaces {
    let table: Step[] = [];
    this.#take(SPACE);
    this.#take(BLANK);
    for (let before = -1; this.#at < this.#text.length && this.#at > before; this.#take(SPACE)) {
      before = this.#at;
      if (this.#text[this.#at] === '[') {
        table = this.#header();
      } else {
        this.#pair(table, 0);
      }
      this.#take(REST);
    }
    return this.#places;
  }

  /** `[a.b]` or `[[a.b]]`; the path of the table that follows. */
  #header(): Step[] {
    const line = this.#line;
    const isArray = this.#text.startsWith('[[', this.#at);
    this.#at += isArray ? 2 : 1;
    const keys = this.#keys();
    let path: Step[] = [];
    for (const [index, key] of keys.entries()) {
      path.push(key);
      const last = index === keys.length - 1;
      const known = this.#arrays.get(joined(path));
      if (last && isArray) {
        this.#arrays.set(joined(path), (known ?? 0) + 1);
        this.#places.set(path, line);
        path = [...path, known ?? 0];
      } else if (known !== undefined) {
        path = [...path, known - 1];
      }
      if (last) {
        this.#places.replace(path, line);
      } else {
        this.#places.set(path, line);
      }
    }
    return path;
  }

  /** `a.b = value`, as a line of a table or between braces. */
  #pair(table: readonly Step[], depth: number): void {
    const line = this.#line;
    const path = [...table];
    for (const key of this.#keys()) {
      path.push(key);
      this.#places.set(path, line);
    }
    this.#take(BLANK);
    if (this.#text[this.#at] === '=') {
      this.#at++;
      this.#take(BLANK);
      this.#value(path, depth);
    }
  }

  #keys(): string[] {
    const keys: string[] = [];
    do {
      this.#take(BLANK);
      keys.push(this.#key());
      this.#take(BLANK);
    } while (this.#text[this.#at] === '.' && ++this.#at);
    return keys;
  }

  #key(): string {
    const first = this.#text[this.#at];
    if (first === '"') {
      return unescaped(this.#take(BASIC)[1] ?? '');
    }
    return first === "'" ? (this.#take(LITERAL)[1] ?? '') : (this.#take(BARE)[0] ?? '');
  }

  #value(path: readonly Step[], depth: number): void {
    const first = this.#text[this.#at];
    if (first === '[' && depth < DEEPEST) {
      this.#elements(']', (index) => {
        const element = [...path, index];
        this.#places.set(element, this.#line);
        this.#value(element, depth + 1);
      });
    } else if (first === '{' && depth < DEEPEST) {
      this.#elements('}', () => this.#pair(path, depth + 1));
    } else if (first === '"') {
      this.#take(this.#text.startsWith('"""', this.#at) ? LONG_BASIC : BASIC);
    } else if (first === "'") {
      this.#take(this.#text.startsWith("'''", this.#at) ? LONG_LITERAL : LITERAL);
    } else {
      this.#take(PLAIN);
    }
  }

  /** The items between brackets or braces, separated by commas, over any number of lines. */
  #elements(close: string, element: (index: number) => void): void {
    this.#at++;
    for (let index = 0; ; index++) {
      this.#take(SPACE);
      const before = this.#at;
      if (this.#at >= this.#text.length || this.#text[this.#at] === close) {
        break;
      }
      element(index);
      this.#take(SPACE);
      if (this.#text[this.#at] === ',') {
        this.#at++;
      } else if (this.#at === before) {
        break;
      }
    }
    if (this.#text[this.#at] === close) {
      this.#at++;
    }
  }

  /** Skips the text that `pattern` (sticky) matches here, and counts its lines. */
  #take(pattern: RegExp): RegExpExecArray | readonly string[] {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) {
      return [];
    }
    for (const character of match[0]) {
      if (character === '\n') {
        this.#line++;
      }
    }
    this.#at += match[0].length;
    return match;
  }
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (whole, short?: string, long?: string, byte?: string, letter?: string) => {
    const code = short ?? long ?? byte;
    if (code === undefined) {
      return SHORT[letter as string] ?? (letter as string);
    }
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
