/** Frames for a terminal: only lines that differ from the last frame, within one synchronised update. Pure. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

export class Frames {
  #last: readonly string[] = [];

  /** Everything is drawn again: the terminal has another size, or was used by others. */
  forget(): void {
    this.#last = [];
  }

  /** Empty: nothing has changed. */
  next(lines: readonly string[]): string {
    const all = this.#last.length !== lines.length;
    const changed = lines.flatMap((line, at) =>
      all || line !== this.#last[at] ? [`\x1b[${at + 1};1H\x1b[2K${line}`] : [],
    );
    this.#last = lines;
    return changed.length === 0 && !all ? '' : `${BEGIN}${all ? '\x1b[H\x1b[2J' : ''}${changed.join('')}${END}`;
  }
}
