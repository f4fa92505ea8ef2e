/** tmux as a terminal: it shows its screen, and reports its settings. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { atEnd } from './at-end.ts';
import { temporaryDirectory } from './machine.ts';
import { until } from './until.ts';

const run = promisify(execFile);

const MODES = [
  ...['alternate_on', 'cursor_flag', 'insert_flag', 'keypad_cursor_flag', 'keypad_flag', 'mouse_any_flag'],
  ...['mouse_sgr_flag', 'mouse_utf8_flag', 'origin_flag', 'wrap_flag'],
  ...['scroll_region_upper', 'scroll_region_lower', 'pane_tabs', 'pane_title'],
];

export class Tmux {
  readonly #words: readonly string[];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#words = ['-S', join(folder, 'tmux'), '-f', '/dev/null'];
  }

  /** A terminal that runs `command`. */
  static async start(t: TestContext, command: string, columns = 80, rows = 24): Promise<Tmux> {
    const tmux = new Tmux(temporaryDirectory(t));
    atEnd(t, () => tmux.do('kill-server').catch(() => undefined));
    await tmux.do('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, command);
    return tmux;
  }

  async do(...words: readonly string[]): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: this.#folder, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
    return (await run('tmux', [...this.#words, ...words], { env })).stdout;
  }

  screen(): Promise<string> {
    return this.do('capture-pane', '-p');
  }

  async modes(): Promise<Record<string, string>> {
    const values = await this.do('display-message', '-p', MODES.map((mode) => `#{${mode}}`).join('\n'));
    const lines = values.split('\n');
    return Object.fromEntries(MODES.map((mode, at) => [mode, lines[at] ?? '']));
  }

  /** Keys by tmux's names for them; text is typed as it is. */
  async keys(...words: readonly string[]): Promise<void> {
    await this.do('send-keys', ...words);
  }

  async shows(what: RegExp): Promise<string> {
    let screen = '';
    await until(`${what} on the screen`, async () => {
      screen = await this.screen();
      return what.test(screen);
    }).catch((error: Error) => assert.fail(`${error.message}:\n${screen}`));
    return screen;
  }
}
