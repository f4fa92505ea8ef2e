/**
 * The line that one session types, for the record. It is known only if it was shown while it was typed: what is on the screen grew by
 * what was typed before the key that ended the line came. A password is not shown, whoever would have shown it, terminal or program.
 */
import { CR, ESC, LF } from '../model/ascii.ts';

const DEL = 0x7f;
const BACKSPACE = 0x08;
const CTRL_U = 0x15;
const CTRL_W = 0x17;
const SPACE = 0x20;
/** Bytes; the rest of a longer line is left out. */
const LONGEST_LINE = 1000;
const LONGEST_KEY = 16;

/** A byte of text, or a key that is not text, as it is shown: `^C`, `^[[A`. */
type Item = number | string;

export class TypedLine {
  readonly #done: (line: string | undefined) => void;
  #items: Item[] = [];
  /** The line on the screen before it. */
  #before = '';
  /** The beginning of a key of several bytes. */
  #key = '';
  #wasCr = false;
  #isCut = false;

  /** `done` gets each line that is not empty; undefined: it was not shown. */
  constructor(done: (line: string | undefined) => void) {
    this.#done = done;
  }

  /** `shown`: the line on the screen, before these bytes have had an effect on it. */
  take(bytes: Uint8Array, shown: string): void {
    let isShown = (bytes.includes(CR) || bytes.includes(LF)) && this.#isShown(shown);
    for (const byte of bytes) {
      const isSecond = byte === LF && this.#wasCr;
      this.#wasCr = byte === CR;
      if (isSecond) {
        continue;
      }
      if (byte === CR || byte === LF) {
        this.#end(isShown);
        isShown = false;
      } else {
        this.#add(byte, shown);
      }
    }
  }

  #end(isShown: boolean): void {
    if (this.#items.length > 0) {
      this.#done(isShown ? textOf(this.#items) + (this.#isCut ? '...' : '') : undefined);
    }
    this.#items = [];
    this.#key = '';
    this.#isCut = false;
  }

  /** Whether all that has come of it is on the screen. */
  #isShown(shown: string): boolean {
    const typed = textOf(this.#items.filter((item) => typeof item === 'number'));
    if (typed.trim() === '') {
      return false;
    }
    if (this.#items.every((item) => typeof item === 'number')) {
      const grown = (this.#before + typed).trimEnd();
      return this.#isCut ? shown.startsWith(grown) : shown.trimEnd() === grown;
    }
    // Keys may have changed the line in any way: its words are there, in their order.
    const rest = shown.startsWith(this.#before) ? shown.slice(this.#before.length) : '';
    let from = 0;
    return runsOf(this.#items).every((run) => {
      const at = rest.indexOf(run, from);
      from = at + run.length;
      return at >= 0;
    });
  }

  #add(byte: number, shown: string): void {
    if (this.#items.length === 0 && this.#key === '') {
      this.#before = shown;
    }
    if (this.#key !== '') {
      this.#continueKey(byte);
    } else if (byte === ESC) {
      this.#key = '^[';
    } else if (byte === BACKSPACE || byte === DEL) {
      eraseLast(this.#items);
    } else if (byte === CTRL_U) {
      this.#items = [];
    } else if (byte === CTRL_W) {
      eraseWord(this.#items);
    } else {
      this.#put(byte < SPACE ? `^${String.fromCharCode(byte + 0x40)}` : byte);
    }
  }

  /** CSI up to its final byte; SS3 and others with the one that follows. */
  #continueKey(byte: number): void {
    this.#key += String.fromCharCode(byte);
    const isBegun = this.#key === '^[[' || this.#key === '^[O';
    const isOver = this.#key.startsWith('^[[') ? byte >= 0x40 && byte < DEL : true;
    if (!isBegun && (isOver || this.#key.length > LONGEST_KEY)) {
      this.#put(this.#key);
      this.#key = '';
    }
  }

  #put(item: Item): void {
    if (this.#items.length < LONGEST_LINE) {
      this.#items.push(item);
    } else {
      this.#isCut = true;
    }
  }
}

const isContinuation = (item: Item | undefined) => typeof item === 'number' && (item & 0xc0) === 0x80;

/** One character of UTF-8, or a key. */
function eraseLast(items: Item[]): void {
  while (isContinuation(items.at(-1))) {
    items.pop();
  }
  items.pop();
}

function eraseWord(items: Item[]): void {
  while (items.at(-1) === SPACE) {
    items.pop();
  }
  while (items.length > 0 && items.at(-1) !== SPACE) {
    items.pop();
  }
}

function textOf(items: readonly Item[]): string {
  return Buffer.concat(
    items.map((item) => (typeof item === 'number' ? Buffer.of(item) : Buffer.from(item))),
  ).toString();
}

/** The texts between keys. */
function runsOf(items: readonly Item[]): string[] {
  const runs: number[][] = [[]];
  for (const item of items) {
    if (typeof item === 'number') {
      (runs.at(-1) as number[]).push(item);
    } else {
      runs.push([]);
    }
  }
  return runs.map((run) => textOf(run)).filter((run) => run.trim() !== '');
}
