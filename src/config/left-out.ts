/** Reports what was left out of the configuration, and what became of it: once, not at every check. */
import type { ConfigProblem } from '../model/config.ts';
import { problemText } from '../model/config-problem.ts';

export class LeftOut {
  readonly #tell: (text: string) => void;
  #known: ReadonlySet<string> = new Set();
  #now: readonly ConfigProblem[] = [];
  readonly #once = new Set<string>();

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** The parts that are left out now. */
  get now(): readonly ConfigProblem[] {
    return this.#now;
  }

  /** `warnings`: all that there are now. */
  tell(warnings: readonly ConfigProblem[]): void {
    const texts = warnings.map(problemText);
    for (const text of texts) {
      if (!this.#known.has(text)) {
        this.#tell(`left out: ${text}`);
      }
    }
    this.#now = warnings;
    this.#known = new Set(texts);
    this.#once.clear();
  }

  /** Until other warnings are reported. */
  once(text: string): void {
    if (!this.#once.has(text)) {
      this.#once.add(text);
      this.#tell(text);
    }
  }
}
