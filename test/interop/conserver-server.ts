/** A real conserver (Debian's) on loopback for one test, and programs on a real terminal to talk to it. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../harness/at-end.ts';
import { freePort } from '../harness/free-port.ts';
import { TIMEOUT_MS, until } from '../harness/until.ts';

const CONSERVER = '/usr/sbin/conserver';

export const CONSOLE = fileURLToPath(new URL('../../bin/console', import.meta.url));
/** Our server. */
export const OUR_CONSERVER = fileURLToPath(new URL('../../bin/conserver', import.meta.url));

/** Why the tests cannot run here, for the skip line; false if they can. */
export const noConserver = existsSync(CONSERVER) ? false : `${CONSERVER} is not installed`;

export interface RunningServer {
  readonly port: number;
  readonly folder: string;
  /** Ends it. A server that is gone has written its logs; a running one writes them after serving clients. */
  stop(): Promise<void>;
}

/**
 * Starts conserver, the original or `program`, with this configuration (`@D@` is its folder) and waits until it greets.
 * Its output is in the file `out` of the folder. Ends with the test.
 */
export async function startConserver(
  t: TestContext,
  cf: string,
  passwd = '',
  program = CONSERVER,
  options: readonly string[] = [],
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-conserver-'));
  const port = await freePort();
  writeFileSync(join(folder, 'cf'), cf.replaceAll('@D@', folder));
  writeFileSync(join(folder, 'passwd'), passwd);
  const words = [
    '-C',
    join(folder, 'cf'),
    '-M',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-P',
    join(folder, 'passwd'),
    '-E',
    ...options,
  ];
  const out = openSync(join(folder, 'out'), 'w');
  const server = spawn(program, words, { stdio: ['ignore', out, out], cwd: folder });
  closeSync(out);
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    // If it hangs its test has failed, and it ends with it.
    await within(ended, 'the server to end').catch(() => server.kill('SIGKILL'));
    await ended;
  };
  atEnd(t, async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await within(greeting(port), `conserver to greet on port ${port}`);
  return { port, folder, stop };
}

/** A program on its own terminal (script(1)), with its bytes on pipes. */
export class OnTerminal {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #seen = '';
  #wake: (() => void) | undefined;
  readonly ended: Promise<number | null>;

  constructor(t: TestContext, shell: string, env: Readonly<Record<string, string>> = {}) {
    const words = ['-qefc', shell, '/dev/null'];
    this.#child = spawn('script', words, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    this.#child.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.#seen += text;
      this.#wake?.();
    });
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
    atEnd(t, async () => {
      this.#child.kill('SIGKILL');
      await this.ended;
    });
  }

  type(text: string): void {
    this.#child.stdin.write(text, 'latin1');
  }

  /** Waits for the pattern and takes everything up to its end. */
  async expect(pattern: string | RegExp): Promise<string> {
    const find = () => {
      const at = typeof pattern === 'string' ? this.#seen.indexOf(pattern) : this.#seen.search(pattern);
      const length = typeof pattern === 'string' ? pattern.length : (pattern.exec(this.#seen)?.[0].length ?? 0);
      return at < 0 ? -1 : at + length;
    };
    let end = find();
    while (end < 0) {
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await within(more, `${pattern}; so far ${JSON.stringify(this.#seen)}`);
      end = find();
    }
    const taken = this.#seen.slice(0, end);
    this.#seen = this.#seen.slice(end);
    return taken;
  }
}

/** Runs a program to its end. */
export async function run(program: string, words: readonly string[], input = '') {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    stderr += text;
  });
  // A program may end without reading its input, so a broken pipe is not an error.
  child.stdin.on('error', () => undefined).end(input, 'latin1');
  const status = await within(
    new Promise<number | null>((resolve) => child.once('close', resolve)),
    `${program} to end`,
  );
  return { status, stdout, stderr };
}

export async function within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tries until a server answers on the port. */
export async function greeting(port: number): Promise<void> {
  const answered = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.once('data', () => socket.destroy());
    });
  await until(`a server on port ${port}`, answered);
}
