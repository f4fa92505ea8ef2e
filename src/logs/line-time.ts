/** Time stamps in the bytes of logs. */
import { stampOf } from '../model/line-stamp.ts';

/** Bytes of a line that are searched for its stamp. */
export const STAMP_BYTES = 64;

/** Of the line that is these bytes of `data`, without its line end. */
export function stampIn(data: Buffer, from: number, to: number): number | undefined {
  return stampOf(data.toString('latin1', from, Math.min(to, from + STAMP_BYTES)));
}
