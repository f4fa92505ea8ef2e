import { errnoText } from './errno-text.ts';

/** The text of a system error as strerror(3) has it: `No such file or directory`. */
export function systemText(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? error.message : errnoText(errno);
}
