/**
 * The ready patterns of all consoles, matched in the server's main loop: one that takes too long is not tried again by this
 * server, as a template may give it to hundreds.
 */
import { lineMatcher, type MatchLines, PatternTooSlow, WRITE_INSTEAD } from '../platform/line-matcher.ts';

/** Milliseconds for one piece of output, which normally takes one: nothing else is served meanwhile. */
const TIMEOUT_MS = 500;

export class ReadyPatterns {
  readonly #tooSlow = new Set<string>();

  /**
   * For one child; throws an Error with advice if the pattern was too slow before. The returned function throws it when
   * it is.
   */
  begin(pattern: string): MatchLines {
    const refuse = () =>
      new Error(
        `ready.pattern ${JSON.stringify(pattern)} took more than ${TIMEOUT_MS / 1000} s for one piece of output, so this server ` +
          `does not look for it any more: ${WRITE_INSTEAD}`,
      );
    if (this.#tooSlow.has(pattern)) {
      throw refuse();
    }
    const match = lineMatcher(new RegExp(pattern), TIMEOUT_MS);
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
