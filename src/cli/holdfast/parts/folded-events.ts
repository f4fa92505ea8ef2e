/** Events as they come, without those of a loop: what ends again and again is counted, and told from time to time. */
import type { EventInfo } from '../../../model/api.ts';
import { APART_MS, type Fold, isCycle, isEnd, LEAST, SESSIONS } from '../../../model/event-folds.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';

/** Between two lines about one loop. */
const TELL_MS = 30_000;

/** It may stay so. */
const UP: ReadonlySet<string> = new Set(['up', 'ready', 'overdue']);

interface Loop {
  readonly since: string;
  ends: number;
  failures: number;
  time: string;
  /** The newest end, or failure. */
  last: EventInfo;
  /** That it is up again. */
  after: EventInfo | undefined;
  /** Of what has not been told. */
  timer: Timer | undefined;
}

export class FoldedEvents {
  readonly #clock: Clock;
  readonly #print: (event: EventInfo | Fold) => void;
  readonly #loops = new Map<string, Loop>();

  constructor(clock: Clock, print: (event: EventInfo | Fold) => void) {
    this.#clock = clock;
    this.#print = print;
  }

  add(event: EventInfo): void {
    const { console } = event;
    if (console === undefined || SESSIONS.has(event.type)) {
      this.#print(event);
      return;
    }
    const loop = this.#loops.get(console);
    const isLate = loop && Date.parse(event.time) - Date.parse(loop.time) > APART_MS;
    if (!isCycle(event) || isLate) {
      this.#close(console);
    }
    if (isCycle(event) && (isEnd(event) || this.#loops.has(console))) {
      this.#count(console, event);
    } else {
      this.#print(event);
    }
  }

  /** Tells what is left. */
  end(): void {
    for (const console of this.#loops.keys()) {
      this.#close(console);
    }
  }

  #count(console: string, event: EventInfo): void {
    const { time } = event;
    const loop: Loop = this.#loops.get(console) ?? {
      ...{ since: time, time, ends: 0, failures: 0, last: event },
      ...{ after: undefined, timer: undefined },
    };
    this.#loops.set(console, loop);
    loop.time = time;
    if (isEnd(event)) {
      loop.ends++;
      loop.failures += event.type === 'notStarted' ? 1 : 0;
      loop.last = event;
    }
    if (loop.ends < LEAST) {
      this.#print(event);
      return;
    }
    loop.after = isEnd(event) ? undefined : UP.has(event.cause ?? '') ? event : loop.after;
    loop.timer ??= this.#clock.after(TELL_MS, () => this.#tell(console, loop));
  }

  #tell(console: string, loop: Loop): void {
    const { after, ends, failures, last, since } = loop;
    loop.timer?.cancel();
    loop.timer = undefined;
    this.#print({
      ...{ type: 'fold', console, since, time: last.time, last },
      ...{ ends: ends - failures, failures, isPart: false },
    });
    if (after) {
      this.#print(after);
    }
  }

  #close(console: string): void {
    const loop = this.#loops.get(console);
    this.#loops.delete(console);
    if (loop?.timer) {
      this.#tell(console, loop);
    }
  }
}
