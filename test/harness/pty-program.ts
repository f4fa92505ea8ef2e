// A program on its own real terminal, as a user has it: its output, typed input, the terminal settings.
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { type ChildEnd, native } from '../../src/platform/native.ts';

const ends = new Map<number, (end: ChildEnd) => void>();
native.onChildEnd((end) => {
  ends.get(end.pid)?.(end);
  ends.delete(end.pid);
});

/** Leftovers of a failed test are hung up and killed. */
const made: PtyProgram[] = [];
after(() => {
  for (const program of made) {
    program.close();
    if (ends.has(program.pid)) {
      process.kill(program.pid, 'SIGKILL');
    }
  }
});

export class PtyProgram {
  readonly pid: number;
  /** Everything shown so far. */
  shown = '';
  readonly ended: Promise<ChildEnd>;
  readonly #closed = Promise.withResolvers<void>();
  readonly #pty: ReturnType<typeof native.openPty>;
  readonly #waiting = new Set<() => void>();

  private constructor(pid: number, fd: number) {
    this.pid = pid;
    const { promise, resolve } = Promise.withResolvers<ChildEnd>();
    ends.set(pid, resolve);
    made.push(this);
    this.#pty = native.openPty(fd, {
      data: (count) => {
        this.shown += Buffer.from(native.scratch.subarray(0, count)).toString('latin1');
        for (const check of [...this.#waiting]) {
          check();
        }
      },
      end: () => this.#closed.resolve(),
      drain: () => {},
    });
    this.ended = Promise.all([promise, this.#closed.promise]).then(([end]) => end);
  }

  static start(argv: readonly string[], env: Readonly<Record<string, string>> = {}, columns = 80): Promise<PtyProgram> {
    const whole = { ...process.env, TERM: 'xterm', NO_COLOR: '1', ...env };
    const request = {
      file: argv[0] as string,
      argv,
      env: Object.entries(whole).map(([key, value]) => `${key}=${value}`),
      columns,
      rows: 24,
    };
    return new Promise((resolve, reject) =>
      native.spawn(request, (error, result) =>
        error || !result ? reject(error) : resolve(new PtyProgram(result.pid, result.fd)),
      ),
    );
  }

  /** Resolves as soon as `what` appears after the first `from` characters. */
  until(what: string | RegExp, from = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`never shown: ${what}\nshown: ${JSON.stringify(this.shown)}`));
      }, 10_000);
      const check = () => {
        const text = this.shown.slice(from);
        if (typeof what === 'string' ? text.includes(what) : what.test(text)) {
          clearTimeout(timer);
          this.#waiting.delete(check);
          resolve();
        }
      };
      this.#waiting.add(check);
      check();
    });
  }

  type(text: string): void {
    this.#pty.write(Buffer.from(text, 'latin1'));
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  /** The newest child of the program: of a shell, the command that it runs. */
  child(): number {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim().split(' ');
    return Number(children.at(-1));
  }

  /** Hangs up. */
  close(): void {
    this.#pty.close();
    this.#closed.resolve();
  }
}
