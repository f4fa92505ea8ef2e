/**
 * Where the lines of a period lie in a plain file, found by the stamps at a few places of it. Clocks are set back: to
 * local time without a zone that happens every autumn. So the file is not simply bisected: places all over it are
 * looked at, and whatever may belong to the period is in the answer. The lines in there are still judged one by one.
 */
import { LF } from '../model/ascii.ts';
import { stampIn } from './line-time.ts';
import type { LogPart } from './log-parts.ts';

/** From `from` up to `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** A line with a stamp. */
interface Sight {
  readonly at: number;
  readonly time: number;
}

/** A smaller file is read as a whole. Bytes. */
const SMALL_BYTES = 2 << 20;
/** Places looked at first: one for so many bytes, and at most so many. Between two of them a clock may be set back unseen. */
const APART_BYTES = 1 << 20;
const MOST_PLACES = 64;
/** A clock that is set back by less is never missed. */
const SET_BACK_MS = 2 * 3_600_000;
/** Read at a place to find a line with a stamp. */
const LOOK_BYTES = 16_384;
/** The result is as exact as this. */
const NEAR_BYTES = 256 << 10;

/**
 * `since` and `until` are milliseconds since 1970. The lines before the first stamp of a file, whose time is that of the
 * file, are always there. A file that does not begin with stamps, and any compressed one, is read as a whole.
 */
export async function stampedRanges(part: LogPart, since: number, until: number): Promise<readonly ByteRange[]> {
  const whole = [{ from: 0, to: part.size }];
  const asked = since > Number.NEGATIVE_INFINITY || until < Number.POSITIVE_INFINITY;
  if (!asked || part.packed || part.size < SMALL_BYTES) {
    return whole;
  }
  const look = lookerAt(part);
  const seen: Sight[] = [];
  const places = Math.min(MOST_PLACES, Math.floor(part.size / APART_BYTES));
  for (let place = 0; place < places; place++) {
    const sight = await look(Math.floor((place * part.size) / places));
    if (sight && sight.at !== seen.at(-1)?.at) {
      seen.push(sight);
    }
  }
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || first.at >= LOOK_BYTES) {
    return whole;
  }
  const begun = ({ time }: Sight) => time >= since - SET_BACK_MS;
  const over = ({ time }: Sight) => time > until + SET_BACK_MS;
  const start = seen.findIndex(begun);
  const end = seen.findLastIndex((sight) => !over(sight));
  const before = start < 0 ? last : seen[start - 1];
  const after = seen[end + 1];
  const from = before ? (await narrow(look, before, seen[start] ?? before, begun)).before.at : first.at;
  const to = after ? (await narrow(look, seen[end] ?? first, after, over)).after.at : part.size;
  const head = { from: 0, to: first.at };
  return [head, { from, to }].filter((range) => range.from < range.to);
}

/** Brings both together: `holds` is false for the earlier one, true for the later one. */
async function narrow(
  look: (offset: number) => Promise<Sight | undefined>,
  earlier: Sight,
  later: Sight,
  holds: (sight: Sight) => boolean,
): Promise<{ readonly before: Sight; readonly after: Sight }> {
  let before = earlier;
  let after = later;
  while (after.at - before.at > NEAR_BYTES) {
    const middle = await look(Math.floor((before.at + after.at) / 2));
    if (!middle || middle.at >= after.at) {
      break;
    }
    if (holds(middle)) {
      after = middle;
    } else {
      before = middle;
    }
  }
  return { before, after };
}

/** The first line with a stamp that begins at an offset or soon after it. */
function lookerAt({ file, size }: LogPart): (offset: number) => Promise<Sight | undefined> {
  const buffer = Buffer.allocUnsafe(LOOK_BYTES);
  return async (offset) => {
    const data = buffer.subarray(0, await file.read(buffer.subarray(0, Math.min(LOOK_BYTES, size - offset)), offset));
    let from = offset === 0 ? 0 : data.indexOf(LF) + 1;
    for (let end = data.indexOf(LF, from); end >= 0; end = data.indexOf(LF, from)) {
      // Bytes before the first line end belong to an earlier line.
      const time = from === 0 && offset > 0 ? undefined : stampIn(data, from, end);
      if (time !== undefined) {
        return { at: offset + from, time };
      }
      from = end + 1;
    }
    return undefined;
  };
}
