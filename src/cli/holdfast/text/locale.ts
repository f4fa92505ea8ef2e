/** The characters that the user's terminal can show, by locale. */
import type { Io } from '../command/command.ts';

/** As setlocale() has it. */
export function isUnicode({ LC_ALL, LC_CTYPE, LANG }: Io['env']): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
