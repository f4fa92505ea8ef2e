/** The content of one file of a log in blocks of whole lines, the same however it is read. */
import { LF } from '../model/ascii.ts';
import { type LogPart, readPart } from './log-parts.ts';
import type { ByteRange } from './stamped-range.ts';

/** A longer line is taken as several, so that one without an end does not fill the memory. */
export const LONGEST_LINE = 1 << 20;
/** The first block is smaller: something is known about every log soon. */
const FIRST_BYTES = 65_536;

export interface Block {
  readonly bytes: Buffer;
  /** Its position in the unpacked file. */
  readonly at: number;
}

/** Memory for blocks, used again and again. */
export class BlockMemory {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(LONGEST_LINE);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}

/** `use` is called with each block, which it may not keep; what it returns is given on. */
export async function* mapBlocks<T>(
  part: LogPart,
  ranges: readonly ByteRange[],
  memory: BlockMemory,
  use: (block: Block) => T,
): AsyncGenerator<T> {
  if (part.packed) {
    yield* unpacked(part, use);
    return;
  }
  for (const range of ranges) {
    yield* plain(part, range, memory, use);
  }
}

async function* plain<T>(
  { file }: LogPart,
  { from, to }: ByteRange,
  memory: BlockMemory,
  use: (block: Block) => T,
): AsyncGenerator<T> {
  let size = FIRST_BYTES;
  for (let at = from; at < to; ) {
    // After a read that failed it is not given back: a disk that hangs may still write to it.
    const buffer = memory.take();
    const wanted = Math.min(size, to - at);
    const bytes = buffer.subarray(0, await filled(file, buffer.subarray(0, wanted), at));
    const length = bytes.length < wanted || at + wanted === to ? bytes.length : wholeLines(bytes);
    const used = length > 0 ? { result: use({ bytes: bytes.subarray(0, length), at }) } : undefined;
    memory.give(buffer);
    if (bytes.length === 0) {
      return;
    }
    size = LONGEST_LINE;
    if (used) {
      at += length;
      yield used.result;
    }
  }
}

async function* unpacked<T>(part: LogPart, use: (block: Block) => T): AsyncGenerator<T> {
  let at = 0;
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of readPart(part)) {
    held.push(piece);
    size += piece.length;
    while (size >= LONGEST_LINE) {
      const bytes = Buffer.concat(held);
      const length = wholeLines(bytes.subarray(0, LONGEST_LINE));
      yield use({ bytes: bytes.subarray(0, length), at });
      at += length;
      size -= length;
      // A copy: the rest is small, and the whole would stay in memory with it.
      held = [Buffer.from(bytes.subarray(length))];
    }
  }
  if (size > 0) {
    yield use({ bytes: Buffer.concat(held), at });
  }
}

/** Fewer only at the end of the file. */
async function filled(file: LogPart['file'], into: Buffer, position: number): Promise<number> {
  let length = 0;
  while (length < into.length) {
    const bytes = await file.read(into.subarray(length), position + length);
    if (bytes === 0) {
      break;
    }
    length += bytes;
  }
  return length;
}

/** How much of it is whole lines, or else the beginning of one line that is too long; 0: neither. */
function wholeLines(bytes: Buffer): number {
  const length = bytes.lastIndexOf(LF) + 1;
  return length > 0 || bytes.length < LONGEST_LINE ? length : betweenCharacters(bytes);
}

/** The length without the beginning of a character of UTF-8 at the end. */
function betweenCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte >= 0xc0) {
      return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? bytes.length - back : bytes.length;
    }
    if (byte < 0x80) {
      break;
    }
  }
  return bytes.length;
}
