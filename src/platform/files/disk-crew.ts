/**
 * A few threads for what is done by path, where nobody knows beforehand what hangs. One thing at a time is done in a folder.
 * A thread that does not come back counts no longer: another takes its place, until a mount, or all together, has used up
 * what it may. What is left then waits, and the other mounts go on.
 */
import { constants as os } from 'node:os';
import { dirname } from 'node:path';
import { mountPointOf } from '../mounts.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { DiskThread, type Heard } from './disk-thread.ts';

/** Threads that work at a time, not counting those that hang; threads in all; of these on one mount. */
const ACTIVE = 2;
const MOST = 32;
const MOST_OF_MOUNT = 4;
/** A thread that is at one thing for this long is said to hang. Milliseconds. */
const HANGS = 200;

/** Gives the job to a thread; returns its ticket. */
export type Begin = (thread: DiskThread, heard: Heard) => number;

export class Errand {
  readonly folder: string;
  readonly begin: Begin;
  readonly heard: Heard;
  /** Once it is under way. */
  thread: DiskThread | undefined;
  ticket = 0;

  constructor(folder: string, begin: Begin, heard: Heard) {
    this.folder = folder;
    this.begin = begin;
    this.heard = heard;
  }
}

export class DiskCrew {
  readonly #clock: Clock;
  #waiting: Errand[] = [];
  readonly #working = new Set<Errand>();
  #idle: DiskThread | undefined;
  #again: Timer | undefined;
  #sending = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does something with a file at this path, or with an open one that lies there. */
  send(path: string, begin: Begin, heard: Heard): Errand {
    const errand = new Errand(dirname(path), begin, heard);
    this.#waiting.push(errand);
    this.#sendOut();
    return errand;
  }

  /** Nobody waits for it any more: it is not begun, if it was not yet. */
  withdraw(errand: Errand): void {
    this.#waiting = this.#waiting.filter((each) => each !== errand);
  }

  /** Threads that are at something are left to it: the process need not stay alive for them. */
  close(): void {
    for (const { thread } of this.#working) {
      thread?.forsake();
    }
    this.#again?.cancel();
    this.#waiting = [];
    this.#idle?.close();
    this.#idle = undefined;
  }

  #sendOut(): void {
    // An answer may come while somebody waits in here.
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    const hanging = [...this.#working].filter(({ thread }) => (thread?.busyFor ?? 0) >= HANGS);
    const mounts = hanging.map(({ folder }) => mountPointOf(folder));
    let room = Math.min(ACTIVE + hanging.length, MOST) - this.#working.size;
    const folders = new Set([...this.#working].map(({ folder }) => folder));
    const left: Errand[] = [];
    for (const [at, errand] of this.#waiting.entries()) {
      if (room === 0) {
        left.push(...this.#waiting.slice(at));
        break;
      }
      if (folders.has(errand.folder) || isFull(mounts, errand.folder)) {
        left.push(errand);
        continue;
      }
      const thread = this.#idle ?? newThread(this.#clock);
      if (!thread) {
        left.push(...this.#waiting.slice(at));
        break;
      }
      this.#idle = undefined;
      folders.add(errand.folder);
      room--;
      this.#begin(errand, thread);
    }
    this.#waiting = left;
    this.#sending = false;
    this.#again?.cancel();
    this.#again = left.length === 0 ? undefined : this.#clock.after(HANGS, () => this.#sendOut());
  }

  #begin(errand: Errand, thread: DiskThread): void {
    const done: Heard = (...what) => {
      this.#working.delete(errand);
      if (this.#idle === undefined) {
        this.#idle = thread;
      } else {
        thread.close();
      }
      this.#sendOut();
      errand.heard(...what);
    };
    this.#working.add(errand);
    errand.thread = thread;
    try {
      errand.ticket = errand.begin(thread, done);
    } catch (error) {
      // Not at once: whoever sends it out does not have it yet.
      setImmediate(() => done(0, (error as NodeJS.ErrnoException).errno ?? os.errno.EINVAL));
    }
  }
}

/** Undefined where the machine, or the unit that we are in, has no room for another one just now. */
function newThread(clock: Clock): DiskThread | undefined {
  try {
    return new DiskThread(clock);
  } catch {
    return undefined;
  }
}

function isFull(hanging: readonly string[], folder: string): boolean {
  if (hanging.length < MOST_OF_MOUNT) {
    return false;
  }
  const own = mountPointOf(folder);
  return hanging.filter((mount) => mount === own).length >= MOST_OF_MOUNT;
}
