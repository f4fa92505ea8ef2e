/**
 * Tells the text of a terminal's output from its control functions (ECMA-48), character by character, as terminals
 * do: after Paul Williams's state machine of the DEC VT500 series. Pure.
 */
import { ESC } from './ascii.ts';

/** One control function. */
export interface ControlSequence {
  readonly kind: 'escape' | 'csi' | 'osc' | 'dcs' | 'apc' | 'other';
  /** The text after its introducer, without the terminator of a string. */
  readonly text: string;
  /** Whether `text` is complete: of sequences longer than `LONGEST_SEQUENCE` it is the beginning. */
  readonly whole: boolean;
}

/** The role of a character. */
export type Taken =
  /** To be shown. */
  | 'text'
  /** A control character that takes effect at once, even within a sequence. */
  | 'control'
  /** Part of an unfinished sequence. */
  | 'part'
  /** The last of a sequence: `sequence` has it. */
  | 'over'
  /**
   * An unterminated string is over: it ended before the last ESC; this character, to be processed again, belongs to the
   * sequence which that ESC begins.
   */
  | 'cut';

/** Characters kept of one sequence. */
export const LONGEST_SEQUENCE = 4096;

const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const DEL = 0x7f;
const BACKSLASH = 0x5c;
/** C1: one character for ESC and the one 0x40 below it. */
const C1 = 0x80;
const C1_END = 0xa0;
const ST = 0x9c;

const INTRODUCED: Readonly<Record<string, ControlSequence['kind']>> = {
  '[': 'csi',
  ']': 'osc',
  P: 'dcs',
  _: 'apc',
  '^': 'other',
  X: 'other',
};

type State = 'ground' | 'escape' | 'csi' | 'string' | 'string-escape';

export class TerminalScanner {
  #state: State = 'ground';
  #kind: ControlSequence['kind'] = 'escape';
  #text = '';
  #whole = true;
  #sequence: ControlSequence = { kind: 'escape', text: '', whole: true };

  /** The sequence that the last character ended. */
  get sequence(): ControlSequence {
    return this.#sequence;
  }

  /** Whether a sequence is unfinished. */
  get inside(): boolean {
    return this.#state !== 'ground';
  }

  /** Whether that is a string: everything is swallowed until its terminator. */
  get inString(): boolean {
    return this.#state === 'string' || this.#state === 'string-escape';
  }

  /** Whether it already exceeds what is kept of it. */
  get overlong(): boolean {
    return this.inside && !this.#whole;
  }

  /** Drops the unfinished sequence. */
  reset(): void {
    this.#state = 'ground';
  }

  /** `code`: of the character; for an 8-bit terminal the byte. */
  take(code: number): Taken {
    switch (this.#state) {
      case 'string':
        return this.#inString(code);
      case 'string-escape':
        if (code === BACKSLASH) {
          return this.#end();
        }
        this.#end();
        this.#begin('escape');
        return 'cut';
      default:
        return this.#outside(code);
    }
  }

  #outside(code: number): Taken {
    if (code === ESC) {
      this.#begin('escape');
      return 'part';
    }
    if (code === CAN || code === SUB) {
      this.reset();
      return 'control';
    }
    if (code < 0x20) {
      return 'control';
    }
    if (code >= C1 && code < C1_END) {
      this.#begin('escape');
      return this.#escaped(code - C1 + 0x40);
    }
    if (code >= C1_END || this.#state === 'ground') {
      this.reset();
      return code === DEL ? 'control' : 'text';
    }
    if (code === DEL) {
      return 'control';
    }
    return this.#state === 'escape' ? this.#escaped(code) : this.#inCsi(code);
  }

  /** The bytes after ESC. */
  #escaped(code: number): Taken {
    const kind = this.#text === '' ? INTRODUCED[String.fromCharCode(code)] : undefined;
    if (kind !== undefined) {
      this.#begin(kind);
      return 'part';
    }
    this.#keep(code);
    return code < 0x30 ? 'part' : this.#end();
  }

  #inCsi(code: number): Taken {
    this.#keep(code);
    return code < 0x40 ? 'part' : this.#end();
  }

  #inString(code: number): Taken {
    if (code === ST || (code === BEL && this.#kind === 'osc')) {
      return this.#end();
    }
    if (code === CAN || code === SUB) {
      this.reset();
      return 'control';
    }
    if (code === ESC) {
      this.#state = 'string-escape';
    } else {
      this.#keep(code);
    }
    return 'part';
  }

  #begin(kind: ControlSequence['kind']): void {
    this.#kind = kind;
    this.#text = '';
    this.#whole = true;
    this.#state = kind === 'escape' || kind === 'csi' ? kind : 'string';
  }

  #keep(code: number): void {
    if (this.#text.length < LONGEST_SEQUENCE) {
      this.#text += String.fromCodePoint(code);
    } else {
      this.#whole = false;
    }
  }

  #end(): Taken {
    this.#sequence = { kind: this.#kind, text: this.#text, whole: this.#whole };
    this.#state = 'ground';
    return 'over';
  }
}
