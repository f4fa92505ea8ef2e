/** The process's own terminal or pipes as the outside of a command. */

import { linesOf } from '../../platform/lines.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { Io } from './command/command.ts';

export function processIo(clock: Clock): Io {
  const { stdin, stdout, stderr, env } = process;
  const terminal = stdout.isTTY === true;
  let progress = '';
  const interrupt = new AbortController();
  const onInterrupt = () => {
    // The second Ctrl-C ends a command that ignores the first.
    process.once('SIGINT', () => process.exit(130));
    interrupt.abort();
  };
  // `holdfast logs x | head`: the reader has had enough, which is not an error.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  stderr.on('error', () => undefined);
  return {
    out: (text, taken) => void stdout.write(text, taken),
    err: (text) => void stderr.write(text),
    progress: (text) => {
      if (stderr.isTTY && text !== progress) {
        progress = text;
        stderr.write(`\r\x1b[K${text}`);
      }
    },
    get columns() {
      return terminal ? stdout.columns || Number(env.COLUMNS) || 80 : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return terminal ? stdout.rows || Number(env.LINES) || 24 : Number.POSITIVE_INFINITY;
    },
    terminal,
    interactive: terminal && stdin.isTTY === true,
    color: terminal && !env.NO_COLOR && env.TERM !== 'dumb',
    env,
    now: () => clock.now(),
    ask,
    secret: async (question) => {
      if (!stdin.isTTY) {
        for await (const line of linesOf(stdin)) {
          return line.replace(/\r$/, '');
        }
        return undefined;
      }
      const { askPassword } = await import('../../platform/process/ask-password.ts');
      const typed = await askPassword(question, (text) => stderr.write(`${text}\n`));
      return typed === undefined ? undefined : Buffer.from(typed, 'latin1').toString();
    },
    confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} [y/N]`)).trim()),
    // Ctrl-C ends a command at once, unless it has asked to be told.
    get interrupted() {
      if (process.listeners('SIGINT').length === 0) {
        process.once('SIGINT', onInterrupt);
      }
      return interrupt.signal;
    },
  };
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`${question} `).catch(() => '');
  lines.close();
  return answer;
}
