/**
 * Files of environment variables as `EnvironmentFile=` of systemd reads them, to the letter: one file serves both.
 * What systemd ignores silently is ignored here too, but reported, by its line number only: such files hold secrets.
 */

export interface EnvFileNote {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface EnvAssignment {
  readonly name: string;
  readonly value: string;
  /** Where it begins. */
  readonly line: number;
}

export interface EnvFile {
  /** In the order of the file; if a name occurs twice, the last one counts. */
  readonly variables: readonly EnvAssignment[];
  /** Lines that were left out, or that are probably not what their author meant. */
  readonly notes: readonly EnvFileNote[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Between double quotes a backslash stands for itself, except before these. */
const ESCAPED = '"\\`$';

/** `comment-escape`: after a backslash in a comment, and so on. */
type State =
  | 'before-key'
  | 'key'
  | 'comment'
  | 'comment-escape'
  | 'before-value'
  | 'value'
  | 'value-escape'
  | 'single'
  | 'double'
  | 'double-escape';

/** `text`: a byte string; so are names and values. Never throws. */
export function parseEnvText(text: string): EnvFile {
  const reader = new Reader();
  for (const character of text) {
    reader.take(character);
  }
  return reader.end();
}

const QUOTED: ReadonlySet<State> = new Set<State>(['single', 'double', 'double-escape']);
const VALUES: ReadonlySet<State> = new Set<State>([...QUOTED, 'before-value', 'value', 'value-escape']);

const isNewline = (character: string): boolean => character === '\n' || character === '\r';
const isBlank = (character: string): boolean => character === ' ' || character === '\t' || isNewline(character);

class Reader {
  readonly #variables: EnvAssignment[] = [];
  readonly #notes: EnvFileNote[] = [];
  #state: State = 'before-key';
  #line = 1;
  #last = '';
  /** Lines where the key and the open quote began. */
  #begun = 1;
  #quoted = 1;
  #key = '';
  #value = '';
  /** Length of the value without trailing blanks; quoted or escaped ones stay. */
  #kept = 0;

  /** For each state, the next state by character. */
  readonly #steps: Readonly<Record<State, (character: string) => State>> = {
    'before-key': (character) => {
      if (isBlank(character)) {
        return 'before-key';
      }
      this.#begun = this.#line;
      this.#key = character;
      return character === '#' || character === ';' ? 'comment' : 'key';
    },
    key: (character) => {
      if (isNewline(character)) {
        return this.#noAssignment();
      }
      if (character === '=') {
        this.#value = '';
        this.#kept = 0;
        return 'before-value';
      }
      this.#key += character;
      return 'key';
    },
    comment: (character) => (isNewline(character) ? 'before-key' : character === '\\' ? 'comment-escape' : 'comment'),
    'comment-escape': (character) => {
      if (character === '\n') {
        const message = 'part of the comment above, which ends with a backslash; to systemd 254 and later it is not';
        this.#notes.push({ line: this.#line + 1, message });
      }
      return 'comment';
    },
    // Also after a closing quote: another may follow.
    'before-value': (character) => {
      if (isNewline(character)) {
        return this.#assign();
      }
      if (character === '"' || character === "'") {
        this.#quoted = this.#line;
        return character === '"' ? 'double' : 'single';
      }
      if (character === '\\') {
        return 'value-escape';
      }
      return isBlank(character) ? 'before-value' : this.#keep(character, 'value');
    },
    value: (character) => {
      if (isNewline(character)) {
        return this.#assign();
      }
      if (character === '\\') {
        this.#kept = this.#value.length;
        return 'value-escape';
      }
      if (isBlank(character)) {
        this.#value += character;
        return 'value';
      }
      return this.#keep(character, 'value');
    },
    'value-escape': (character) => (isNewline(character) ? 'value' : this.#keep(character, 'value')),
    single: (character) => (character === "'" ? 'before-value' : this.#keep(character, 'single')),
    double: (character) =>
      character === '"' ? 'before-value' : character === '\\' ? 'double-escape' : this.#keep(character, 'double'),
    'double-escape': (character) => {
      if (character === '\n') {
        return 'double';
      }
      return this.#keep(ESCAPED.includes(character) ? character : `\\${character}`, 'double');
    },
  };

  take(character: string): void {
    this.#state = this.#steps[this.#state](character);
    // CR LF is the end of one line.
    if (character === '\r' || (character === '\n' && this.#last !== '\r')) {
      this.#line++;
    }
    this.#last = character;
  }

  /** An assignment ends with the file, also within quotes. */
  end(): EnvFile {
    if (QUOTED.has(this.#state)) {
      this.#notes.push({ line: this.#quoted, message: 'a quote is not closed: all that follows is part of the value' });
    }
    if (this.#state === 'key') {
      this.#noAssignment();
    } else if (VALUES.has(this.#state)) {
      this.#assign();
    }
    return { variables: this.#variables, notes: this.#notes };
  }

  #keep(text: string, state: State): State {
    this.#value += text;
    this.#kept = this.#value.length;
    return state;
  }

  #assign(): State {
    const line = this.#begun;
    const name = trimmedEnd(this.#key);
    const value = this.#value.slice(0, this.#kept);
    if (!NAME.test(name)) {
      const message = `the text before the = is not the name of a variable; left out${exported(name)}`;
      this.#notes.push({ line, message });
    } else {
      this.#variables.push({ name, value, line });
    }
    return 'before-key';
  }

  #noAssignment(): State {
    this.#notes.push({ line: this.#begun, message: 'not an assignment NAME=VALUE; left out' });
    return 'before-key';
  }
}

/** A regular expression for this would be quadratic in the blanks within the text. */
function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text[end - 1] as string)) {
    end--;
  }
  return text.slice(0, end);
}

function exported(name: string): string {
  return /^export[ \t]/.test(name) ? ' (`export` is for shells)' : '';
}
