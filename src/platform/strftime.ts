/** Times as text: strftime(3) of the C library, with fractions of a second added. */
import { bytesOf, textOf } from '../model/byte-text.ts';
import { native } from './native.ts';

/** `%f` microseconds as in Python; `%3N`, `%6N`, `%9N` and `%N` (9) as in GNU date; `%%` is kept for strftime. */
const FRACTION = /%%|%f|%([369]?)N/g;

/** Local time in the C locale; `milliseconds` since 1970. */
export function strftime(format: string, milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = String(Math.floor((milliseconds - seconds * 1000) * 1e6)).padStart(9, '0');
  const whole = format.replace(FRACTION, (match, digits: string | undefined) => {
    if (match === '%%') {
      return match;
    }
    return match === '%f' ? nanos.slice(0, 6) : nanos.slice(0, Number(digits || 9));
  });
  return textOf(native.strftime(whole, seconds));
}

/** A stamp maker for log lines: formats at most once a second, or a millisecond where the format shows fractions. */
export function stampMaker(format: string): (milliseconds: number) => Uint8Array {
  const step = format.replaceAll('%%', '').search(FRACTION) >= 0 ? 1 : 1000;
  let at = Number.NaN;
  let stamp: Uint8Array = new Uint8Array(0);
  return (milliseconds) => {
    const now = Math.floor(milliseconds / step);
    if (now !== at) {
      at = now;
      stamp = bytesOf(strftime(format, milliseconds));
    }
    return stamp;
  };
}
