/** Lookups before a console can be started, such as ids and environment files; reports when they take long. */
import type { ConsoleWait } from '../model/api.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { ChildSpec } from '../model/runner.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

export interface LookupEars {
  /** An answer is waited for from now on. */
  readonly waits: (what: string) => void;
  /** A problem that does not prevent the start. */
  readonly notes: (text: string) => void;
}

export type MakeChildSpec = (config: ConsoleConfig, ears: LookupEars) => ChildSpec | Promise<ChildSpec>;

/** Milliseconds after which a lookup is reported as slow. */
const LONG_MS = 2000;

export class StartLookup {
  readonly #make: MakeChildSpec;
  readonly #clock: Clock;
  readonly #tell: (text: string) => void;
  #attempt = 0;
  #wait: { readonly what: string; readonly since: number; readonly timer: Timer } | undefined;
  /** Of the previous attempt: an unchanged problem is not reported again with every restart. */
  #told: ReadonlySet<string> = new Set();

  constructor(make: MakeChildSpec, clock: Clock, tell: (text: string) => void) {
    this.#make = make;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The lookup that it waits for; absent if none. */
  get wait(): ConsoleWait | undefined {
    return this.#wait && { kind: 'answer', what: this.#wait.what, since: new Date(this.#wait.since).toISOString() };
  }

  /** Throws and rejects as the maker does. An earlier attempt is then ignored. */
  child(config: ConsoleConfig): ChildSpec | Promise<ChildSpec> {
    const attempt = ++this.#attempt;
    const notes = new Set<string>();
    const known = this.#told;
    this.#told = notes;
    this.#answered();
    const spec = this.#make(config, {
      waits: (what) => (attempt === this.#attempt ? this.#waits(what) : undefined),
      notes: (text) => {
        notes.add(text);
        if (!known.has(text)) {
          this.#tell(text);
        }
      },
    });
    return spec instanceof Promise
      ? spec.finally(() => (attempt === this.#attempt ? this.#answered() : undefined))
      : spec;
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    this.#attempt++;
    this.#answered();
  }

  #waits(what: string): void {
    this.#answered();
    const timer = this.#clock.after(LONG_MS, () =>
      this.#tell(`its start waits for ${what}: no answer for ${LONG_MS / 1000} s`),
    );
    this.#wait = { what, since: this.#clock.now(), timer };
  }

  #answered(): void {
    this.#wait?.timer.cancel();
    this.#wait = undefined;
  }
}
