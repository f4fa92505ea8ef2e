/** Copies a console's output line by line into the journal, at a rate that suits a journal. */
import { CR, LF } from '../model/ascii.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { INFO, type JournalSocket, WARNING } from './journal-socket.ts';

/** Lines that a console may log in one burst, and per second after that: a flood belongs into the log file. */
const BURST = 500;
const PER_SECOND = 20;
/** A longer line is split. */
const MAX_LINE_BYTES = 4096;
/** Milliseconds until the omission of a flood is reported. */
const TELL_AFTER_MS = 1000;

export class ConsoleJournal {
  readonly #console: string;
  readonly #journal: JournalSocket;
  readonly #clock: Clock;
  #allowed = BURST;
  #filledAt: number;
  /** The beginning of an unfinished line. */
  #begun: Uint8Array = new Uint8Array();
  /** Bytes left out and not yet reported. */
  #missed = 0;
  /** The rest of this line is left out too. */
  #midLine = false;
  #telling: Timer | undefined;

  /** `journal` may be shared: flooding consoles compete for its queue, and their losses are reported. */
  constructor(console: string, journal: JournalSocket, clock: Clock) {
    this.#console = console;
    this.#journal = journal;
    this.#clock = clock;
    this.#filledAt = clock.monotonic();
  }

  /**
   * Takes output as it comes; never waits. While the limit is exhausted it costs one look at the clock and at the last
   * byte.
   */
  append(data: Uint8Array): void {
    this.#fill();
    let from = 0;
    while (from < data.length && this.#allowed >= 1) {
      const end = data.indexOf(LF, from);
      const line = data.subarray(from, end < 0 ? data.length : end);
      from = end < 0 ? data.length : end + 1;
      if (this.#midLine) {
        this.#leaveOut(line.length);
        this.#midLine = end < 0;
      } else {
        this.#take(line, end >= 0);
      }
    }
    if (from < data.length) {
      this.#leaveOut(data.length - from);
      this.#midLine = data[data.length - 1] !== LF;
    }
  }

  #take(part: Uint8Array, whole: boolean): void {
    const all = this.#begun.length === 0 ? part : Buffer.concat([this.#begun, part]);
    let from = 0;
    for (; all.length - from > MAX_LINE_BYTES; from += MAX_LINE_BYTES) {
      this.#say(all.subarray(from, from + MAX_LINE_BYTES));
    }
    // A copy: the bytes belong to the ring.
    this.#begun = whole ? new Uint8Array() : Uint8Array.from(all.subarray(from));
    if (whole) {
      this.#say(all.subarray(from, all.at(-1) === CR ? -1 : undefined));
    }
  }

  #say(line: Uint8Array): void {
    if (line.length === 0) {
      return;
    }
    this.#allowed--;
    if (!this.#entry(Buffer.from(line).toString(), INFO)) {
      this.#leaveOut(line.length);
    }
  }

  #leaveOut(bytes: number): void {
    this.#missed += bytes + this.#begun.length;
    this.#begun = new Uint8Array();
    this.#telling ??= this.#clock.after(TELL_AFTER_MS, () => this.#tell());
  }

  #tell(): void {
    this.#telling = undefined;
    const text = `${this.#missed} bytes of output are not in the journal, which takes ${PER_SECOND} lines/s of a console; its log has them`;
    if (this.#entry(text, WARNING)) {
      this.#missed = 0;
    } else {
      this.#telling = this.#clock.after(TELL_AFTER_MS, () => this.#tell());
    }
  }

  /** Whether there was room for it. */
  #entry(text: string, priority: number): boolean {
    return this.#journal.offer({
      MESSAGE: `${this.#console}: ${text}`,
      PRIORITY: priority,
      SYSLOG_IDENTIFIER: 'holdfast-output',
      HOLDFAST_CONSOLE: this.#console,
      HOLDFAST_EVENT: 'output',
    });
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#allowed = Math.min(BURST, this.#allowed + ((now - this.#filledAt) / 1000) * PER_SECOND);
    this.#filledAt = now;
  }
}
