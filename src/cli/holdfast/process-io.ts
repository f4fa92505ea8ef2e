/** The process's own terminal or pipes as the outside of a command. */

import { linesOf } from '../../platform/lines.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { Io } from './command/command.ts';
import { folded } from './text/folded.ts';
import { isUnicode } from './text/locale.ts';

/** Terminal or pipes of a process. */
export type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>;

const COLUMNS = 80;
const ROWS = 24;

export function processIo(clock: Clock, streams: Streams = process): Io {
  // Not standard input: Node creates its stream on first use, and few commands need it.
  const { stdout, stderr, env } = streams;
  const terminal = stdout.isTTY === true;
  const isSmart = env.TERM !== 'dumb';
  // All that we print that is not ASCII; what others wrote stays as it is.
  const spelled = (text: string) => (isUnicode(env) ? text : text.replaceAll('…', '~'));
  let progress = '';
  const wipe = (): void => {
    if (progress !== '') {
      progress = '';
      stderr.write('\r\x1b[K');
    }
  };
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
    out: (text, taken) => {
      wipe();
      stdout.write(terminal && typeof text === 'string' ? spelled(text) : text, taken);
    },
    err: (text) => {
      wipe();
      stderr.write(stderr.isTTY ? spelled(folded(text, widthOf(stderr, env))) : text);
    },
    progress: (text) => {
      if (stderr.isTTY && isSmart && text !== progress) {
        wipe();
        progress = text;
        stderr.write(text);
      }
    },
    get columns() {
      return terminal ? widthOf(stdout, env) : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return terminal ? stdout.rows || Number(env.LINES) || ROWS : Number.POSITIVE_INFINITY;
    },
    terminal,
    interactive: terminal && streams.stdin.isTTY === true,
    color: terminal && !env.NO_COLOR && isSmart,
    env,
    now: () => clock.now(),
    ask: (question) => ask(question, streams),
    secret: async (question) => {
      const { stdin } = streams;
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
    confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} [y/N]`, streams)).trim()),
    // Ctrl-C ends a command at once, unless it has asked to be told.
    interrupted: () => {
      if (process.listeners('SIGINT').length === 0) {
        process.once('SIGINT', onInterrupt);
      }
      return interrupt.signal;
    },
  };
}

function widthOf({ columns }: { readonly columns?: number }, { COLUMNS: told }: NodeJS.ProcessEnv): number {
  return columns || Number(told) || COLUMNS;
}

async function ask(question: string, { stdin, stderr }: Streams): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: stdin, output: stderr });
  const answer = await lines.question(`${question} `).catch(() => '');
  lines.close();
  return answer;
}
