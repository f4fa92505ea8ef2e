/** Lets consoles start in order and not all at once: after a power cut the host must come up again. */

import type { ConsoleWait } from '../model/api.ts';
import { someOf } from '../model/counted.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

/**
 * Each has its own slots: a link that does not connect keeps no process waiting, and automatic starts do not delay a
 * requested one.
 */
type Lane = 'links' | 'asked' | 'processes';

export interface Start {
  readonly name: string;
  /** The consoles that start before it. */
  readonly after: readonly string[];
  /** It is a link. */
  readonly link: boolean;
  /** It was requested by a user. */
  readonly asked: boolean;
}

interface Waiting extends Start {
  readonly lane: Lane;
  readonly since: number;
  readonly go: () => void;
}

/** Milliseconds after which a link that has not connected lets the next one try, while it goes on. */
const LINK_TURN_MS = 1000;
/** Names in a sentence. */
const NAMED = 3;

export class StartQueue {
  readonly #most: () => number;
  /** Whether a console is on its way up: others that come after it wait. */
  readonly #coming: (name: string) => boolean;
  readonly #clock: Clock;
  readonly #starting = new Map<string, { readonly lane: Lane; readonly turn: Timer | undefined }>();
  #waiting: Waiting[] = [];
  #gathering = false;

  /** `most`: slots of each lane. */
  constructor(most: () => number, coming: (name: string) => boolean, clock: Clock) {
    this.#most = most;
    this.#coming = coming;
    this.#clock = clock;
  }

  /** Lets many enter before the first one starts: the order by `after` is known only when all are there. */
  gather(work: () => void): void {
    this.#gathering = true;
    try {
      work();
    } finally {
      this.#gathering = false;
      this.#next();
    }
  }

  /** Calls `go` when there is room and its predecessors are up. */
  enter(start: Start, go: () => void): void {
    const lane = start.link ? 'links' : start.asked ? 'asked' : 'processes';
    const others = this.#waiting.filter(({ name }) => name !== start.name);
    const place = start.asked ? others.findIndex(({ asked }) => !asked) : -1;
    others.splice(place < 0 ? others.length : place, 0, { ...start, lane, since: this.#clock.now(), go });
    this.#waiting = others;
    this.#next();
  }

  /** It was requested by a user: if it waits, it goes first. */
  hurry(name: string): void {
    const start = this.#waiting.find((each) => each.name === name);
    if (start && !start.asked) {
      this.enter({ ...start, asked: true }, start.go);
    }
  }

  /** The console is up, or down again, or no longer wanted. Returns whether its turn never came. */
  leave(name: string): boolean {
    this.#release(name);
    const waited = this.#waiting.some((each) => each.name === name);
    this.#waiting = this.#waiting.filter((each) => each.name !== name);
    this.#next();
    return waited;
  }

  /** The obstacle that a start waits for; undefined: it is its turn. */
  waitOf(name: string): ConsoleWait | undefined {
    const start = this.#waiting.find((each) => each.name === name);
    if (!start) {
      return undefined;
    }
    const before = start.after.filter((other) => this.#coming(other));
    const inTheWay = [...this.#starting].filter(([, { lane }]) => lane === start.lane).map(([other]) => other);
    return {
      kind: 'turn',
      what:
        before.length > 0
          ? `${someOf(before, NAMED)}, which it comes after`
          : `a start slot behind ${someOf(inTheWay, NAMED)}`,
      since: new Date(start.since).toISOString(),
    };
  }

  #next(): void {
    const full = new Set<Lane>();
    for (const each of [...this.#waiting]) {
      if (this.#gathering) {
        return;
      }
      if (!full.has(each.lane) && this.#isFull(each.lane)) {
        full.add(each.lane);
      }
      if (full.has(each.lane) || !this.#waiting.includes(each) || each.after.some((name) => this.#coming(name))) {
        continue;
      }
      this.#waiting = this.#waiting.filter((other) => other !== each);
      this.#release(each.name);
      this.#starting.set(each.name, { lane: each.lane, turn: each.link ? this.#turn(each.name) : undefined });
      each.go();
    }
  }

  #isFull(lane: Lane): boolean {
    return [...this.#starting.values()].filter((each) => each.lane === lane).length >= this.#most();
  }

  #turn(name: string): Timer {
    return this.#clock.after(LINK_TURN_MS, () => {
      this.#starting.delete(name);
      this.#next();
    });
  }

  #release(name: string): void {
    this.#starting.get(name)?.turn?.cancel();
    this.#starting.delete(name);
  }
}
