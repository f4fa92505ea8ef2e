/** `holdfast` in this process at a real server, with what its real `Io` makes of a terminal or a pipe. */
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import type { Hooks, Io } from '../../src/cli/holdfast/command/command.ts';
import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { KnownHosts } from '../../src/cli/holdfast/parts/known-hosts.ts';
import { processIo, type Streams } from '../../src/cli/holdfast/process-io.ts';
import { run } from '../../src/cli/holdfast/run.ts';
import { connectControl } from '../../src/client/control-connection.ts';
import { hostsPath } from '../../src/config/config-files.ts';
import * as hostsToml from '../../src/grammar/holdfast/hosts.ts';
import { exportWords, files, importWords } from '../../src/main/holdfast-import.late.ts';
import { lines } from '../../src/main/holdfast-programs.late.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { TIMEOUT_MS } from './until.ts';

export interface Stand {
  /** Columns of the terminal; absent: pipes. */
  readonly columns?: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const ROWS = 24;

/** Runs until it ends, or until `enough` of its output, which is Ctrl-C then. */
export async function standsBy(
  { columns, env }: Stand,
  socket: string,
  words: readonly string[],
  enough?: RegExp,
): Promise<Said> {
  const said = { out: '', err: '' };
  let missing = enough;
  const interrupt = new AbortController();
  const sink = (name: keyof typeof said): Writable => {
    const stream = new Writable({
      write: (chunk: Buffer, _, taken) => {
        said[name] += chunk.toString();
        if (enough?.test(said[name])) {
          missing = undefined;
          interrupt.abort();
        }
        taken();
      },
    });
    return columns === undefined ? stream : Object.assign(stream, { isTTY: true, columns, rows: ROWS });
  };
  const stdin = new PassThrough();
  stdin.end();
  const streams = { stdin, stdout: sink('out'), stderr: sink('err'), env } as unknown as Streams;
  const io: Io = Object.create(processIo(systemClock, streams), { interrupted: { value: () => interrupt.signal } });
  const late = setTimeout(() => interrupt.abort(), TIMEOUT_MS);
  const code = await run(words, {
    ...{
      commands: COMMANDS,
      io,
      clock: systemClock,
      hooks: HOOKS,
      version: '0.1.0',
      docs: '/opt/holdfast/docs',
      socket,
    },
    hosts: async () => new KnownHosts(hostsPath(env), systemClock, hostsToml),
    connect: connectControl,
  });
  clearTimeout(late);
  assert.equal(missing, undefined, `${words.join(' ')} never said this, but ${JSON.stringify(said)}`);
  return { code, ...said };
}

/** They have the process to themselves. */
const alone = (): never => {
  throw new Error('this command takes a process of its own');
};

const HOOKS: Hooks = {
  up: alone,
  top: alone,
  import: importWords,
  export: exportWords,
  lines: async () => lines,
  files: () => files,
};
