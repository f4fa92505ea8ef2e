import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const running = new Set<Program>();

/** However the bench ends, everything that it started is ended, and only that. */
export function endEverythingAtExit(): void {
  process.on('exit', () => {
    for (const program of running) {
      program.kill('SIGKILL');
    }
  });
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
}

export type ProgramOptions = { cwd?: string; input?: 'pipe' | 'ignore' };

/** A program that the bench started: its lines, its input, its end. */
export class Program {
  readonly name: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    this.name = command;
    const { cwd, input = 'pipe' } = options;
    const child = spawn(command, args, { ...(cwd === undefined ? {} : { cwd }), stdio: [input, 'pipe', 'pipe'] });
    this.#child = child;
    // They are pipes, see two lines above; the type of spawn does not follow a variable in `stdio`.
    if (child.stdout === null || child.stderr === null) {
      throw new Error(`${command}: started without pipes`);
    }
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (text: Buffer) => {
      this.#errors += text.toString();
    });
    // A program may end without having read its input; its exit status tells more than the EPIPE here.
    this.#child.stdin?.on('error', () => undefined);
    running.add(this);
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        running.delete(this);
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) {
      throw new Error(`${this.name}: could not be started`);
    }
    return this.#child.pid;
  }

  /** The next line of its stdout; if it ends instead, an error with its stderr. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) {
      const { code, signal } = await this.ended;
      throw new Error(`${this.name}: ended with ${signal ?? code} before it answered: ${this.#errors.trim()}`);
    }
    return next.value;
  }

  /** The next line of its stdout as JSON. */
  async json<Shape>(): Promise<Shape> {
    return JSON.parse(await this.line()) as Shape;
  }

  send(text: string): void {
    this.#child.stdin?.write(text);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end, sends SIGKILL after `patience` ms, and waits until it is gone. */
  async stop(patience = 5000): Promise<void> {
    const insist = setTimeout(() => this.kill('SIGKILL'), patience);
    this.kill('SIGTERM');
    await this.ended;
    clearTimeout(insist);
  }
}

/** Runs a program to its end and returns its one line of JSON. */
export async function ask<Shape>(command: string, args: readonly string[]): Promise<Shape> {
  const program = new Program(command, args, { input: 'ignore' });
  const answer = await program.json<Shape>();
  await program.ended;
  return answer;
}
