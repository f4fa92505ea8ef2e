/** Offers the output of a console to its readers. */
import type { OutputStream } from '../model/output-stream.ts';

export class OutputOffer {
  readonly #stream: OutputStream;
  /** There is output that has not been offered to readers yet. */
  #due = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /**
   * Once for all output of one turn of the event loop: with a write for each reader and each line a crowd of typists
   * would cost the square of its size.
   */
  soon(): void {
    if (!this.#due) {
      this.#due = true;
      queueMicrotask(() => this.now());
    }
  }

  /** Called before anything that follows the output. */
  now(): void {
    if (this.#due) {
      this.#due = false;
      this.#stream.advance();
    }
  }
}
