/** A user's regular expression over many lines at once, with a bound on its time: nested repetitions can take for ever on one line. */
import { createContext, Script } from 'node:vm';
import { UsageError } from './exit-codes.ts';

/** For one batch of lines, which takes a millisecond otherwise. Milliseconds. */
const PATIENCE = 5000;

export type TestLines = (lines: readonly string[]) => readonly boolean[];

/** Throws UsageError where `pattern` is none; its result does when it takes longer than `patience`. */
export function linesTest(pattern: string, flags: string, patience = PATIENCE): TestLines {
  const room = createContext({ regex: expression(pattern, flags), lines: [] as readonly string[] });
  // Only the code of a script can be interrupted; one call for a batch costs a thousandth of what it does.
  const script = new Script('lines.map((line) => regex.test(line))');
  return (lines) => {
    room.lines = lines;
    try {
      return script.runInContext(room, { timeout: patience }) as boolean[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
        throw error;
      }
      throw new UsageError(
        `grep: the pattern took more than ${patience / 1000} s for ${lines.length} lines: write repetitions within repetitions, as in (a+)+, another way`,
      );
    }
  };
}

function expression(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw new UsageError(`grep: ${(error as Error).message}; --fixed takes the pattern as plain text`);
  }
}
