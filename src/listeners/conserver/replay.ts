/** The last lines of a log file (conserver.md 6.2). */
import { type FileHandle, open } from 'node:fs/promises';

const LF = 0x0a;
/** A line longer than this is cut to its end. Bytes. */
const LONGEST_LINE = 10_000;
const BLOCK = 65_536;
const MARK = /^\[-- MARK -- (.*)\]\r?\n?$/;

/** The last lines, oldest first, with their line ends; an unfinished one counts. Neighbouring marks become one line. */
export async function lastLogLines(path: string, count: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    return joinMarks(cut(await readBack(file, count), count));
  } finally {
    await file.close();
  }
}

/** Enough of the end of the file: that many line ends behind the first byte, or all that the bound allows. */
async function readBack(file: FileHandle, count: number): Promise<Buffer> {
  const { size } = await file.stat();
  const least = Math.max(0, size - count * LONGEST_LINE);
  let text = Buffer.alloc(0);
  let from = size;
  let lines = 0;
  while (from > least && lines <= count) {
    const start = Math.max(least, from - BLOCK);
    const block = Buffer.alloc(from - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    text = Buffer.concat([block.subarray(0, bytesRead), text]);
    lines += block.subarray(0, bytesRead).reduce((sum, byte) => sum + (byte === LF ? 1 : 0), 0);
    from = start;
  }
  return text;
}

function cut(text: Buffer, count: number): Buffer {
  // The line end at the very end closes the last line.
  let at = text.length - 1;
  for (let left = count; at > 0; at--) {
    if (text[at - 1] === LF && --left === 0) {
      break;
    }
  }
  return count > 0 ? text.subarray(Math.max(0, at)) : text.subarray(text.length);
}

function joinMarks(text: Buffer): Buffer {
  if (!text.includes('[-- MARK -- ')) {
    return text;
  }
  const out: string[] = [];
  let first: { readonly time: string; readonly line: string } | undefined;
  let last = '';
  const flush = () => {
    if (first !== undefined) {
      out.push(last === '' ? first.line : `[-- MARK -- ${first.time} .. ${last} -- MARK --]\r\n`);
    }
    first = undefined;
    last = '';
  };
  for (const line of text.toString('latin1').split(/(?<=\n)/)) {
    const time = MARK.exec(line)?.[1];
    if (time === undefined) {
      flush();
      out.push(line);
    } else if (first === undefined) {
      first = { time, line };
    } else {
      last = time;
    }
  }
  flush();
  return Buffer.from(out.join(''), 'latin1');
}
