/** The user's terminal in raw mode, given back as it was whatever ends this process. */
import { spawnSync } from 'node:child_process';
import type { ReadStream } from 'node:tty';

const ENDING = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

export class RawTerminal {
  readonly #input: ReadStream;
  readonly #undo: () => void;
  readonly #again: () => void;
  #entered = false;

  /** `input` is standard input. `undo` puts right what was printed (modes, title), synchronously; `again` after a stop redoes it. */
  constructor(input: ReadStream, undo: () => void, again: () => void) {
    this.#input = input;
    this.#undo = undo;
    this.#again = again;
  }

  enter(): void {
    this.#entered = true;
    this.#raw();
    // 'exit' comes after process.exit() and after an exception that nobody caught, too.
    process.on('exit', this.#leaveAtExit);
    process.on('SIGTSTP', this.#stop);
    process.on('SIGCONT', this.#resume);
    for (const signal of ENDING) {
      process.on(signal, this.#die);
    }
  }

  leave(): void {
    if (!this.#entered) {
      return;
    }
    this.#entered = false;
    process.off('exit', this.#leaveAtExit);
    process.off('SIGTSTP', this.#stop);
    process.off('SIGCONT', this.#resume);
    for (const signal of ENDING) {
      process.off(signal, this.#die);
    }
    this.#restore();
  }

  #raw(): void {
    this.#input.setRawMode(true);
    // The raw mode of Node still turns LF into CR LF, which misplaces what a full-screen program draws. Leaving restores this too.
    spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  }

  #restore(): void {
    try {
      this.#undo();
      this.#input.setRawMode(false);
    } catch {
      // The terminal is gone (hang-up): there is nothing left to restore.
    }
  }

  readonly #leaveAtExit = (): void => this.leave();

  /** Ends by the same signal, so that whoever started us sees it. */
  readonly #die = (signal: NodeJS.Signals): void => {
    this.leave();
    process.kill(process.pid, signal);
  };

  readonly #stop = (): void => {
    this.#restore();
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #resume = (): void => {
    // A shell may have set the terminal in between: libuv does nothing where it believes the mode to be raw already.
    this.#input.setRawMode(false);
    this.#raw();
    this.#again();
  };
}
