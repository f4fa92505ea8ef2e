/** How much output an attached client may have that it has not acknowledged. Pure. */
import { HoldfastError } from '../../model/errors.ts';

/** The largest one. A terminal that shows 700 kB/s takes 0.4 s for this. */
export const WINDOW_BYTES = 256 * 1024;
/** The smallest one: a client acknowledges every 32 KiB or so, and must not wait for itself. */
export const LEAST_WINDOW_BYTES = 64 * 1024;

export class AttachWindow {
  /** Everything before this offset has been shown. Absent: the client does not acknowledge, and there is no limit. */
  #acknowledged: number | undefined;
  readonly #begin: number;
  readonly #bytes: number;
  /** Offset after the last byte that was sent or left out. */
  #sent: number;
  /** Bytes skipped since the acknowledged offset, which the window does not count. */
  #gaps: { readonly start: number; readonly end: number }[] = [];

  /** `begin`: the first offset of the session. `limited`: from there on; otherwise from the first acknowledgement on. */
  constructor(begin: number, limited: boolean, bytes = WINDOW_BYTES) {
    this.#begin = begin;
    this.#bytes = bytes;
    this.#sent = begin;
    this.#acknowledged = limited ? begin : undefined;
  }

  get limited(): boolean {
    return this.#acknowledged !== undefined;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Bytes that may be sent now. */
  get room(): number {
    const acknowledged = this.#acknowledged;
    if (acknowledged === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    const leftOut = this.#gaps.reduce((sum, { start, end }) => sum + end - Math.max(start, acknowledged), 0);
    return Math.max(0, this.#bytes - (this.#sent - acknowledged - leftOut));
  }

  /** The next byte has this offset; bytes before it are skipped. */
  skipTo(offset: number): void {
    if (offset > this.#sent) {
      this.#gaps.push({ start: this.#sent, end: offset });
      this.#sent = offset;
    }
  }

  send(bytes: number): void {
    this.#sent += bytes;
  }

  /** Throws HF_BAD_REQUEST for an offset that cannot have been shown yet, or was acknowledged before. */
  acknowledge(offset: number): void {
    const least = this.#acknowledged ?? this.#begin;
    if (offset < least || offset > this.#sent) {
      throw new HoldfastError(
        'HF_BAD_REQUEST',
        `message.offset: from ${least} (begun or acknowledged) to ${this.#sent} (sent), not ${offset}`,
      );
    }
    this.#acknowledged = offset;
    this.#gaps = this.#gaps.filter(({ end }) => end > offset);
  }
}
