/** The last lines of a log file (conserver.md 6.2). */
import { type FileHandle, open } from 'node:fs/promises';

const LF = 0x0a;
/** A line longer than this is cut to its end. Bytes. */
const LONGEST_LINE = 10_000;
/** What is read first; then each time twice as much. Bytes. */
const BLOCK = 65_536;
const LONGEST_MARK = 80;
const MARK = /^\[-- MARK -- (.*)\]\r?\n?$/;

/** The last lines, oldest first, with their line ends; an unfinished one counts. Neighbouring marks become one line, and count as one. */
export async function lastLogLines(path: string, count: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    let from = (await file.stat()).size;
    const least = Math.max(0, from - count * LONGEST_LINE);
    let text = Buffer.alloc(0);
    for (let size = BLOCK; ; size *= 2) {
      const { lines, whole } = lastLines(text, count);
      if (whole || from === least) {
        return joinMarks(Buffer.concat(lines));
      }
      const start = Math.max(least, from - size);
      text = Buffer.concat([await read(file, start, from), text]);
      from = start;
    }
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const block = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(block, 0, block.length, start);
  return block.subarray(0, bytesRead);
}

/** So many lines from the end of the text; not `whole` when there may be more of them before it. */
function lastLines(text: Buffer, count: number): { readonly lines: Buffer[]; readonly whole: boolean } {
  const lines: Buffer[] = [];
  let end = text.length;
  let marked = false;
  let left = count;
  while (left > 0 && end > 0) {
    const start = end < 2 ? 0 : text.lastIndexOf(LF, end - 2) + 1;
    const line = text.subarray(start, end);
    if (start === 0 && line.length < LONGEST_LINE) {
      return { lines: [line, ...lines], whole: false };
    }
    const mark = MARK.test(line.toString('latin1', 0, LONGEST_MARK));
    left -= mark && marked ? 0 : 1;
    marked = mark;
    lines.unshift(line.subarray(Math.max(0, line.length - LONGEST_LINE)));
    end = start;
  }
  return { lines, whole: left === 0 };
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
