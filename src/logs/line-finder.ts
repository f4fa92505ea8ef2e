/**
 * Finds the lines of blocks that match a pattern. Text that every match contains is searched for in the bytes;
 * otherwise an expression runs over whole pieces. Only lines that may match are made strings and matched by themselves.
 */
import { isAscii } from 'node:buffer';
import { CR, LF } from '../model/ascii.ts';
import { mayBeSlow, within } from '../platform/line-matcher.ts';
import { blockPattern } from './block-pattern.ts';

/** Positions in a block: the beginning of a line and its end, without the line feed, in turn. */
type Lines = number[];
type TakeLine = (from: number, end: number) => void;

/** Strings of this size are short-lived for the garbage collector. */
const PIECE_BYTES = 65_536;
/** Bytes of the log by which the rarest byte is chosen. */
const SAMPLE_BYTES = 16_384;
/** From here on V8 looks at each byte of a needle and no longer only for the first one. */
const NEEDLE_BYTES = 7;
/** If there is a line that only contains the text, but does not match, in so many bytes, an expression is faster. */
const BYTES_FOR_A_MISS = 512;
/** Milliseconds that one block may take. */
const PATIENCE_MS = 5000;

export class LineFinder {
  /** The matching lines of a block of whole lines. Throws PatternTooSlow. */
  readonly find: (block: Buffer) => Lines;
  readonly #pattern: RegExp;
  readonly #musts: readonly string[];
  readonly #anywhere: RegExp | undefined;
  /** Of each text that a line may have to contain. */
  #needles: readonly Needle[] | undefined;
  #bytes = 0;
  #misses = 0;

  /** `pattern` has the flag `u` and at most `i` besides. */
  constructor(pattern: RegExp, patience = PATIENCE_MS) {
    const { anywhere, musts } = blockPattern(pattern);
    this.#pattern = pattern;
    this.#musts = musts;
    this.#anywhere = anywhere;
    const find = (block: Buffer) => this.#find(block);
    this.find = mayBeSlow(pattern) ? within(patience, find) : find;
  }

  #find(block: Buffer): Lines {
    const found: Lines = [];
    const take = (from: number, end: number) => {
      if (this.#pattern.test(lineText(block, from, end))) {
        found.push(from, end);
      } else {
        this.#misses++;
      }
    };
    const isMisled = this.#misses * BYTES_FOR_A_MISS > this.#bytes && this.#anywhere !== undefined;
    this.#bytes += block.length;
    if (this.#musts.length > 0 && !isMisled) {
      this.#needles ??= this.#musts.map((must) => needleOf(Buffer.from(must), block));
      containing(block, this.#needles, take);
    } else if (this.#anywhere) {
      scan(block, this.#anywhere, take);
    } else {
      for (let from = 0; from < block.length; ) {
        const end = lineEnd(block, from);
        take(from, end);
        from = end + 1;
      }
    }
    return found;
  }
}

/** The part of a text that is searched for, which begins with its rarest byte. */
interface Needle {
  readonly must: Buffer;
  readonly bytes: Buffer;
  readonly offset: number;
}

/** Takes each line that contains one of the texts, once. */
function containing(block: Buffer, needles: readonly Needle[], take: TakeLine): void {
  const next = needles.map((needle) => placeOf(block, needle, 0));
  for (let from = 0; ; ) {
    for (const [at, needle] of needles.entries()) {
      if ((next[at] as number) < from) {
        next[at] = placeOf(block, needle, from);
      }
    }
    const nearest = Math.min(...next);
    if (nearest === Number.POSITIVE_INFINITY) {
      return;
    }
    const end = lineEnd(block, nearest);
    take(lineStart(block, nearest), end);
    from = end + 1;
  }
}

/** Where the text is next, from a place on; Infinity: nowhere. */
function placeOf(block: Buffer, { bytes, must, offset }: Needle, from: number): number {
  for (let at = block.indexOf(bytes, from + offset); at >= 0; at = block.indexOf(bytes, at + 1)) {
    const start = at - offset;
    if (bytes.length === must.length || must.equals(block.subarray(start, start + must.length))) {
      return start;
    }
  }
  return Number.POSITIVE_INFINITY;
}

/** Runs an expression over the pieces of a block; takes each line in which it matches, once. */
function scan(block: Buffer, anywhere: RegExp, take: TakeLine): void {
  for (let base = 0; base < block.length; ) {
    const piece = block.subarray(base, pieceEnd(block, base));
    const text = piece.toString(isAscii(piece) ? 'latin1' : 'utf8');
    // Nothing takes more characters than bytes: of the same length, each byte is one.
    const places = text.length === piece.length ? undefined : new Places(piece, text);
    for (let at = 0; at < text.length; ) {
      anywhere.lastIndex = at;
      const match = anywhere.exec(text)?.index;
      // Behind the last line feed there is no line.
      if (match === undefined || (match === text.length && text.endsWith('\n'))) {
        break;
      }
      const from = match === 0 ? 0 : text.lastIndexOf('\n', match - 1) + 1;
      const start = base + (places?.of(from) ?? from);
      take(start, lineEnd(block, start));
      const end = text.indexOf('\n', match);
      at = end < 0 ? text.length : end + 1;
    }
    base += piece.length;
  }
}

/** Whole lines, or one. */
function pieceEnd(block: Buffer, from: number): number {
  const last = from + PIECE_BYTES < block.length ? block.lastIndexOf(LF, from + PIECE_BYTES - 1) : block.length - 1;
  return Math.min(block.length, last < from ? lineEnd(block, from) + 1 : last + 1);
}

/** Where lines of a text begin in the bytes of which it was made; asked in their order. */
class Places {
  readonly #piece: Buffer;
  readonly #text: string;
  #byte = 0;
  #character = 0;

  constructor(piece: Buffer, text: string) {
    this.#piece = piece;
    this.#text = text;
  }

  of(character: number): number {
    while (this.#character < character) {
      this.#character = this.#text.indexOf('\n', this.#character) + 1;
      this.#byte = this.#piece.indexOf(LF, this.#byte) + 1;
    }
    return this.#byte;
  }
}

/** Without the carriage return at its end. */
export function lineText(block: Buffer, from: number, to: number): string {
  return block.toString('utf8', from, to > from && block[to - 1] === CR ? to - 1 : to);
}

export function lineStart(block: Buffer, at: number): number {
  return at === 0 ? 0 : block.lastIndexOf(LF, at - 1) + 1;
}

export function lineEnd(block: Buffer, at: number): number {
  const end = block.indexOf(LF, at);
  return end < 0 ? block.length : end;
}

/** The memory is searched fastest for a byte that is rare in it. */
function needleOf(must: Buffer, block: Buffer): Needle {
  const counts = new Uint32Array(256);
  for (const byte of block.subarray(0, SAMPLE_BYTES)) {
    counts[byte] = (counts[byte] as number) + 1;
  }
  // At least two bytes, so that it is not met everywhere.
  const offsets = Array.from({ length: Math.max(1, must.length - 1) }, (_, offset) => offset);
  const count = (offset: number) => counts[must[offset] as number] as number;
  const offset = offsets.reduce((best, each) => (count(each) < count(best) ? each : best), 0);
  return { must, bytes: must.subarray(offset, offset + NEEDLE_BYTES), offset };
}
