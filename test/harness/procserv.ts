/** Our procServ as a program of its own, with its sockets and files in a directory of the test's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';
import { Client } from './client.ts';
import { temporaryDirectory } from './machine.ts';
import { Transcript } from './transcript.ts';
import { until } from './until.ts';

export const PROCSERV = join(import.meta.dirname, '../../bin/procServ');

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The endpoint, if it is not `control` in the directory. */
  readonly endpoint?: string;
  /** Whether clients get the past: on by default, so that a test may attach after the first output of its child. */
  readonly history?: boolean;
  /** Its descriptor limit. */
  readonly descriptors?: number;
}

/** Any program of ours, to its end or until the test is over. */
export class Program {
  readonly process: ChildProcess;
  readonly stdout = new Transcript();
  readonly stderr = new Transcript();
  readonly exited: Promise<Exit>;

  constructor(t: TestContext, file: string, words: readonly string[], options: StartOptions = {}) {
    const { descriptors } = options;
    const limited = ['-c', `ulimit -n ${descriptors}; exec "$0" "$@"`, file, ...words];
    const [program, all] = descriptors === undefined ? [file, [...words]] : ['/bin/sh', limited];
    this.process = spawn(program, all, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (data: Buffer) => this.stdout.add(data)).on('close', () => this.stdout.end());
    this.process.stderr?.on('data', (data: Buffer) => this.stderr.add(data)).on('close', () => this.stderr.end());
    this.exited = new Promise((resolve, reject) => {
      this.process.on('error', reject).on('exit', (code, signal) => resolve({ code, signal }));
    });
    atEnd(t, async () => {
      this.process.kill('SIGKILL');
      await this.exited;
    });
  }

  get pid(): number {
    return this.process.pid as number;
  }
}

export class ProcServ extends Program {
  readonly directory: string;
  /** Path of the unix socket. */
  readonly control: string;

  private constructor(t: TestContext, directory: string, words: readonly string[], options: StartOptions) {
    super(t, PROCSERV, words, { cwd: directory, ...options });
    this.directory = directory;
    this.control = join(directory, 'control');
  }

  /** Starts it in the foreground and waits until it listens: `words` are options and the command. */
  static async start(t: TestContext, words: readonly string[], options: StartOptions = {}): Promise<ProcServ> {
    const directory = temporaryDirectory(t);
    const info = join(directory, 'info');
    const endpoint = options.endpoint ?? 'unix:control';
    const history = (options.history ?? true) ? ['--history', '20'] : [];
    const server = new ProcServ(t, directory, ['-f', '-I', info, '-P', endpoint, ...history, ...words], options);
    const gone = server.exited.then(async ({ code }) => {
      throw new Error(`procServ ended with ${code}: ${await server.stderr.whole()}`);
    });
    gone.catch(() => undefined);
    await Promise.race([until('procServ listens', () => existsSync(info)), gone]);
    return server;
  }

  /** The port of the first TCP endpoint in the info file. */
  get port(): number {
    return Number(/^tcp:.*:(\d+)$/m.exec(this.info)?.[1]);
  }

  get info(): string {
    return readFileSync(join(this.directory, 'info'), 'utf8');
  }

  attach(keep = true): Promise<Client> {
    return Client.connect(this.control, keep);
  }

  file(name: string): string {
    return readFileSync(join(this.directory, name), 'latin1');
  }

  /** Waits until no session is left, according to the banner. */
  async alone(): Promise<void> {
    await until('no sessions', async () => {
      const client = await this.attach();
      // It may not have noticed yet that those have left who took all places.
      const [, others] = await client.expect(/@@@ (?:(\d+ user\(s\) and \d+ logger\(s\)) connected|Refused: )/);
      await client.leave();
      return others === '0 user(s) and 0 logger(s)';
    });
  }

  /** Whether the file exists and has this text. */
  has(name: string, text: string): boolean {
    return existsSync(join(this.directory, name)) && this.file(name).includes(text);
  }

  /** SIGTERM, and its exit status. */
  terminate(): Promise<Exit> {
    this.process.kill('SIGTERM');
    return this.exited;
  }
}

/** Runs a command line of procServ that ends by itself. */
export async function runProcServ(
  t: TestContext,
  words: readonly string[],
  options: StartOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = new Program(t, PROCSERV, words, options);
  const [{ code }, stdout, stderr] = await Promise.all([
    program.exited,
    program.stdout.whole(),
    program.stderr.whole(),
  ]);
  return { code, stdout, stderr };
}
