/**
 * What a peer is sent because it asked. A peer that asks and does not read is not read: what waits for it is bounded, for each
 * peer and in all.
 */
import type { Duplex } from 'node:stream';

/** More than this may wait for no peer: it is read no further. Bytes. */
const MOST = 64 << 10;
/** With more than this waiting in all, a peer for which more than its share waits is cut off. Bytes. */
const MOST_IN_ALL = 16 << 20;
const SHARE = 4 << 10;
/** What a write that waits costs besides its bytes. Bytes. */
const OVERHEAD = 256;

let inAll = 0;

/** The peer was cut off. */
export class Unread extends Error {
  override readonly message = 'it asks, and does not read the answers';
}

export class Replies {
  readonly #stream: Duplex;
  readonly #room: () => void;
  #waiting = 0;

  /** `room` is called when `full` is over. */
  constructor(stream: Duplex, room: () => void) {
    this.#stream = stream;
    this.#room = room;
    // The write that was under way may never be told.
    stream.once('close', () => this.#settle(this.#waiting));
  }

  /** So much waits that the stream should not be read before `room` was called. */
  get full(): boolean {
    return this.#waiting > MOST;
  }

  send(bytes: Uint8Array): void {
    const cost = bytes.length + OVERHEAD;
    this.#waiting += cost;
    inAll += cost;
    this.#stream.write(bytes, () => {
      const wasFull = this.full;
      this.#settle(cost);
      if (wasFull && !this.full) {
        this.#room();
      }
    });
    if (inAll > MOST_IN_ALL && this.#waiting > SHARE && this.#stream.writableLength > 0) {
      this.#stream.destroy(new Unread());
    }
  }

  #settle(cost: number): void {
    const settled = Math.min(cost, this.#waiting);
    this.#waiting -= settled;
    inAll -= settled;
  }
}
