/**
 * The output of all consoles, line by line with their names: `-U`, and `unloved` on standard output (spec/conserver.md
 * 8.7).
 */
import { LF } from '../../../model/ascii.ts';

/** Bytes after which a line is cut. */
const MAX_LINE_BYTES = 266;

export class UnifiedLines {
  readonly #write: (line: Uint8Array) => void;
  readonly #open = new Map<string, Uint8Array>();

  constructor(write: (line: Uint8Array) => void) {
    this.#write = write;
  }

  /** `written`: whether that console has a writer; it is then marked with `*`. */
  add(name: string, bytes: Uint8Array, written: boolean): void {
    const prefix = Buffer.from(`${name}${written ? '*' : ''}: `, 'latin1');
    let rest: Uint8Array = Buffer.concat([this.#open.get(name) ?? new Uint8Array(0), bytes]);
    for (;;) {
      const end = rest.indexOf(LF) + 1;
      const room = MAX_LINE_BYTES - prefix.length - 1;
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
}
