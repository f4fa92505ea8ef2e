/**
 * The ready patterns of all consoles, matched in the server's main loop: one that takes too long is not tried again by this
 * server, as a template may give it to hundreds.
 */
import { lineMatcher, type MatchLines, PatternTooSlow, WRITE_INSTEAD } from '../platform/line-matcher.ts';

/** For one piece of output, which takes a millisecond otherwise: nobody is served meanwhile. Milliseconds. */
const PATIENCE = 500;

export class ReadyPatterns {
  readonly #tooSlow = new Set<string>();

  /** For one child; throws an Error, which says what to do, where the pattern was too slow once. Its result does when it is. */
  begin(pattern: string): MatchLines {
    const refuse = () =>
      new Error(
        `ready.pattern ${JSON.stringify(pattern)} took more than ${PATIENCE / 1000} s for one piece of output, so this server ` +
          `does not look for it any more: ${WRITE_INSTEAD}`,
      );
    if (this.#tooSlow.has(pattern)) {
      throw refuse();
    }
    const match = lineMatcher(new RegExp(pattern), PATIENCE);
    return (lines) => {
      try {
        return match(lines);
      } catch (error) {
        if (!(error instanceof PatternTooSlow)) {
          throw error;
        }
        this.#tooSlow.add(pattern);
        throw refuse();
      }
    };
  }
}
