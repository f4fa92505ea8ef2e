/** Output of many consoles, line by line with their names (spec/conserver.md 8.7). */
import { LF } from '../model/ascii.ts';

/** Bytes after which a line is cut. */
const MAX_LINE_BYTES = 266;

export class NamedLines {
  readonly #write: (line: Uint8Array) => void;
  /** The beginning of the current line of each console. */
  readonly #open = new Map<string, Uint8Array>();

  constructor(write: (line: Uint8Array) => void) {
    this.#write = write;
  }

  /** `written`: whether somebody has the keyboard of that console; it is then marked with `*`. */
  add(name: string, bytes: Uint8Array, written: boolean): void {
    const prefix = Buffer.from(`${name}${written ? '*' : ''}: `);
    const room = MAX_LINE_BYTES - prefix.length - 1;
    let rest: Uint8Array = Buffer.concat([this.#open.get(name) ?? new Uint8Array(0), bytes]);
    for (;;) {
      const end = rest.indexOf(LF) + 1;
      if (end > 0 && end <= room) {
        this.#write(Buffer.concat([prefix, rest.subarray(0, end)]));
        rest = rest.subarray(end);
      } else if (rest.length > room) {
        this.#write(Buffer.concat([prefix, rest.subarray(0, room), Uint8Array.of(LF)]));
        rest = rest.subarray(room);
      } else {
        break;
      }
    }
    this.#open.set(name, rest);
  }

  forget(name: string): void {
    this.#open.delete(name);
  }
}
