/** A command of the user's machine on the console: its output is typed, the console is its input (spec/conserver.md 2.8). */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Inbox } from './inbox.ts';

export class LocalCommand {
  readonly pid: number;
  /** Whether the console's output is shown too; `o` toggles it. */
  shown = true;
  readonly #child: ChildProcess;

  /** Runs `command` with /bin/sh in a process group of its own; its output and its end go to the inbox. */
  constructor(command: string, inbox: Inbox) {
    this.#child = spawn('/bin/sh', ['-c', Buffer.from(command, 'latin1').toString()], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    this.pid = this.#child.pid ?? 0;
    // A command that does not read its input closes that end early.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.on('data', (bytes: Uint8Array) => inbox.push({ from: 'command', bytes }));
    this.#child.on('error', (error) => inbox.push({ from: 'command-end', text: error.message }));
    this.#child.on('close', (code, signal) => {
      const text = signal === null ? `exit(${code})` : `signal(${constants.signals[signal]})`;
      inbox.push({ from: 'command-end', text });
    });
  }

  /** Whether it has room for more; if not, `drained` is called once it has, or when it stops reading. */
  feed(bytes: Uint8Array, drained: () => void): boolean {
    const { stdin } = this.#child;
    if (!stdin?.writable || stdin.write(bytes)) {
      return true;
    }
    const once = (): void => {
      stdin.off('drain', once).off('close', once);
      drained();
    };
    stdin.on('drain', once).on('close', once);
    return false;
  }

  /** Pauses or resumes reading its output. */
  pause(paused: boolean): void {
    this.#child.stdout?.[paused ? 'pause' : 'resume']();
  }

  kill(signal: 'SIGHUP' | 'SIGKILL'): void {
    if (this.pid === 0) {
      // It was never started, and group 0 is ours.
      return;
    }
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group ended by itself meanwhile; its end is already in the inbox.
    }
  }
}
