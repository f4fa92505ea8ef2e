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

/** The context in which work that needs a time limit begins. */
interface Room {
  readonly context: Context;
  readonly script: Script;
}

/** It takes half a megabyte: one for all, and none when nothing is matched any more. */
let shared: WeakRef<Room> | undefined;

/** The returned function throws PatternTooSlow when one call takes longer than `patience` milliseconds. */
export function lineMatcher(pattern: RegExp, patience: number): MatchLines {
  const match = (lines: readonly string[]) => lines.map((line) => pattern.test(line));
  return mayBeSlow(pattern) ? within(patience, match) : match;
}

/** Choices of a pattern, each of which may double the time that it takes: a thousand times is not slow. */
const MOST_CHOICES = 10;

/** A pattern without repetition and with few choices cannot be slow; the time limit costs a thread for each call, 0.1 ms. */
export function mayBeSlow({ source }: RegExp): boolean {
  return /[*+{]/.test(source) || (source.match(/[?|]/g) ?? []).length > MOST_CHOICES;
}

/** The function with that limit. */
export function within<A, R>(patience: number, work: (argument: A) => R): (argument: A) => R {
  const { context, script } = room();
  return (argument) => {
    context.work = () => work(argument);
    try {
      return script.runInContext(context, { timeout: patience }) as R;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
        throw error;
      }
      throw new PatternTooSlow(`more than ${patience / 1000} s`);
    } finally {
      context.work = undefined;
    }
  };
}

function room(): Room {
  const known = shared?.deref();
  if (known) {
    return known;
  }
  // Only what a script has called can be interrupted.
  const made = { context: createContext({ work: undefined }), script: new Script('work()') };
  shared = new WeakRef(made);
  return made;
}
