/** Decides when a log is moved aside, by its size and age. */

import { LF } from '../model/ascii.ts';
import type { FileAnswer } from '../platform/native.ts';
import type { Clock } from '../platform/time/clock.ts';

/** When a log is moved aside, and the treatment of old files; `path.1` is the newest of them. */
export interface Rotation {
  /** Bytes. */
  readonly size?: number;
  /** Milliseconds since the file was begun. */
  readonly age?: number;
  /** Old files that stay, at least one. */
  readonly keep: number;
  /** With gzip. */
  readonly compress?: boolean;
}

/** After a failure it is retried after this time, not with every write. */
const RETRY_DELAY_MS = 1000;

export class RotationDue {
  readonly rotation: Rotation | undefined;
  readonly #clock: Clock;
  #size = 0;
  /** When the file was begun, wall time in milliseconds. */
  #begun = 0;
  /** Until then it stays, monotonic milliseconds. */
  #stays = 0;
  /** For the old files, which are being worked on. */
  #waits = false;

  constructor(rotation: Rotation | undefined, clock: Clock) {
    this.rotation = rotation;
    this.#clock = clock;
  }

  /** The obstacle to moving the last file does not concern this one. */
  opened({ size, begun }: FileAnswer): void {
    this.#stays = 0;
    this.#size = size;
    this.#begun = size === 0 ? this.#clock.now() : begun;
  }

  grew(bytes: number): void {
    this.#size += bytes;
  }

  get isDue(): boolean {
    if (this.rotation === undefined || this.#size === 0 || this.#waits) {
      return false;
    }
    const { age = Number.POSITIVE_INFINITY, size = Number.POSITIVE_INFINITY } = this.rotation;
    const due = this.#size >= size || this.#clock.now() - this.#begun >= age;
    return due && this.#clock.monotonic() >= this.#stays;
  }

  /** Between two lines if possible; a file may grow to twice its size while it waits for a line end. */
  isDueBehind(lastByte: number): boolean {
    return this.isDue && (lastByte === LF || this.#size >= 2 * (this.rotation?.size ?? Number.POSITIVE_INFINITY));
  }

  /** The file grows until that is over; `then` is called. */
  waitFor(over: Promise<unknown>, then: () => void): void {
    this.#waits = true;
    void over.finally(() => {
      this.#waits = false;
      then();
    });
  }

  /** It is tried now. */
  tried(): void {
    this.#stays = this.#clock.monotonic() + RETRY_DELAY_MS;
  }
}
