import { LARGEST_MESSAGE } from './imp.ts';

/**
 * Cuts the byte stream of a serial line into messages: a line ends at CR or LF (spec/isis.md 6), empty lines are
 * ignored.
 */
export class ImpLines {
  readonly #onLine: (line: string) => void;
  readonly #onOversized: () => void;
  #rest = '';
  #skipping = false;

  constructor(onLine: (line: string) => void, onOversized: () => void) {
    this.#onLine = onLine;
    this.#onOversized = onOversized;
  }

  /** Takes bytes as they arrive, in pieces or several lines at once. */
  push(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]/);
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      if (this.#skipping) {
        this.#skipping = false;
      } else if (line.length >= LARGEST_MESSAGE) {
        this.#onOversized();
      } else if (line !== '') {
        this.#onLine(line);
      }
    }
    if (this.#rest.length >= LARGEST_MESSAGE) {
      if (!this.#skipping) {
        this.#onOversized();
      }
      this.#skipping = true;
      this.#rest = '';
    }
  }

  /** Drops an unfinished line: the device hung up in the middle of it. */
  clear(): void {
    this.#rest = '';
    this.#skipping = false;
  }
}
