/** Whole lines out of output that comes in any pieces, for those who show many consoles at once. */

/** A prompt without an end shows when this much of it is there. Characters. */
const LONGEST = 4096;

export class LineAssembler {
  readonly #line: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  feed(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const lines = this.#rest.split(/\r*\n/);
    this.#rest = lines.pop() ?? '';
    lines.forEach(this.#line);
    if (this.#rest.length > LONGEST) {
      this.flush();
    }
  }

  /** What is there without an end of line. */
  flush(): void {
    if (this.#rest !== '') {
      this.#line(this.#rest);
      this.#rest = '';
    }
  }
}
