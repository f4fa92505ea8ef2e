/**
 * Shared by all logs of a process: a thread for each file system, the patience of the readers, one check for hanging
 * operations.
 */

import { DiskCrew } from '../platform/files/disk-crew.ts';
import { DiskThread } from '../platform/files/disk-thread.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

/**
 * Readers never get ahead of the log: each write is awaited before delivery. Normally that takes microseconds, and
 * `MOMENT_MS` is granted to each. A slower disk, as in a commit of its journal, may use up `PATIENCE_MS` and regains a
 * `SHARE` of the time that passes; a disk that hangs soon uses it up, and a disk that is known to hang is not waited
 * for at all.
 */
const MOMENT_MS = 2;
const PATIENCE_MS = 500;
const SHARE = 1 / 20;
const HANG_MS = 1500;
/** File systems with their own thread; further ones share. */
const MAX_DEVICES = 32;
/** How often to check for hanging operations, while any is under way. */
const LOOK_INTERVAL_MS = 1000;

/** The thread of one file system. */
export interface Device {
  readonly thread: DiskThread;
  readonly id: string;
  /** Logs that are open there. */
  logs: number;
}

/** A log, as the writer sees it. */
export interface LookedAfter {
  /** Reports hanging operations; returns whether any is under way. */
  lookAfter(): boolean;
  /** The threads end: it asks nothing more of them. */
  abandon(): void;
}

export class LogWriter {
  /** How long output is gathered before it is written, milliseconds; 0: not at all. */
  delay: number;
  /** For operations by path. */
  readonly crew: DiskCrew;
  readonly #clock: Clock;
  readonly #most: number;
  /** Milliseconds left of it at `#asOf`. */
  #patience: number;
  #asOf: number;
  /** Logs that have gathered output, and the timer that writes it: one serves them all. */
  readonly #gathered = new Map<LookedAfter, () => void>();
  readonly #devices = new Map<string, Device>();
  readonly #logs = new Set<LookedAfter>();
  #look: Timer | undefined;

  /** `patience`: milliseconds for which a slow disk may hold up the readers of all logs together. */
  constructor(clock: Clock, delay = 0, patience = PATIENCE_MS) {
    this.#clock = clock;
    this.delay = delay;
    this.crew = new DiskCrew(clock);
    this.#most = patience;
    this.#patience = patience;
    this.#asOf = clock.monotonic();
  }

  /** Calls `flush` when the delay is over, together with those of the other logs; once, however often a log asks. */
  soon(log: LookedAfter, flush: () => void): void {
    if (this.#gathered.size === 0) {
      this.#clock.after(this.delay, () => {
        const all = [...this.#gathered.values()];
        this.#gathered.clear();
        for (const each of all) {
          each();
        }
      });
    }
    this.#gathered.set(log, flush);
  }

  /** Whether this log has gathered output that will be flushed. */
  gathers(log: LookedAfter): boolean {
    return this.#gathered.has(log);
  }

  /** The thread that writes to this file system; to be released by `leave`. */
  device(id: string): Device {
    const shared =
      this.#devices.size < MAX_DEVICES ? id : `${Number.parseInt(id.replace(/\D/g, ''), 10) % MAX_DEVICES}`;
    const key = this.#devices.has(id) ? id : shared;
    const device = this.#devices.get(key) ?? { id: key, thread: new DiskThread(this.#clock), logs: 0 };
    this.#devices.set(key, device);
    device.logs++;
    return device;
  }

  leave(device: Device): void {
    device.logs--;
    if (device.logs === 0) {
      this.#devices.delete(device.id);
      device.thread.close();
    }
  }

  /**
   * Waits for an answer as long as the patience lasts; the answer is delivered before this returns. Returns whether it
   * came.
   */
  wait(thread: DiskThread, ticket: number): boolean {
    if (thread.busyFor >= HANG_MS) {
      return thread.wait(ticket, 0);
    }
    const began = this.#clock.monotonic();
    const patience = Math.min(this.#most, this.#patience + (began - this.#asOf) * SHARE);
    const came = thread.wait(ticket, MOMENT_MS + patience);
    this.#asOf = this.#clock.monotonic();
    // Not below 0: a process that was stopped in here would otherwise owe all that time.
    this.#patience = Math.max(0, patience - Math.max(0, this.#asOf - began - MOMENT_MS));
    return came;
  }

  join(log: LookedAfter): void {
    this.#logs.add(log);
  }

  forget(log: LookedAfter): void {
    this.#logs.delete(log);
  }

  /** An operation was begun that may hang. */
  begun(): void {
    this.#look ??= this.#clock.after(LOOK_INTERVAL_MS, () => {
      this.#look = undefined;
      const underWay = [...this.#logs].filter((log) => log.lookAfter());
      if (underWay.length > 0) {
        this.begun();
      }
    });
  }

  close(): void {
    this.#look?.cancel();
    for (const log of this.#logs) {
      log.abandon();
    }
    this.crew.close();
    for (const { thread } of this.#devices.values()) {
      thread.close();
    }
    this.#devices.clear();
  }
}
