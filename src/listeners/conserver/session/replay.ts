/**
 * The last lines of a log file (spec/conserver.md 6.2), read piece by piece: a client that asks for 10,000 long lines
 * and reads none keeps none in memory.
 */
import { LF } from '../../../model/ascii.ts';
import type { LogFile } from '../../../model/host-port.ts';
import { type Replayed, replay } from '../../../model/terminal-questions.ts';
import { MarkJoiner } from './mark-joiner.ts';

/** A line longer than this is cut to its end. Bytes. */
const LONGEST_LINE = 10_000;
/** Bytes read at a time. */
const BLOCK = 65_536;
/** Bytes. More than any mark has. */
const LONGEST_MARK = 80;

/**
 * The last lines, oldest first, with their line ends and without terminal queries; an unfinished one counts. Neighbouring marks become one line,
 * and count as one. The file stays open until the pieces have been consumed or abandoned. Rejects with the system's
 * error.
 */
export async function lastLogLines(file: LogFile, count: number): Promise<AsyncIterable<Replayed>> {
  try {
    const { size } = file.found;
    return replay(pieces(file, await startOfLines(file, size, count), size));
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The offset at which the last `count` lines before `end` begin. */
async function startOfLines(file: LogFile, end: number, count: number): Promise<number> {
  const least = Math.max(0, end - count * LONGEST_LINE);
  let left = count;
  let marked = false;
  /** The start of the line found last, and how many bytes before it have been examined. */
  let start = end;
  // One buffer for all blocks, followed by the start of the next: a mark may span two blocks.
  const space = Buffer.alloc(BLOCK + LONGEST_MARK);
  let behind = 0;
  for (let to = end; to > least && left > 0; ) {
    const from = Math.max(least, to - BLOCK);
    space.copyWithin(to - from, 0, behind);
    const got = await file.read(space.subarray(0, to - from), from);
    if (got < to - from) {
      // The file was truncated.
      return least;
    }
    const block = space.subarray(0, got);
    const text = space.subarray(0, got + behind);
    for (let at = block.length; at > 0 && left > 0; ) {
      // The line end of the last line does not start another one.
      at = block.lastIndexOf(LF, from + at === end ? at - 2 : at - 1);
      if (at < 0 || from + at + 1 === end) {
        break;
      }
      start = from + at + 1;
      const mark = MarkJoiner.timeOf(text.toString('latin1', at + 1, at + 1 + LONGEST_MARK)) !== undefined;
      left -= mark && marked ? 0 : 1;
      marked = mark;
    }
    behind = Math.min(LONGEST_MARK, text.length);
    to = from;
  }
  return left > 0 ? least : start;
}

async function* pieces(file: LogFile, start: number, end: number): AsyncGenerator<Uint8Array> {
  const marks = new MarkJoiner();
  let unfinished: Buffer = Buffer.alloc(0);
  try {
    for (let at = start; at < end; ) {
      const block = await read(file, at, Math.min(end, at + BLOCK));
      if (block.length === 0) {
        // The file was truncated.
        break;
      }
      at += block.length;
      const text = Buffer.concat([unfinished, block]);
      const whole = text.lastIndexOf(LF) + 1;
      unfinished = lastPart(text.subarray(whole));
      yield marks.join(shortened(text.subarray(0, whole)));
    }
    yield marks.join(unfinished, true);
  } finally {
    file.close();
  }
}

/** The existing part of these bytes. */
async function read(file: LogFile, start: number, end: number): Promise<Buffer> {
  const block = Buffer.alloc(end - start);
  return block.subarray(0, await file.read(block, start));
}

function lastPart(line: Buffer): Buffer {
  return line.subarray(Math.max(0, line.length - LONGEST_LINE));
}

/** Whole lines, each cut to its end. */
function shortened(text: Buffer): Buffer {
  const lines: Buffer[] = [];
  let short = true;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf(LF, at) + 1;
    short &&= next - at <= LONGEST_LINE;
    lines.push(lastPart(text.subarray(at, next)));
    at = next;
  }
  return short ? text : Buffer.concat(lines);
}
