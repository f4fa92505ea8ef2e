import { getSystemErrorMap } from 'node:util';

/** The text of an errno, positive or negative, as strerror(3) has it: `No such file or directory`. */
export function errnoText(errno: number): string {
  const text = getSystemErrorMap().get(-Math.abs(errno))?.[1];
  return text === undefined ? `error ${errno}` : text.charAt(0).toUpperCase() + text.slice(1);
}
