/** The pattern of `grep`, over many lines at once. */
import { lineMatcher, type MatchLines, PatternTooSlow, WRITE_INSTEAD } from '../../../platform/line-matcher.ts';
import { UsageError } from '../command/exit-codes.ts';

/** Milliseconds for one batch of lines, which normally takes one. */
const TIMEOUT_MS = 5000;

/**
 * Throws UsageError for an invalid `pattern`; the returned function throws it when matching takes longer than
 * `patience`.
 */
export function linesTest(pattern: string, flags: string, patience = TIMEOUT_MS): MatchLines {
  const match = lineMatcher(expression(pattern, flags), patience);
  return (lines) => {
    try {
      return match(lines);
    } catch (error) {
      throw error instanceof PatternTooSlow
        ? new UsageError(`grep: the pattern took ${error.message}: ${WRITE_INSTEAD}`)
        : error;
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
