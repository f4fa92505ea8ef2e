/** Checks the current child with the probe of its console, and reports the result to the supervision. */
import type { Clock } from '../platform/time/clock.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

/** Finds out when a child is ready. */
export interface ReadyProbe {
  /**
   * Begins to check a child that was started `age` milliseconds ago; `seen` or `late` is called once. The returned
   * function cancels it.
   */
  begin(seen: () => void, late: () => void, age: number): () => void;
}

export class Readiness {
  /** Undefined: without a readiness check. */
  probe: ReadyProbe | undefined;
  readonly #supervisor: Supervisor;
  readonly #clock: Clock;
  #stop: (() => void) | undefined;

  constructor(supervisor: Supervisor, clock: Clock) {
    this.#supervisor = supervisor;
    this.#clock = clock;
  }

  /** There is a child; wall time of its start in milliseconds. */
  look(startedAt: number): void {
    this.stop();
    this.#supervisor.spawned(this.probe !== undefined);
    const age = Math.max(0, this.#clock.now() - startedAt);
    this.#stop = this.probe?.begin(
      () => this.#supervisor.ready(),
      () => this.#supervisor.overdue(),
      age,
    );
  }

  stop(): void {
    this.#stop?.();
  }
}
