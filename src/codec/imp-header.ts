import { LONGEST_NAME } from './imp.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const BLANK = 32;
const GREATER = 62;
const DELETE = 127;

/** A name in upper case as two numbers, four characters each, so that a table finds it without making a string. */
export interface PackedName {
  readonly low: number;
  readonly high: number;
}

/** Packs a name that is in upper case and has at most eight characters. */
export function packName(name: string): PackedName {
  const four = (from: number): number => {
    let packed = 0;
    for (let i = from; i < from + 4 && i < name.length; i += 1) {
      packed = (packed << 8) | name.charCodeAt(i);
    }
    return packed;
  };
  return { low: four(0), high: four(4) };
}

/**
 * Parses a message in place, without allocating. It accepts only messages that can be passed on unchanged: a header
 * with one blank after it and a body of one printable line. Everything else is left to `decodeImp`, which parses the
 * accepted ones the same way.
 */
export class ImpHeader {
  sourceLow = 0;
  sourceHigh = 0;
  destinationLow = 0;
  destinationHigh = 0;
  /** Offset of the body, and of the first byte after it. */
  body = 0;
  end = 0;
  /** Whether a name has letters that are to be upper-cased. */
  lower = false;
  #low = 0;
  #high = 0;

  /** False: not for us. */
  read(bytes: Uint8Array, start: number, size: number): boolean {
    const limit = start + size;
    this.lower = false;
    const greater = this.#name(bytes, start, limit, GREATER);
    if (greater < 0) {
      return false;
    }
    this.sourceLow = this.#low;
    this.sourceHigh = this.#high;
    const blank = this.#name(bytes, greater + 1, limit, BLANK);
    if (blank < 0) {
      return false;
    }
    this.destinationLow = this.#low;
    this.destinationHigh = this.#high;
    let at = blank + 1;
    if (at >= limit || (bytes[at] as number) <= BLANK) {
      return false;
    }
    this.body = at;
    for (; at < limit; at += 1) {
      const byte = bytes[at] as number;
      if ((byte < BLANK && byte !== TAB) || byte === DELETE) {
        break;
      }
    }
    this.end = at;
    while (at < limit && bytes[at] === CR) {
      at += 1;
    }
    return at === limit || bytes[at] === LF || bytes[at] === 0;
  }

  /** Upper-cases the names of the parsed message, in place. */
  upperCase(bytes: Uint8Array, start: number): void {
    for (let at = start; at < this.body; at += 1) {
      const byte = bytes[at] as number;
      if (byte >= 97 && byte <= 122) {
        bytes[at] = byte - 32;
      }
    }
  }

  /** Offset of the byte `after` that ends a name, which is then packed; -1 where no name is. */
  #name(bytes: Uint8Array, start: number, limit: number, after: number): number {
    const most = Math.min(limit, start + LONGEST_NAME + 1);
    let low = 0;
    let high = 0;
    for (let at = start; at < most; at += 1) {
      let byte = bytes[at] as number;
      if (byte === after) {
        this.#low = low;
        this.#high = high;
        return at === start ? -1 : at;
      }
      if (byte <= BLANK || byte === GREATER || (byte >= DELETE && byte < 160)) {
        return -1;
      }
      if (byte >= 97 && byte <= 122) {
        byte -= 32;
        this.lower = true;
      }
      if (at < start + 4) {
        low = (low << 8) | byte;
      } else {
        high = (high << 8) | byte;
      }
    }
    return -1;
  }
}
