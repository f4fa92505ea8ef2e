/** Offers the output of a console to its readers. */
import type { OutputStream } from '../model/output-stream.ts';

export class OutputOffer {
  readonly #stream: OutputStream;
  /** There is output that readers have not been offered yet. */
  #due = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /**
   * Once for all that one turn of the event loop brings: a write for each reader and each line that is said would let a crowd that
   * strikes keys cost the square of its size.
   */
  soon(): void {
    if (!this.#due) {
      this.#due = true;
      queueMicrotask(() => this.now());
    }
  }

  /** Before anything that follows the output. */
  now(): void {
    if (this.#due) {
      this.#due = false;
      this.#stream.advance();
    }
  }
}
