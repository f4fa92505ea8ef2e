/**
 * Sends the output of the subscribed consoles over one connection; a lagging server does not hold up a child for long.
 */
import type { Duplex } from 'node:stream';
import { dataFrame, dataHead, FRAME } from '../codec/holder-frames.ts';
import { NOBODY, type Subscription } from '../model/subscription.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { HolderConsole } from './holder-console.ts';

/** Output that may wait in the socket before the rings keep it instead. */
const HIGH_WATER_BYTES = 256 << 10;
/** A child that is this far ahead of the server waits for it: otherwise most of a flood would be lost. */
const AHEAD_BYTES = 256 << 10;
/**
 * A server that has taken nothing for this long is not waited for: it may be stopped, and no child must notice.
 */
const TIMEOUT_MS = 250;
/** Up to this many bytes head and data are sent in one piece: keystroke echoes are small and latency-sensitive. */
const SMALL_BYTES = 4096;
/** The time within which the readers of a killed server are back, if at all. */
const RETURN_MS = 10_000;

export class StreamSender {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #subscriptions = new Map<HolderConsole, Subscription>();
  /** Subscriptions that begin with the next turn; the value identifies the request. */
  readonly #coming = new Map<HolderConsole, symbol>();
  /** Children that wait for the server. */
  readonly #paused = new Set<HolderConsole>();
  #patience: Timer | undefined;
  #lost = false;

  constructor(socket: Duplex, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('drain', () => {
      this.#lost = false;
      for (const subscription of this.#subscriptions.values()) {
        subscription.resume();
      }
      this.#goOn();
    });
  }

  /** Sends from `back` bytes before now on, or from offset `from` if that is earlier, as far as it is available. */
  subscribe(kept: HolderConsole, back: number, from?: number): { start: number; head: number } {
    this.unsubscribe(kept);
    const { head, tail } = kept.ring;
    const start = Math.max(tail, Math.min(head - back, from ?? head));
    // The answer goes first: the server must know where the stream begins.
    const request = Symbol();
    this.#coming.set(kept, request);
    process.nextTick(() => {
      if (this.#coming.get(kept) === request) {
        this.#coming.delete(kept);
        this.#follow(kept, start);
      }
    });
    return { start, head };
  }

  unsubscribe(kept: HolderConsole): void {
    this.#coming.delete(kept);
    const subscription = this.#subscriptions.get(kept);
    if (subscription) {
      kept.stream.leave(subscription);
      this.#subscriptions.delete(kept);
      kept.advanced = () => undefined;
      this.#paused.delete(kept);
      kept.backend.resume();
    }
  }

  /**
   * The connection is gone. The output of subscribed consoles is kept for a while: their readers come back with the
   * next server.
   */
  close(): void {
    const places = [...this.#subscriptions.keys()].map((kept) => {
      const place = kept.stream.subscribe(NOBODY, kept.ring.tail, true);
      this.unsubscribe(kept);
      return () => kept.stream.leave(place);
    });
    if (places.length > 0) {
      this.#clock.after(RETURN_MS, () => {
        for (const leave of places) {
          leave();
        }
      });
    }
    this.#patience?.cancel();
  }

  #follow(kept: HolderConsole, start: number): void {
    if (this.#socket.destroyed) {
      return;
    }
    let offset = start;
    const subscription = kept.stream.subscribe(
      {
        write: (bytes) => {
          this.#send(kept, offset, bytes);
          offset += bytes.length;
          return this.#socket.writableLength < HIGH_WATER_BYTES;
        },
        missed: (bytes) => {
          offset += bytes;
        },
      },
      start,
    );
    this.#subscriptions.set(kept, subscription);
    kept.advanced = () => {
      if (kept.ring.head - subscription.offset > AHEAD_BYTES && !this.#lost) {
        this.#pause(kept);
      }
    };
  }

  #pause(kept: HolderConsole): void {
    kept.backend.pause();
    this.#paused.add(kept);
    this.#patience ??= this.#clock.after(TIMEOUT_MS, () => {
      this.#lost = true;
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#patience?.cancel();
    this.#patience = undefined;
    for (const kept of this.#paused) {
      kept.backend.resume();
    }
    this.#paused.clear();
  }

  /** One frame for each kind: the server must distinguish output of the source from notes. */
  #send(kept: HolderConsole, offset: number, bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const { note, end } = kept.ring.voiceAt(offset + from);
      const part = bytes.subarray(from, end - offset);
      const type = note ? FRAME.noted : FRAME.output;
      if (part.length <= SMALL_BYTES) {
        this.#socket.write(dataFrame(Buffer.allocUnsafe, type, kept.id, part, offset + from));
      } else {
        this.#socket.cork();
        this.#socket.write(dataHead(type, kept.id, part.length, offset + from));
        this.#socket.write(part);
        this.#socket.uncork();
      }
      from += part.length;
    }
  }
}
