/** A range of a log as one stream of bytes: rotated files first, gzip'ed ones unpacked; memory is a few blocks whatever its size. */
import { LF } from '../model/ascii.ts';
import type { LogRange } from '../model/host-port.ts';
import { LineFilter } from './line-filter.ts';
import { findTail, type LogPart, readPart } from './log-parts.ts';
import { stampedRanges } from './stamped-range.ts';

/** The bytes of `parts` that are in the range. */
export async function* readRange(parts: readonly LogPart[], range: LogRange): AsyncGenerator<Buffer> {
  const { since = Number.NEGATIVE_INFINITY, tail } = range;
  if (range.since === undefined && range.until === undefined) {
    yield* tail === undefined ? everything(parts) : lastLines(parts, tail);
    return;
  }
  // Not by `until`: a copy or a late gzip makes a file look newer than its lines.
  const fitting = parts.filter(({ ended }) => ended >= since);
  if (tail === undefined) {
    yield* filtered(fitting, range);
    return;
  }
  // The first pass counts, so that the second need not keep anything.
  const lines = await countLines(filtered(fitting, range));
  yield* skipLines(filtered(fitting, range), Math.max(0, lines - tail));
}

async function* everything(parts: readonly LogPart[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    yield* readPart(part);
  }
}

async function* filtered(parts: readonly LogPart[], range: LogRange): AsyncGenerator<Buffer> {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = range;
  const filter = new LineFilter(since, until);
  for (const part of parts) {
    filter.begin(part.begun, part.ended);
    for (const { from, to } of await stampedRanges(part, since, until)) {
      for await (const block of readPart(part, from, to)) {
        yield* filter.pass(block);
      }
    }
    yield* filter.finish();
  }
}

/** Backwards: a plain file from its end, a compressed one by counting first. Lines do not span files. */
async function* lastLines(parts: readonly LogPart[], lines: number): AsyncGenerator<Buffer> {
  let wanted = lines;
  const pieces: AsyncGenerator<Buffer>[] = [];
  for (let i = parts.length - 1; i >= 0 && wanted > 0; i--) {
    const part = parts[i] as LogPart;
    if (part.packed) {
      const found = await countLines(readPart(part));
      pieces.unshift(skipLines(readPart(part), Math.max(0, found - wanted)));
      wanted -= found;
    } else {
      const { from, found } = await findTail(part, wanted);
      pieces.unshift(readPart(part, from));
      wanted -= found;
    }
  }
  for (const piece of pieces) {
    yield* piece;
  }
}

/** An unfinished last line counts. */
async function countLines(blocks: AsyncIterable<Buffer>): Promise<number> {
  let lines = 0;
  let last = LF;
  for await (const block of blocks) {
    for (let at = block.indexOf(LF); at >= 0; at = block.indexOf(LF, at + 1)) {
      lines++;
    }
    last = block[block.length - 1] ?? last;
  }
  return last === LF ? lines : lines + 1;
}

async function* skipLines(blocks: AsyncIterable<Buffer>, lines: number): AsyncGenerator<Buffer> {
  let left = lines;
  for await (const block of blocks) {
    let from = 0;
    while (left > 0 && from < block.length) {
      const end = block.indexOf(LF, from);
      from = end < 0 ? block.length : end + 1;
      left -= end < 0 ? 0 : 1;
    }
    if (from < block.length) {
      yield block.subarray(from);
    }
  }
}
