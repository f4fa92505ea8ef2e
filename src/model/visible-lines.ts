/** The visible text of a terminal's output, line by line, independent of the screen's width. Pure. */
import { type ControlSequence, TerminalScanner } from './terminal-scanner.ts';

/** Characters kept of an endless line. */
const LONGEST_LINE = 8192;
/** Overwritten texts reported per piece of output: a progress display can overwrite at every character. */
const MOST_OVERWRITTEN = 64;
/** Characters. A title that begins with ESC k is shown as text by terminals that do not support it. */
const LONGEST_TITLE = 256;
/** Characters. The cursor does not return to longer lines. */
const LONGEST_SAVED = 512;
const TAB = 8;

/** DEC Special Graphics, for ` to ~. */
const GRAPHICS = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';
const GRAPHICS_FROM = 0x60;

/** Final characters of CSI that put the cursor into another line. */
const ELSEWHERE: ReadonlySet<string> = new Set(['A', 'B', 'E', 'F', 'H', 'f', 'd', 'e', 'k']);

export class VisibleLines {
  readonly #scanner = new TerminalScanner();
  #cells: string[] = [];
  #column = 0;
  /** Whether it has changed since it was reported. */
  #fresh = false;
  /** Whether the cursor was moved back. */
  #back = false;
  #overwritten = 0;
  /** Characters of the title so far; undefined if there is none. */
  #title: number | undefined;
  /** Whether G0 and G1 are graphics, and which of them is in use. */
  #graphics: [boolean, boolean] = [false, false];
  #shifted = false;
  /** The cursor as it was saved, and its line. */
  #saved: { readonly cells: readonly string[]; readonly column: number } | undefined;
  readonly #ended: (line: string) => void;
  readonly #gone: (line: string) => void;

  /** `ended` gets every line that the cursor leaves, `gone` the text of a line before it was overwritten. */
  constructor(ended: (line: string) => void, gone: (line: string) => void = () => undefined) {
    this.#ended = ended;
    this.#gone = gone;
  }

  /** The line of the cursor. */
  get line(): string {
    return this.#cells.join('');
  }

  /** Takes more output. Controls of 8 bits are known by their characters, U+0080 to U+009F. */
  feed(text: string): void {
    this.#overwritten = 0;
    for (const character of text) {
      this.#take(character, character.codePointAt(0) as number);
    }
  }

  #take(character: string, code: number): void {
    // A program that died within a string must not hide everything after it.
    if (this.#scanner.inString && (character === '\n' || this.#scanner.overlong)) {
      this.#scanner.reset();
    }
    switch (this.#scanner.take(code)) {
      case 'text':
        this.#print(this.#drawn(character, code));
        break;
      case 'control':
        this.#control(character);
        break;
      case 'part':
        break;
      case 'over':
        this.#obey(this.#scanner.sequence);
        break;
      case 'cut':
        this.#take(character, code);
    }
  }

  #drawn(character: string, code: number): string {
    const drawn = this.#graphics[this.#shifted ? 1 : 0] ? GRAPHICS[code - GRAPHICS_FROM] : undefined;
    return drawn ?? character;
  }

  #print(character: string): void {
    if (this.#title !== undefined && this.#title++ < LONGEST_TITLE) {
      return;
    }
    this.#title = undefined;
    if (this.#back && this.#column < this.#cells.length) {
      this.#tell();
    }
    this.#back = false;
    while (this.#cells.length < this.#column) {
      this.#cells.push(' ');
    }
    this.#cells[this.#column++] = character;
    this.#fresh = true;
    if (this.#cells.length >= 2 * LONGEST_LINE) {
      this.#cells.splice(0, LONGEST_LINE);
      this.#column = Math.max(0, this.#column - LONGEST_LINE);
    }
  }

  #control(character: string): void {
    switch (character) {
      case '\n':
      case '\v':
      case '\f':
        this.#title = undefined;
        this.#next();
        break;
      case '\r':
        this.#moveTo(0);
        break;
      case '\b':
        this.#moveTo(this.#column - 1);
        break;
      case '\t':
        // Kept as written if it is the end: patterns may match it.
        if (this.#column >= this.#cells.length) {
          this.#print(character);
        } else {
          this.#moveTo(this.#column + TAB - (this.#column % TAB));
        }
        break;
      case '\x07':
        this.#title = undefined;
        break;
      case '\x0e':
        this.#shifted = true;
        break;
      case '\x0f':
        this.#shifted = false;
    }
  }

  #obey({ kind, text, whole }: ControlSequence): void {
    this.#title = undefined;
    if (kind === 'escape') {
      this.#escape(text);
    } else if (kind === 'csi' && whole) {
      const [, parameter = '', final = ''] = /^([0-9]*)[0-9;]*([@-~])$/.exec(text) ?? [];
      this.#edit(final, Number(parameter));
    }
  }

  #escape(text: string): void {
    switch (text) {
      case 'D':
      case 'E':
      case 'M':
        this.#next();
        break;
      case 'c':
        this.#graphics = [false, false];
        this.#shifted = false;
        this.#next();
        break;
      case 'k':
        this.#title = 0;
        break;
      case '7':
        this.#save();
        break;
      case '8':
        this.#restore();
        break;
      default:
        if (text.startsWith('(') || text.startsWith(')')) {
          this.#graphics[text.startsWith('(') ? 0 : 1] = text.endsWith('0');
        }
    }
  }

  #edit(final: string, parameter: number): void {
    const count = Math.min(LONGEST_LINE, Math.max(1, parameter));
    switch (final) {
      case 'C':
      case 'a':
        this.#moveTo(this.#column + count);
        break;
      case 'D':
        this.#moveTo(this.#column - count);
        break;
      case 'G':
      case '`':
        this.#moveTo(count - 1);
        break;
      case 'J':
      case 'K':
        this.#erase(parameter);
        break;
      case 'P':
        this.#cells.splice(this.#column, count);
        break;
      case '@':
        if (this.#column < this.#cells.length) {
          this.#cells.splice(this.#column, 0, ...Array<string>(count).fill(' '));
          this.#cells.length = Math.min(this.#cells.length, 2 * LONGEST_LINE);
        }
        break;
      case 's':
        this.#save();
        break;
      case 'u':
        this.#restore();
        break;
      case 'X':
        this.#cells.fill(' ', this.#column, this.#column + count);
        break;
      default:
        if (ELSEWHERE.has(final)) {
          this.#next();
        }
    }
  }

  /** 0: from the cursor on; 1: up to it; else all. */
  #erase(what: number): void {
    this.#tell();
    if (what === 0) {
      this.#cells.length = Math.min(this.#cells.length, this.#column);
    } else if (what === 1) {
      this.#cells.fill(' ', 0, this.#column + 1);
    } else {
      this.#cells = [];
    }
  }

  #save(): void {
    this.#saved = this.#cells.length <= LONGEST_SAVED ? { cells: [...this.#cells], column: this.#column } : undefined;
  }

  /** Text written elsewhere meanwhile, such as a progress bar below, stays there. */
  #restore(): void {
    if (this.#saved) {
      const { cells, column } = this.#saved;
      const there = this.#cells.slice(0, cells.length).join('') === cells.join('');
      if (!there) {
        this.#next();
        this.#cells = [...cells];
      }
      this.#column = column;
      this.#back = true;
    }
  }

  #moveTo(column: number): void {
    this.#back ||= column < this.#column;
    this.#column = Math.min(2 * LONGEST_LINE - 1, Math.max(0, column));
  }

  /** The text about to be overwritten was visible until now. */
  #tell(): void {
    if (this.#fresh && this.#overwritten++ < MOST_OVERWRITTEN) {
      this.#fresh = false;
      this.#gone(this.line);
    }
  }

  #next(): void {
    this.#ended(this.line);
    this.#cells = [];
    this.#column = 0;
    this.#fresh = false;
    this.#back = false;
  }
}

/** All lines of a text as they were when the cursor left them, and the current one unless it is empty. */
export function visibleLines(text: string): readonly string[] {
  const found: string[] = [];
  const lines = new VisibleLines((line) => found.push(line));
  lines.feed(text);
  return lines.line === '' ? found : [...found, lines.line];
}
