import { getSystemErrorMap } from 'node:util';

/** The text of a system error as strerror(3) has it: `No such file or directory`. */
export function systemText(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { errno } = error as NodeJS.ErrnoException;
  const text = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return text === undefined ? error.message : text.charAt(0).toUpperCase() + text.slice(1);
}
