/** The output since the file was last seen in its place: written again if it turns out to have been deleted. */

const MAX_BYTES = 1 << 20;

export class Unseen {
  /** Undefined: it was too much to keep. */
  #pieces: Uint8Array[] | undefined = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) {
      this.#pieces = undefined;
    }
    this.#pieces?.push(bytes);
  }

  /** The output before this was not seen either. */
  precededBy(earlier: Unseen): void {
    this.#pieces = earlier.#pieces && this.#pieces && [...earlier.#pieces, ...this.#pieces];
    this.#bytes += earlier.#bytes;
  }

  get pieces(): readonly Uint8Array[] | undefined {
    return this.#pieces;
  }
}
