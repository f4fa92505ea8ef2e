/** A start: the command is looked up, which may take a while, then passed to the runner. */
import type { ChildSpec, Runner } from '../model/runner.ts';

export interface LaunchParts {
  /** The command to run; an exception or rejection is a failed start. */
  readonly child: () => ChildSpec | Promise<ChildSpec>;
  readonly runner: Runner;
  readonly greeting: () => string | undefined;
  readonly failed: (error: Error) => void;
}

export class Launch {
  readonly #parts: LaunchParts;
  /** The pending lookup; undefined if none. */
  #lookup: Promise<ChildSpec> | undefined;

  constructor(parts: LaunchParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#run(this.#parts.child);
  }

  /** Abandons it while it is being looked up or has not happened yet; `failed` may be called within the call. */
  giveUp(): void {
    if (this.#lookup) {
      this.#lookup = undefined;
      this.#parts.failed(new Error('stopped before what it needs was looked up'));
    } else {
      this.#parts.runner.abandon?.();
    }
  }

  /** There is a child, perhaps one that an earlier server asked for: the pending lookup starts no other. */
  forget(): void {
    this.#lookup = undefined;
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
    /** Continues unless it was abandoned meanwhile, and perhaps started again. */
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
