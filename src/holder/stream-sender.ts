/** Sends the output of the subscribed consoles over one connection; a server that lags holds up no child. */
import type { Socket } from 'node:net';
import { dataHead, FRAME } from '../codec/holder-frames.ts';
import { NOBODY, type Subscription } from '../model/subscription.ts';
import type { Clock } from '../platform/clock.ts';
import type { Kept } from './kept-console.ts';

/** Output that may wait in the socket before the rings keep it instead. Bytes. */
const HIGH_WATER = 1 << 20;

/** A killed server's readers are back within this time, if at all. Milliseconds. */
const RETURN = 10_000;

export class StreamSender {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #subscriptions = new Map<Kept, Subscription>();

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('drain', () => {
      for (const subscription of this.#subscriptions.values()) {
        subscription.resume();
      }
    });
  }

  /** Sends from `back` bytes before now on, or from offset `from` if that is earlier, as far as it is there. */
  subscribe(kept: Kept, back: number, from?: number): { start: number; head: number } {
    this.unsubscribe(kept);
    const { head, tail } = kept.ring;
    const start = Math.max(tail, Math.min(head - back, from ?? head));
    // The answer goes first: the server must know where the stream begins.
    process.nextTick(() => this.#follow(kept, start));
    return { start, head };
  }

  unsubscribe(kept: Kept): void {
    const subscription = this.#subscriptions.get(kept);
    if (subscription) {
      kept.stream.leave(subscription);
      this.#subscriptions.delete(kept);
    }
  }

  /** The connection is gone. What those who were read say now is kept for a while: their readers come back with the next server. */
  close(): void {
    const places = [...this.#subscriptions.keys()].map((kept) => {
      const place = kept.stream.subscribe(NOBODY, kept.ring.tail, true);
      this.unsubscribe(kept);
      return () => kept.stream.leave(place);
    });
    if (places.length > 0) {
      this.#clock.after(RETURN, () => {
        for (const leave of places) {
          leave();
        }
      });
    }
  }

  #follow(kept: Kept, start: number): void {
    if (this.#socket.destroyed) {
      return;
    }
    let offset = start;
    const subscription = kept.stream.subscribe(
      {
        write: (bytes) => {
          this.#send(kept, offset, bytes);
          offset += bytes.length;
          return this.#socket.writableLength < HIGH_WATER;
        },
        missed: (bytes) => {
          offset += bytes;
        },
      },
      start,
    );
    this.#subscriptions.set(kept, subscription);
  }

  /** One frame for each voice: the server has to know what the source said and what was only noted. */
  #send(kept: Kept, offset: number, bytes: Uint8Array): void {
    this.#socket.cork();
    for (let from = 0; from < bytes.length; ) {
      const { note, end } = kept.ring.voiceAt(offset + from);
      const part = bytes.subarray(from, end - offset);
      this.#socket.write(dataHead(note ? FRAME.noted : FRAME.output, kept.id, part.length, offset + from));
      this.#socket.write(part);
      from += part.length;
    }
    this.#socket.uncork();
  }
}
