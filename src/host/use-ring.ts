/**
 * What the processes of one console have used: by the minute for the last hour, by the quarter of an hour for the last day. It takes the
 * same memory from the first look on. Times are milliseconds of a clock that never jumps.
 */
export const LOOK_MS = 60_000;

/** Minutes in a quarter of an hour; minutes and quarters kept. */
const PER_QUARTER = 15;
const MINUTES = 60;
const QUARTERS = 96;
const MEMORY = 0;
const CPU = MINUTES + QUARTERS;
const FIGURES = 2 * CPU;

export interface Use {
  /** Peak in the span. */
  readonly memoryBytes?: number;
  /** Mean number of processors in the span. */
  readonly cpu?: number;
}

export interface UseSpan extends Use {
  /** When it begins. */
  readonly at: number;
  readonly ms: number;
}

export class UseRing {
  /** Memory of minutes and quarters, then CPU likewise; NaN where nothing is known. */
  readonly #figures = new Float32Array(FIGURES).fill(Number.NaN);
  /** The newest minute recorded. */
  #minute = Number.NEGATIVE_INFINITY;
  /** CPU samples in the newest quarter. */
  #looks = 0;

  add(at: number, { cpu, memoryBytes }: Use): void {
    const minute = Math.floor(at / LOOK_MS);
    const quarter = Math.floor(minute / PER_QUARTER);
    this.#forget(minute);
    if (memoryBytes !== undefined) {
      this.#most(MEMORY + (minute % MINUTES), memoryBytes);
      this.#most(MEMORY + MINUTES + (quarter % QUARTERS), memoryBytes);
    }
    if (cpu !== undefined) {
      this.#figures[CPU + (minute % MINUTES)] = cpu;
      const slot = CPU + MINUTES + (quarter % QUARTERS);
      const mean = this.#looks === 0 ? 0 : (this.#figures[slot] as number);
      this.#looks++;
      this.#figures[slot] = mean + (cpu - mean) / this.#looks;
    }
  }

  /** Oldest first: quarters, then the minutes of the last hour. Spans of which nothing is known are left out. */
  spans(now: number): readonly UseSpan[] {
    const minute = Math.floor(now / LOOK_MS);
    this.#forget(minute);
    // Minutes start at a quarter boundary, so that spans do not overlap.
    const firstMinute = Math.ceil((minute - MINUTES + 1) / PER_QUARTER) * PER_QUARTER;
    const quarter = firstMinute / PER_QUARTER;
    const first = Math.floor(minute / PER_QUARTER) - QUARTERS + 1;
    return [
      ...this.#known(first, quarter, PER_QUARTER * LOOK_MS, QUARTERS, MINUTES),
      ...this.#known(firstMinute, minute + 1, LOOK_MS, MINUTES, 0),
    ];
  }

  #known(first: number, end: number, ms: number, count: number, offset: number): UseSpan[] {
    const spans: UseSpan[] = [];
    for (let number = first; number < end; number++) {
      // A machine that has been up for less than a day.
      const slot = offset + (((number % count) + count) % count);
      const memoryBytes = this.#figures[MEMORY + slot] as number;
      const cpu = this.#figures[CPU + slot] as number;
      if (!(Number.isNaN(memoryBytes) && Number.isNaN(cpu))) {
        spans.push({
          ...{ at: number * ms, ms },
          ...(Number.isNaN(memoryBytes) ? {} : { memoryBytes }),
          ...(Number.isNaN(cpu) ? {} : { cpu }),
        });
      }
    }
    return spans;
  }

  /** Fills the places of the minutes and quarters that have begun since the newest one. */
  #forget(minute: number): void {
    const before = this.#minute;
    if (minute <= before) {
      return;
    }
    this.#minute = minute;
    const [quarter, quarterBefore] = [Math.floor(minute / PER_QUARTER), Math.floor(before / PER_QUARTER)];
    this.#clear(Math.max(before + 1, minute - MINUTES + 1), minute, MINUTES, 0);
    this.#clear(Math.max(quarterBefore + 1, quarter - QUARTERS + 1), quarter, QUARTERS, MINUTES);
    if (quarter !== quarterBefore) {
      this.#looks = 0;
    }
  }

  #clear(first: number, last: number, count: number, offset: number): void {
    for (let number = first; number <= last; number++) {
      const slot = offset + (((number % count) + count) % count);
      this.#figures[MEMORY + slot] = Number.NaN;
      this.#figures[CPU + slot] = Number.NaN;
    }
  }

  #most(slot: number, value: number): void {
    const before = this.#figures[slot] as number;
    this.#figures[slot] = Number.isNaN(before) ? value : Math.max(before, value);
  }
}
