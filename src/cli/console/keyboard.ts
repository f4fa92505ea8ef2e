import type { ReadStream } from 'node:tty';
import type { SessionEvent } from './inbox.ts';

/** Standard input for as long as the client runs: read only while a session listens. */
export class Keyboard {
  readonly isTerminal = process.stdin.isTTY === true;
  #push: ((event: SessionEvent) => void) | undefined;
  #started = false;
  #ended = false;

  /** Sends what is typed to `push`; the end of the input is told to every listener once. */
  listen(push: (event: SessionEvent) => void): void {
    this.#push = push;
    const stdin = process.stdin as ReadStream;
    if (!this.#started) {
      this.#started = true;
      stdin.on('data', (bytes: Uint8Array) => this.#push?.({ from: 'keys', bytes }));
      stdin.on('end', this.#end);
      // A terminal that hung up reports an error (EIO); nothing more comes from it.
      stdin.on('error', this.#end);
    }
    if (this.#ended) {
      push({ from: 'keys-end' });
    } else {
      stdin.resume();
    }
  }

  /** Leaves the input to others: the shell while stopped, the password prompt. */
  pause(): void {
    this.#push = undefined;
    process.stdin.pause();
  }

  /** The listener takes no more for now, or again. */
  hold(held: boolean): void {
    if (this.#push !== undefined) {
      process.stdin[held ? 'pause' : 'resume']();
    }
  }

  readonly #end = (): void => {
    if (!this.#ended) {
      this.#ended = true;
      this.#push?.({ from: 'keys-end' });
    }
  };
}
