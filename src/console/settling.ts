/** Holds input of a new connection back until its peer has had time to begin. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../platform/time/clock.ts';

/** Waiting input above this many bytes makes `write` return false. */
const MAX_HELD_BYTES = 65_536;

export class Settling {
  #held: Uint8Array[] | undefined = [];
  #bytes = 0;

  /** `drained` is called when held input has made `write` return false, and there is room again. */
  constructor(link: Duplex, milliseconds: number, drained: () => void, clock: Clock) {
    const timer = clock.after(milliseconds, () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const bytes of held) {
        link.write(bytes);
      }
      if (this.#bytes >= MAX_HELD_BYTES && !link.writableNeedDrain) {
        drained();
      }
    });
    link.once('close', () => timer.cancel());
  }

  /** Whether there is room for more; undefined: the delay is over, the caller writes. */
  write(bytes: Uint8Array): boolean | undefined {
    if (this.#held === undefined) {
      return undefined;
    }
    this.#held.push(Uint8Array.from(bytes));
    this.#bytes += bytes.length;
    return this.#bytes < MAX_HELD_BYTES;
  }
}
