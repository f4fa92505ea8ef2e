/** Reports what was left out of the configuration, and what became of it: once, not at every check. */

export class LeftOut {
  readonly #tell: (text: string) => void;
  #known: ReadonlySet<string> = new Set();
  readonly #once = new Set<string>();

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** `warnings`: all that there are now. */
  tell(warnings: readonly string[]): void {
    for (const warning of warnings) {
      if (!this.#known.has(warning)) {
        this.#tell(`left out: ${warning}`);
      }
    }
    this.#known = new Set(warnings);
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
