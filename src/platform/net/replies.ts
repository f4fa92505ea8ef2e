/**
 * Replies that peers ask for. A peer that asks and does not read is not read from: what waits for it is bounded, per
 * peer and in total.
 */
import type { Duplex } from 'node:stream';

/** Bytes that may wait for one peer; beyond that it is no longer read. */
const MAX_BYTES = 64 << 10;
/** Bytes that may wait in total; beyond that, peers above their share are cut off. */
const MAX_IN_ALL_BYTES = 16 << 20;
const SHARE = 4 << 10;
/** The overhead of a waiting write, in bytes. */
const OVERHEAD = 256;

let inAll = 0;

/** The peer was cut off. */
export class Unread extends Error {
  override readonly message = 'it sends requests, and does not read the answers';
}

export class Replies {
  readonly #stream: Duplex;
  readonly #room: () => void;
  #waiting = 0;

  /** `room` is called when `full` is over. */
  constructor(stream: Duplex, room: () => void) {
    this.#stream = stream;
    this.#room = room;
    // The callback of the write in progress may never come.
    stream.once('close', () => this.#settle(this.#waiting));
  }

  /** So much waits that the stream should not be read until `room` is called. */
  get full(): boolean {
    return this.#waiting > MAX_BYTES;
  }

  send(bytes: Uint8Array): void {
    // One block may ask for thousands of replies, of which an early one has cut its peer off.
    if (this.#stream.destroyed) {
      return;
    }
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
    if (inAll > MAX_IN_ALL_BYTES && this.#waiting > SHARE && this.#stream.writableLength > 0) {
      this.#stream.destroy(new Unread());
    }
  }

  #settle(cost: number): void {
    const settled = Math.min(cost, this.#waiting);
    this.#waiting -= settled;
    inAll -= settled;
  }
}
