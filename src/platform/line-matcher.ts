/**
 * Runs a user's regular expression over many lines at once, with a time limit: nested repetitions can take forever on
 * one line.
 */
import { type Context, createContext, Script } from 'node:vm';

export type MatchLines = (lines: readonly string[]) => readonly boolean[];

/** A pattern took longer than it may. */
export class PatternTooSlow extends Error {}

/** Advice about a pattern that was too slow; follows its name and the outcome. */
export const WRITE_INSTEAD = 'write repetitions within repetitions, as in (a+)+, another way';

/** The context in which patterns that need a time limit run. */
interface Room {
  readonly context: Context;
  readonly script: Script;
}

/** It takes half a megabyte: one for all, and none when nothing is matched any more. */
let shared: WeakRef<Room> | undefined;

/** The returned function throws PatternTooSlow when one call takes longer than `patience` milliseconds. */
export function lineMatcher(pattern: RegExp, patience: number): MatchLines {
  if (!/[*+{]/.test(pattern.source)) {
    // A pattern without repetition cannot be slow; the time limit costs a thread for each call, 0.1 ms.
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
  // Only the code of a script can be interrupted; one call per batch of lines makes its overhead negligible.
  const script = new Script('lines.map((line) => pattern.test(line))');
  const made = { context: createContext({ pattern: /(?:)/, lines: [] }), script };
  shared = new WeakRef(made);
  return made;
}
