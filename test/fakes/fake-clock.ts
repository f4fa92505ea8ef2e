import type { Clock, Timer } from '../../src/platform/time/clock.ts';

/** Time that passes when a test says so; timers fire in order. */
export class FakeClock implements Clock {
  #time: number;
  /** How far the wall clock has been set forward. */
  #set = 0;
  #timers: { due: number; action: () => void }[] = [];

  constructor(start = 1_000_000) {
    this.#time = start;
  }

  now(): number {
    return this.#time + this.#set;
  }

  monotonic(): number {
    return this.#time;
  }

  after(milliseconds: number, action: () => void): Timer {
    const timer = { due: this.#time + Math.max(0, milliseconds), action };
    this.#timers.push(timer);
    return { cancel: () => this.#drop(timer) };
  }

  /** How many timers run. */
  get pending(): number {
    return this.#timers.length;
  }

  /** The clock of one process among several in a test: the same time, and its timers end with it. */
  process(): FakeProcessClock {
    return new FakeProcessClock(this);
  }

  /** Sets the wall clock, forward or back. */
  set(milliseconds: number): void {
    this.#set += milliseconds;
  }

  advance(milliseconds: number): void {
    const until = this.#time + milliseconds;
    for (;;) {
      const next = this.#timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0];
      if (!next) {
        break;
      }
      this.#drop(next);
      this.#time = Math.max(this.#time, next.due);
      next.action();
    }
    this.#time = until;
  }

  #drop(timer: { due: number }): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}

export class FakeProcessClock implements Clock {
  readonly #clock: FakeClock;
  readonly #timers = new Set<Timer>();
  #over = false;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  readonly monotonic = (): number => this.#clock.monotonic();

  /** Its process is dead. */
  get over(): boolean {
    return this.#over;
  }

  get pending(): number {
    return this.#timers.size;
  }

  after(milliseconds: number, action: () => void): Timer {
    if (this.#over) {
      return { cancel: () => undefined };
    }
    const inner = this.#clock.after(milliseconds, () => {
      this.#timers.delete(timer);
      action();
    });
    const timer: Timer = {
      cancel: () => {
        this.#timers.delete(timer);
        inner.cancel();
      },
    };
    this.#timers.add(timer);
    return timer;
  }

  /** The process dies: nothing of what it waited for happens any more. */
  end(): void {
    this.#over = true;
    for (const timer of [...this.#timers]) {
      timer.cancel();
    }
  }
}
