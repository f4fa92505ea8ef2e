/** Time stamps in the bytes of logs. */
import { stampOf } from '../model/line-stamp.ts';

/** Bytes of a line that are searched for its stamp. */
export const STAMP_BYTES = 64;
/** `2026-03-01T03:00:00`. */
const SHORTEST_STAMP_BYTES = 19;
const A = 0x61;
const Z = 0x7a;

/** Of the line that is these bytes of `data`, without its line end. */
export function stampIn(data: Buffer, from: number, to: number): number | undefined {
  // Of most lines without a stamp no text is made: they are short, or begin with a small letter.
  const first = data[from] as number;
  if (to - from < SHORTEST_STAMP_BYTES || (first >= A && first <= Z)) {
    return undefined;
  }
  return stampOf(data.toString('latin1', from, Math.min(to, from + STAMP_BYTES)));
}
