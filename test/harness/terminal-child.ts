// A child in a real terminal, for tests: its output as one growing text, its end and the terminal's end as promises.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type ChildEnd,
  type NativePty,
  native,
  type SpawnRequest,
  type SpawnResult,
} from '../../src/platform/native.ts';

const waiting = new Map<number, (end: ChildEnd) => void>();
native.onChildEnd((end) => {
  waiting.get(end.pid)?.(end);
  waiting.delete(end.pid);
});

/** For `after`: a failed test leaves its child, which would keep the file from ending. */
export function endEveryChild(): void {
  for (const pid of waiting.keys()) {
    process.kill(pid, 'SIGKILL');
  }
}

/** Starts a child; waiting for its end keeps the event loop alive, as the addon's signal watcher does not. */
export function spawnChild(request: Partial<SpawnRequest> & { argv: readonly string[] }) {
  const [file = ''] = request.argv;
  return new Promise<SpawnResult & { ended: Promise<ChildEnd> }>((resolve, reject) => {
    native.spawn({ file, columns: 80, rows: 24, ...request }, (error, result) => {
      if (error !== null || result === undefined) {
        reject(error);
        return;
      }
      const ended = new Promise<ChildEnd>((done) => {
        const alive = setInterval(() => undefined, 2 ** 30);
        waiting.set(result.pid, (end) => {
          clearInterval(alive);
          done(end);
        });
      });
      resolve({ ...result, ended });
    });
  });
}

/** A child whose terminal is read. */
export class TerminalChild {
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  /** End of file of the terminal: everything was read. */
  readonly closed: Promise<void>;
  readonly terminal: NativePty;
  onDrain: () => void = () => undefined;
  onData: () => void = () => undefined;
  #output: Buffer[] = [];

  private constructor({ pid, fd, ended }: SpawnResult & { ended: Promise<ChildEnd> }) {
    this.pid = pid;
    this.ended = ended;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.terminal = native.openPty(fd, {
      data: (count) => {
        this.#output.push(Buffer.from(native.scratch.subarray(0, count)));
        this.onData();
      },
      end: () => {
        this.onData();
        resolve();
      },
      drain: () => this.onDrain(),
    });
  }

  /** Its terminal is closed after both ends were seen: earlier it would hang up a child that lives on. */
  static async start(argv: readonly string[], request: Partial<SpawnRequest> = {}): Promise<TerminalChild> {
    const child = new TerminalChild(await spawnChild({ argv, ...request }));
    void Promise.all([child.closed, child.ended]).then(() => child.terminal.close());
    return child;
  }

  get output(): Buffer {
    return Buffer.concat(this.#output);
  }

  get text(): string {
    return this.output.toString();
  }

  /** Waits until `text` was printed; an error if the terminal ends without it. */
  async until(text: string): Promise<void> {
    let over = false;
    void this.closed.then(() => {
      over = true;
    });
    while (!this.text.includes(text)) {
      if (over) {
        throw new Error(`the terminal ended without ${JSON.stringify(text)}: ${JSON.stringify(this.text)}`);
      }
      await Promise.race([
        this.closed,
        new Promise<void>((resolve) => {
          this.onData = resolve;
        }),
      ]);
    }
  }

  /** Ends the child's group and waits for both ends. */
  async kill(): Promise<ChildEnd> {
    process.kill(-this.pid, 'SIGKILL');
    const end = await this.ended;
    this.terminal.close();
    return end;
  }
}

const IMPORTS = `import * as fs from 'node:fs'; import { TerminalChild, spawnChild } from '${import.meta.url}';
import { native } from '${new URL('../../src/platform/native.ts', import.meta.url)}';\n`;

/** Runs code in a separate Node, by default with `native`, `fs`, `spawnChild` and `TerminalChild` available. */
export async function inOwnProcess(
  program: string,
  {
    flags = [],
    imports = IMPORTS,
    env = {},
  }: { flags?: readonly string[]; imports?: string; env?: NodeJS.Dict<string> } = {},
) {
  const args = [...flags, '--input-type=module', '-e', imports + program];
  return promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...env },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
}
