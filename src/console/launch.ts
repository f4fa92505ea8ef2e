/** The way to a start: what to run is asked for, which may take a while, then the runner is told. */
import type { ChildSpec, Runner } from '../model/runner.ts';

export interface LaunchParts {
  /** What to run; what it throws, or rejects with, is a failed start. */
  readonly child: () => ChildSpec | Promise<ChildSpec>;
  readonly runner: Runner;
  readonly greeting: () => string | undefined;
  readonly failed: (error: Error) => void;
}

export class Launch {
  readonly #parts: LaunchParts;
  /** What is being looked up; undefined: nobody waits for that. */
  #lookup: Promise<ChildSpec> | undefined;

  constructor(parts: LaunchParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#run(this.#parts.child);
  }

  /** Gives it up where it is still being looked up, or has not come about yet; `failed` may hear of it within the call. */
  giveUp(): void {
    if (this.#lookup) {
      this.#lookup = undefined;
      this.#parts.failed(new Error('stopped before what it needs was looked up'));
    } else {
      this.#parts.runner.abandon?.();
    }
  }

  #run(child: () => ChildSpec | Promise<ChildSpec>): void {
    try {
      const spec = child();
      if (spec instanceof Promise) {
        this.#wait(spec);
        return;
      }
      const greeting = this.#parts.greeting();
      this.#parts.runner.start(greeting === undefined ? spec : { ...spec, greeting });
    } catch (error) {
      this.#parts.failed(error as Error);
    }
  }

  #wait(lookup: Promise<ChildSpec>): void {
    this.#lookup = lookup;
    /** Goes on unless it was given up meanwhile, and then perhaps begun again. */
    const then = (goOn: () => void) => {
      if (this.#lookup === lookup) {
        this.#lookup = undefined;
        goOn();
      }
    };
    lookup.then(
      (spec) => then(() => this.#run(() => spec)),
      (error: Error) => then(() => this.#parts.failed(error)),
    );
  }
}
