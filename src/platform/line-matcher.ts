/** A user's regular expression over many lines at once, with a bound on its time: nested repetitions can take for ever on one line. */
import { type Context, createContext, Script } from 'node:vm';

export type MatchLines = (lines: readonly string[]) => readonly boolean[];

/** A pattern took longer than it may. */
export class PatternTooSlow extends Error {}

/** What to write instead of a pattern that was too slow; stands after its name and what became of it. */
export const WRITE_INSTEAD = 'write repetitions within repetitions, as in (a+)+, another way';

/** Where patterns that need a watch are run. */
interface Room {
  readonly context: Context;
  readonly script: Script;
}

/** Half a megabyte, so one for all, and none when nobody matches any more. */
let shared: WeakRef<Room> | undefined;

/** Its result throws PatternTooSlow when it takes longer than `patience` milliseconds, for whatever it is given in one call. */
export function lineMatcher(pattern: RegExp, patience: number): MatchLines {
  if (!/[*+{]/.test(pattern.source)) {
    // Without repetition nothing takes long; the watch is a thread for each call, 0.1 ms.
    return (lines) => lines.map((line) => pattern.test(line));
  }
  const { context, script } = room();
  return (lines) => {
    context.pattern = pattern;
    context.lines = lines;
    try {
      return script.runInContext(context, { timeout: patience }) as boolean[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
        throw error;
      }
      throw new PatternTooSlow(`more than ${patience / 1000} s for ${lines.length} line(s)`);
    } finally {
      context.lines = [];
    }
  };
}

function room(): Room {
  const known = shared?.deref();
  if (known) {
    return known;
  }
  // Only the code of a script can be interrupted; one call for a batch costs a thousandth of what it does.
  const script = new Script('lines.map((line) => pattern.test(line))');
  const made = { context: createContext({ pattern: /(?:)/, lines: [] }), script };
  shared = new WeakRef(made);
  return made;
}
