/** The output of a program or a peer so far, and waiting for expected output. */
import { EventEmitter } from 'node:events';
import { TIMEOUT_MS } from './until.ts';

/** Milliseconds: longer than anything here takes on a busy machine. */
const SHOWN = 2000;

export class Transcript {
  #text = '';
  #expected = 0;
  #over = false;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  add(bytes: Uint8Array): void {
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    this.#changes.emit('change');
  }

  /** Nothing follows. */
  end(): void {
    this.#over = true;
    this.#changes.emit('change');
  }

  /** Everything so far, one character for one byte. */
  get text(): string {
    return this.#text;
  }

  /** The next match after the last one. Rejects with the actual text. */
  expect(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#wait(String(pattern), () => {
      const match = pattern.exec(this.#text.slice(this.#expected));
      if (match) {
        this.#expected += match.index + match[0].length;
      }
      return match ?? undefined;
    });
  }

  /** The whole text, once it is complete. */
  whole(): Promise<string> {
    return this.#wait('the end', () => (this.#over ? this.#text : undefined));
  }

  #wait<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(limit);
        this.#changes.off('change', again);
      };
      const fail = (why: string): void => {
        settle();
        reject(new Error(`${what} did not come${why}, but: ${JSON.stringify(this.#text.slice(-SHOWN))}`));
      };
      const again = (): void => {
        const found = look();
        if (found !== undefined) {
          settle();
          resolve(found);
        } else if (this.#over) {
          fail(' before the end');
        }
      };
      const limit = setTimeout(() => fail(` in ${TIMEOUT_MS} ms`), TIMEOUT_MS);
      this.#changes.on('change', again);
      again();
    });
  }
}
