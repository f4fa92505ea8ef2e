/** Lines on a terminal that are redrawn in place. Output above them is kept, and the last state remains at the end. */
import type { Io } from '../command/command.ts';

const UP = (lines: number): string => (lines > 0 ? `\x1b[${lines}A\r` : '');
const CLEAR_TO_RIGHT = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const CLEAR_ALL = '\x1b[H\x1b[2J';
/** A line that is longer than the terminal is wide must not become two. */
const WRAP_OFF = '\x1b[?7l';
const WRAP_ON = '\x1b[?7h';

export class LiveLines {
  readonly #io: Pick<Io, 'columns' | 'rows' | 'out'>;
  #drawn = 0;
  #size = '';
  readonly #more: (rest: number) => string;

  /** `more`: how the lines are called for which there is no room. */
  constructor(io: Pick<Io, 'columns' | 'rows' | 'out'>, more = (rest: number) => `... and ${rest} more`) {
    this.#io = io;
    this.#more = more;
  }

  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#io;
    const room = Math.max(2, rows - 1);
    const rest = lines.length - room + 1;
    const shown = rest <= 1 ? lines : [...lines.slice(0, -rest), this.#more(rest)];
    const size = `${columns}x${rows}`;
    // After a resize, how the terminal has wrapped the lines is unknown.
    const resized = this.#size !== '' && this.#size !== size;
    const text = shown.map((line) => `${line}${CLEAR_TO_RIGHT}\n`).join('');
    this.#io.out(`${WRAP_OFF}${resized ? CLEAR_ALL : UP(this.#drawn)}${text}${CLEAR_BELOW}${WRAP_ON}`);
    this.#drawn = shown.length;
    this.#size = size;
  }

  /** Removes them: what follows takes their place. */
  erase(): void {
    if (this.#drawn > 0) {
      this.#io.out(`${UP(this.#drawn)}${CLEAR_BELOW}`);
      this.#drawn = 0;
    }
  }
}

/** Progress, where lines can be redrawn. */
export function liveLinesOn(io: Io, more?: (rest: number) => string): LiveLines | undefined {
  return io.terminal && io.env.TERM !== 'dumb' ? new LiveLines(io, more) : undefined;
}
