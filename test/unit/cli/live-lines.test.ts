// Lines drawn in their place: what a terminal shows after each frame, by a small terminal of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveLines } from '../../../src/cli/holdfast/text/live-lines.ts';
import { shownWhile } from '../../../src/cli/holdfast/text/shown-while.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const PIECES = /\x1b\[[?0-9]*[A-Za-z]|[^\x1b]/gs;
const UP = /^.\[(\d+)A$/s;

/** As much of a terminal as the frames need. */
class Screen {
  columns: number;
  rows: number;
  lines: string[];
  #row: number;
  #column = 0;
  #wraps = true;

  /** `above`: what it shows already; the cursor is below. */
  constructor(columns: number, rows: number, above: readonly string[] = []) {
    this.columns = columns;
    this.rows = rows;
    this.lines = [...above, ''];
    this.#row = above.length;
  }

  readonly out = (text: string | Uint8Array): void => {
    for (const [piece] of String(text).matchAll(PIECES)) {
      this.#take(piece);
    }
  };

  /** Without what was scrolled out. */
  get shown(): string[] {
    return this.lines.slice(-this.rows).map((line) => line.trimEnd());
  }

  #take(piece: string): void {
    const line = this.lines[this.#row] ?? '';
    const [, up] = UP.exec(piece) ?? [];
    if (up !== undefined) {
      this.#row = Math.max(0, this.lines.length - this.rows, this.#row - Number(up));
    } else if (piece === '\r') {
      this.#column = 0;
    } else if (piece === '\n') {
      this.#column = 0;
      this.#row++;
      this.lines[this.#row] ??= '';
    } else if (piece === '\x1b[K') {
      this.lines[this.#row] = line.slice(0, this.#column);
    } else if (piece === '\x1b[J') {
      this.lines = [...this.lines.slice(0, this.#row), line.slice(0, this.#column)];
    } else if (piece === '\x1b[H') {
      this.#row = Math.max(0, this.lines.length - this.rows);
      this.#column = 0;
    } else if (piece === '\x1b[2J') {
      this.lines = [...this.lines.slice(0, this.#row), ''];
    } else if (piece === '\x1b[?7l' || piece === '\x1b[?7h') {
      this.#wraps = piece.endsWith('h');
    } else {
      assert.equal(piece.length, 1, JSON.stringify(piece));
      assert.ok(this.#column < this.columns || !this.#wraps, 'a line wraps');
      if (this.#column < this.columns) {
        this.lines[this.#row] = line.slice(0, this.#column).padEnd(this.#column) + piece + line.slice(this.#column + 1);
        this.#column++;
      }
    }
  }
}

test('each frame takes the place of the one before, also if it is shorter; what is above stays', () => {
  const screen = new Screen(20, 10, ['$ holdfast ps -w']);
  const live = new LiveLines(screen);
  live.draw(['NAME  STATE', 'a     running', 'b     running']);
  live.draw(['NAME  STATE', 'a     off']);
  assert.deepEqual(screen.shown, ['$ holdfast ps -w', 'NAME  STATE', 'a     off', '']);
  live.draw(['NAME  STATE', 'a     off', 'b     running', 'c     running']);
  assert.deepEqual(screen.shown.slice(1), ['NAME  STATE', 'a     off', 'b     running', 'c     running', '']);
});

test('more lines than the terminal has are counted', () => {
  const screen = new Screen(80, 5, ['x', 'x', 'x', 'x']);
  const live = new LiveLines(screen);
  for (let n = 0; n < 3; n++) {
    live.draw(['NAME', 'a', 'b', 'c', 'd', `e${n}`]);
    assert.deepEqual(screen.shown, ['NAME', 'a', 'b', '... and 3 more', '']);
  }
  live.draw(['NAME', 'a', 'b', 'c']);
  assert.deepEqual(screen.shown, ['NAME', 'a', 'b', 'c', '']);
});

test('a line that is too long does not become two', () => {
  const screen = new Screen(5, 5);
  const live = new LiveLines(screen);
  live.draw(['too long', 'b']);
  live.draw(['too long', 'c']);
  assert.deepEqual(screen.shown, ['too l', 'c', '']);
});

test('a terminal that has changed its size is cleared', () => {
  const screen = new Screen(20, 5);
  const live = new LiveLines(screen);
  live.draw(['a line of some words', 'b']);
  // As it reflows what it shows.
  screen.columns = 10;
  screen.lines = ['a line of ', 'some words', 'b', ''];
  live.draw(['a line of some words', 'b']);
  assert.deepEqual(screen.shown, ['a line of', 'b', '']);
});

test('what takes longer than a second is shown with how long it has taken, and removed', async () => {
  const clock = new FakeClock();
  const shown: string[] = [];
  const io = { progress: (text: string) => void shown.push(text) };
  const { promise, resolve } = Promise.withResolvers<number>();
  const result = shownWhile({ clock, io }, 'examining', promise);
  clock.advance(999);
  assert.deepEqual(shown, []);
  clock.advance(1001);
  assert.deepEqual(shown, ['examining: 1s', 'examining: 2s']);
  resolve(7);
  assert.equal(await result, 7);
  clock.advance(5000);
  assert.deepEqual(shown.slice(2), ['']);
});
