/**
 * The modes of an inherited terminal. Node's own raw mode keeps output processing on and cannot leave signals on with
 * echo off, so stty(1) of coreutils sets the modes: three short processes in a session.
 */
import { spawnSync } from 'node:child_process';

/**
 * One terminal, by descriptor. The original modes are restored by `restore`, and at the end of the program in any case.
 */
export class Terminal {
  readonly #fd: number;
  #found: string | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    process.on('exit', this.restore);
  }

  /** Every byte passes unchanged, both ways; no signals, no echo. */
  raw(): void {
    this.#set([
      '-icanon',
      '-echo',
      '-isig',
      '-iexten',
      '-ixon',
      '-icrnl',
      '-inlcr',
      '-igncr',
      '-opost',
      'min',
      '1',
      'time',
      '0',
    ]);
  }

  /** Normal line editing and signals, but without echo. */
  silent(): void {
    this.#set(['-echo', 'icanon', 'isig']);
  }

  /** Restores the original modes, if anything was changed. */
  readonly restore = (): void => {
    const found = this.#found;
    if (found !== undefined) {
      this.#found = undefined;
      this.#stty([found]);
    }
  };

  /** Restores and forgets the terminal. */
  close(): void {
    this.restore();
    process.removeListener('exit', this.restore);
  }

  #set(modes: readonly string[]): void {
    this.#found ??= this.#stty(['-g']);
    this.#stty(modes);
  }

  /** The output of stty; undefined if it failed, as it does on a terminal that has just hung up. */
  #stty(words: readonly string[]): string | undefined {
    const done = spawnSync('stty', words, { stdio: [this.#fd, 'pipe', 'ignore'], encoding: 'latin1' });
    return done.status === 0 ? done.stdout.trim() : undefined;
  }
}
