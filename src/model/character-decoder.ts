/** Cuts a stream of bytes into characters of UTF-8 and bytes that are none (Unicode 3.9, table 3-7). Pure. */

/** Stands for any character that is not a control character. */
const REPLACEMENT = 0xfffd;

export class CharacterDecoder {
  readonly #take: (code: number, bytes: readonly number[]) => void;
  /** Bytes of the unfinished character. */
  #pending: number[] = [];

  /** `take`: the code of a control character, U+FFFD for any other one that is not ASCII; of a byte that is not UTF-8 the byte. */
  constructor(take: (code: number, bytes: readonly number[]) => void) {
    this.#take = take;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Forgets the bytes of an unfinished character, and returns them. */
  end(): readonly number[] {
    const rest = this.#pending;
    this.#pending = [];
    return rest;
  }

  take(byte: number): void {
    const pending = this.#pending;
    const [first] = pending;
    if (first !== undefined) {
      if (continues(first, pending.length, byte)) {
        pending.push(byte);
        if (pending.length === lengthOf(first)) {
          this.#pending = [];
          this.#take(first === 0xc2 && byte < 0xa0 ? byte : REPLACEMENT, pending);
        }
        return;
      }
      this.#pending = [];
      for (const each of pending) {
        this.#take(each, [each]);
      }
    }
    if (lengthOf(byte) > 1) {
      this.#pending = [byte];
    } else {
      this.#take(byte, [byte]);
    }
  }
}

/** Bytes of the character that begins so; 1 if none does. */
function lengthOf(first: number): number {
  return first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function continues(first: number, at: number, byte: number): boolean {
  const least = at > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = at > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return byte >= least && byte <= most;
}
