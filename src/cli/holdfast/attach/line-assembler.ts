/** Assembles output that arrives in pieces into whole lines, for views of many consoles. */

/** Characters of an unfinished line (a prompt) after which it is shown. */
const MAX_LENGTH = 4096;

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
    if (this.#rest.length > MAX_LENGTH) {
      this.flush();
    }
  }

  /** The unfinished line. */
  flush(): void {
    if (this.#rest !== '') {
      this.#line(this.#rest);
      this.#rest = '';
    }
  }
}
