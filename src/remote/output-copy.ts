/**
 * The output of a console in the holder. It is copied here only while there are readers: until then a busy console
 * costs the server nothing.
 */
import type { MemoryBudget } from '../model/memory-budget.ts';
import { OutputRing } from '../model/output-ring.ts';
import { OutputStream } from '../model/output-stream.ts';
import { NOBODY } from '../model/subscription.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { Backfill } from './backfill.ts';
import type { CurrentLine } from './holder-line.ts';

/** Past output to fetch when the first reader comes, kept for the next. */
const BACK_BYTES = 64 << 10;
const RING = { keep: BACK_BYTES, most: 16 << 20 };
/** The copy goes on this long after the last reader has left. */
const LINGER_MS = 10_000;

export class OutputCopy {
  readonly stream: OutputStream;
  readonly #ring: OutputRing;
  readonly #clock: Clock;
  readonly #line: CurrentLine;
  #readers = 0;
  /** Resolves when the output from before the subscription is here; undefined: nothing is copied. */
  #copying: Promise<void> | undefined;
  #arrived: { head: number; resolve: () => void } | undefined;
  /** The pending part of the stream before the first byte here. */
  #older: Backfill | undefined;
  #linger: Timer | undefined;

  constructor(clock: Clock, line: CurrentLine, budget?: MemoryBudget) {
    this.#ring = new OutputRing({ ...RING, ...(budget ? { budget } : {}) }, (size) => Buffer.allocUnsafeSlow(size));
    this.stream = new OutputStream(this.#ring, clock.monotonic);
    this.#clock = clock;
    this.#line = line;
  }

  /** Offset at which a new holder must continue the stream. */
  get head(): number {
    return this.#ring.head;
  }

  /** There is a holder again: existing readers go on from their offsets. */
  resume(): void {
    if (this.#readers > 0) {
      this.#copying = this.#subscribe();
    }
  }

  /** The holder is gone. */
  lost(): void {
    this.#copying = undefined;
    this.#giveUpReading();
  }

  close(): void {
    this.#linger?.cancel();
    this.#giveUpReading();
    this.#ring.restart(this.#ring.head);
  }

  /** As `Backend.read`. */
  async read(from?: number): Promise<() => void> {
    this.#readers++;
    this.#linger?.cancel();
    if (this.#copying === undefined || from === undefined) {
      this.#copying ??= this.#subscribe(from);
    } else {
      this.#copying = this.#copying.then(() => this.#fetchOlder(from));
    }
    // Nothing that the caller requested may be dropped until it has its own place in the stream.
    const place = from === undefined ? undefined : this.stream.subscribe(NOBODY, from, true);
    await this.#copying;
    if (place) {
      setImmediate(() => this.stream.leave(place));
    }
    let released = false;
    return () => {
      if (!released) {
        released = true;
        this.#left();
      }
    };
  }

  /** Takes output from the holder; returns whether any of it is new. */
  take(data: Uint8Array, offset: number, note: boolean): boolean {
    this.#older?.take(data, offset, note);
    const { head } = this.#ring;
    // Output that is here already, when a subscription is renewed; output overwritten in the holder is a gap for every
    // reader.
    const fresh = offset < head ? data.subarray(Math.min(data.length, head - offset)) : data;
    if (offset > head) {
      this.#ring.restart(offset);
    }
    if (fresh.length === 0) {
      return false;
    }
    if (note) {
      this.#ring.note(fresh);
    } else {
      this.#ring.append(fresh);
    }
    this.#checkArrival();
    return true;
  }

  async #subscribe(from?: number): Promise<void> {
    const line = this.#line();
    if (!line) {
      return;
    }
    const wanted = this.stream.lowest();
    const earliest = wanted ?? from;
    const begin = ({ start, head }: { start: number; head: number }): void => {
      if (this.#ring.head > head || this.#ring.head < start || wanted === undefined) {
        this.#ring.restart(start);
      }
    };
    const since = earliest === undefined ? {} : { from: earliest };
    const request = { verb: 'subscribe', console: line.id, back: BACK_BYTES, ...since } as const;
    try {
      const { start, head } = await line.client.request(request, begin);
      if (start < head) {
        await new Promise<void>((resolve) => {
          this.#arrived = { head, resolve };
          this.#checkArrival();
        });
      }
    } catch {
      // The holder is gone, which readers learn in another way.
    }
  }

  /**
   * Fetches the holder's stream from `from` on as far as it is missing here: a reader was away for longer than others.
   */
  async #fetchOlder(from: number): Promise<void> {
    const line = this.#line();
    if (!line || from >= this.#ring.tail) {
      return;
    }
    let older: Backfill | undefined;
    try {
      await line.client.request({ verb: 'subscribe', console: line.id, back: 0, from }, ({ start }) => {
        older = new Backfill(start, this.#ring);
        this.#older = older;
      });
      await older?.complete;
      this.#older = undefined;
    } catch {
      // The holder is gone, which readers learn in another way.
    }
  }

  /** The pending part will not come: no reader may wait for it. */
  #giveUpReading(): void {
    this.#older?.close();
    this.#older = undefined;
    this.#arrived?.resolve();
    this.#arrived = undefined;
  }

  #checkArrival(): void {
    if (this.#arrived && this.#ring.head >= this.#arrived.head) {
      this.#arrived.resolve();
      this.#arrived = undefined;
    }
  }

  #left(): void {
    this.#readers--;
    if (this.#readers === 0) {
      this.#linger = this.#clock.after(LINGER_MS, () => {
        this.#copying = undefined;
        const line = this.#line();
        line?.client.request({ verb: 'unsubscribe', console: line.id }).catch(() => undefined);
        this.#ring.restart(this.#ring.head);
      });
    }
  }
}
