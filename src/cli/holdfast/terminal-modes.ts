/** What a program on the console has switched on in the terminal that shows it, so that it can be switched off at the end. Pure. */

/** DEC private modes that outlive a program and spoil a shell: keys, mouse, focus, other screen, bracketed paste. */
const WATCHED = new Set([1, 9, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1047, 1049, 2004]);
const CURSOR = 25;
/** Longest sequence that may be cut by the end of a chunk. */
const CARRY = 32;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal obeys
const MODE = /\x1b\[\?([\d;]{1,24})([hl])|\x1b\[!p|\x1bc/g;

export class TerminalModes {
  readonly #on = new Set<number>();
  #cursorHidden = false;
  #coloured = false;
  #carry = '';

  /** `latin1`: the output, a character for a byte. */
  seen(latin1: string): void {
    const text = this.#carry + latin1;
    let end = 0;
    for (const match of text.matchAll(MODE)) {
      end = match.index + match[0].length;
      if (match[1] === undefined) {
        this.#on.clear();
        this.#cursorHidden = false;
        continue;
      }
      for (const mode of match[1].split(';').map(Number)) {
        this.#set(mode, match[2] === 'h');
      }
    }
    this.#coloured ||= text.includes('\x1b[');
    this.#carry = text.slice(Math.max(end, text.length - CARRY));
  }

  /** The sequence that undoes what is on; empty if nothing is. */
  undo(): string {
    const modes = [...this.#on].map((mode) => `\x1b[?${mode}l`).join('');
    return `${modes}${this.#cursorHidden ? '\x1b[?25h' : ''}${this.#coloured ? '\x1b[0m' : ''}`;
  }

  #set(mode: number, on: boolean): void {
    if (mode === CURSOR) {
      this.#cursorHidden = !on;
    } else if (on && WATCHED.has(mode)) {
      this.#on.add(mode);
    } else {
      this.#on.delete(mode);
    }
  }
}
