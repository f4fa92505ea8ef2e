import { native } from './native.ts';

/** The text of an errno, positive or negative, as strerror(3) has it: `No such file or directory`. */
export function errnoText(errno: number): string {
  return native.errorText(Math.abs(errno));
}
