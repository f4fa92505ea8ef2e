/** The output of one console: its recent past, and all its readers. Pure. */
import type { OutputRing, Range } from './output-ring.ts';
import { type Reader, Subscription } from './subscription.ts';

/**
 * Milliseconds after which a reader that took nothing is no longer waited for: its unread output may be overwritten.
 */
const PATIENCE = 10_000;

export class OutputStream {
  readonly ring: OutputRing;
  readonly #monotonic: () => number;
  readonly #subscriptions = new Set<Subscription>();

  constructor(ring: OutputRing, monotonic: () => number) {
    this.ring = ring;
    this.#monotonic = monotonic;
  }

  /**
   * Reads from `offset` (default: from now on) until the returned subscription is given back to `leave`; with `later` only
   * from its `resume` on.
   */
  subscribe(reader: Reader, offset = this.ring.head, later = false): Subscription {
    const subscription = new Subscription(this.ring, reader, offset, this.#monotonic, later);
    this.#subscriptions.add(subscription);
    subscription.pump();
    return subscription;
  }

  get readers(): number {
    return this.#subscriptions.size;
  }

  /** The offset of the reader that is furthest behind; undefined where nobody reads. */
  lowest(): number | undefined {
    const offsets = [...this.#subscriptions].map(({ offset }) => offset);
    return offsets.length === 0 ? undefined : Math.min(...offsets);
  }

  leave(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
  }

  /** The ring has grown: every reader with room gets it, and what nobody needs any more is released. */
  advance(): void {
    let needed = this.ring.head;
    for (const subscription of this.#subscriptions) {
      subscription.pump();
      if (subscription.offset < needed && subscription.stalled < PATIENCE) {
        needed = subscription.offset;
      }
    }
    this.ring.trim(needed);
  }

  /** The offset at which the last lines of the source begin; notes in between are not counted. */
  startOfLines(lines: number): number {
    return this.ring.lastLines(lines)[0]?.start ?? this.ring.head;
  }

  /**
   * The last lines that the source wrote, from offset `from` on and at most so many bytes: one piece for each stretch between
   * notes of the server.
   */
  history(lines: number, from = 0, bytes = Number.POSITIVE_INFINITY): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let room = bytes;
    for (const { start, end } of this.ring.lastLines(lines).toReversed()) {
      const first = Math.max(start, from, end - room);
      if (first >= end) {
        continue;
      }
      room -= end - first;
      pieces.push(this.#copy({ start: first, end }));
    }
    return pieces.reverse();
  }

  /** Like `history`, piece by piece: what is overwritten before it is requested is left out. */
  *recall(lines: number): Generator<Uint8Array> {
    for (const { start, end } of this.ring.lastLines(lines)) {
      for (let at = start; ; ) {
        at = Math.max(at, this.ring.tail);
        if (at >= end) {
          break;
        }
        const view = this.ring.read(at).subarray(0, end - at);
        yield view;
        at += view.length;
      }
    }
  }

  #copy({ start, end }: Range): Uint8Array {
    const bytes = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const view = this.ring.read(at).subarray(0, end - at);
      bytes.set(view, at - start);
      at += view.length;
    }
    return bytes;
  }
}
