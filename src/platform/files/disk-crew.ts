/**
 * A few threads for work by path, where it is not known beforehand what will hang. One job at a time runs per folder.
 * A thread that hangs no longer counts: another takes its place, until a mount, or all of them together, has reached
 * its limit. The remaining jobs then wait, and the other mounts go on.
 */
import { constants as os } from 'node:os';
import { dirname } from 'node:path';
import { mountPointOf } from '../mounts.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { DiskThread, type Heard } from './disk-thread.ts';

/** Threads that work at a time, not counting hung ones; threads in all; threads on one mount. */
const ACTIVE = 2;
const MOST = 32;
const MAX_OF_MOUNT = 4;
/** Milliseconds on one job after which a thread counts as hung. */
const HANGS_MS = 200;

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

  /** Withdraws a job: it is not started if it was still waiting. */
  withdraw(errand: Errand): void {
    this.#waiting = this.#waiting.filter((each) => each !== errand);
  }

  /** Busy threads are left alone: the process need not stay alive for them. */
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
    // An answer may arrive while a caller blocks in here.
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    const hanging = [...this.#working].filter(({ thread }) => (thread?.busyFor ?? 0) >= HANGS_MS);
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
    this.#again = left.length === 0 ? undefined : this.#clock.after(HANGS_MS, () => this.#sendOut());
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
      // Not at once: the caller does not have the ticket yet.
      setImmediate(() => done(0, (error as NodeJS.ErrnoException).errno ?? os.errno.EINVAL));
    }
  }
}

/** Undefined if the machine, or our unit, has no room for another thread right now. */
function newThread(clock: Clock): DiskThread | undefined {
  try {
    return new DiskThread(clock);
  } catch {
    return undefined;
  }
}

function isFull(hanging: readonly string[], folder: string): boolean {
  if (hanging.length < MAX_OF_MOUNT) {
    return false;
  }
  const own = mountPointOf(folder);
  return hanging.filter((mount) => mount === own).length >= MAX_OF_MOUNT;
}
