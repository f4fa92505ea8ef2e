import { strftime } from './strftime.ts';

/** Local time as ctime(3) writes it, without the line end: `Sat Nov 21 06:35:03 2026`. Milliseconds since 1970. */
export function ctime(milliseconds: number): string {
  return strftime('%a %b %e %H:%M:%S %Y', milliseconds);
}
