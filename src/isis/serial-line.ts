import { closeSync } from 'node:fs';
import { ImpLines } from '../codec/imp-lines.ts';
import { type LineSettings, type NativePty, native } from '../platform/native.ts';
import { openLine } from '../platform/net/serial.ts';
import { systemText } from '../platform/system-text.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { EventSink, Sent, SerialPort } from './surroundings.ts';

export interface SerialLineOptions {
  readonly device: string;
  readonly baud: number;
  /** One line without its terminator, as byte string. */
  readonly receive: (line: string) => void;
  readonly oversized: () => void;
  readonly event: EventSink;
  readonly timers: Clock;
}

/** 8N1, raw (own splitting at CR or LF), no modem wait, no flow control (spec/isis.md 6). */
const SETTINGS: Omit<LineSettings, 'baud'> = {
  ...{ bits: 8, parity: 'none', cstopb: false, crtscts: false, hupcl: false },
  ...{ ixon: false, ixoff: false, ixany: false },
};
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;
/** At 9600 baud this is more than a minute of output: a device that does not read that is not there. */
const MAX_QUEUED = 64 * 1024;
/** Losses are reported at most this often, with their number: a dead line must not flood the log. */
const LOSS_REPORT_MS = 1000;

interface Waiting {
  /** The rest of the message. */
  bytes: Buffer;
  readonly sent: Sent;
}

/**
 * A serial line of the server. After a hang-up it is reopened, after 0.25 s and then at growing intervals up to 30 s.
 */
export class SerialLine implements SerialPort {
  readonly device: string;
  readonly #options: SerialLineOptions;
  readonly #lines: ImpLines;
  #line: NativePty | undefined;
  #retry = FIRST_RETRY_MS;
  #timer: Timer | undefined;
  #queue: Waiting[] = [];
  #queued = 0;
  #lost = { count: 0, told: Number.NEGATIVE_INFINITY };

  constructor(options: SerialLineOptions) {
    this.device = options.device;
    this.#options = options;
    this.#lines = new ImpLines(options.receive, options.oversized);
  }

  get isOpen(): boolean {
    return this.#line !== undefined;
  }

  /** Throws the system's error if the device cannot be opened, or is not a serial line. */
  open(): void {
    const fd = openLine(this.device, { ...SETTINGS, baud: this.#options.baud });
    try {
      native.flushLine(fd);
      this.#line = this.#hold(fd);
    } catch (error) {
      // It has hung up meanwhile; reopening is retried.
      closeSync(fd);
      throw error;
    }
    this.#lines.clear();
  }

  write(data: string, sent: Sent): void {
    if (!this.#line) {
      this.#drop('the line is closed', sent);
    } else if (this.#queued > MAX_QUEUED) {
      this.#drop('the device does not read', sent);
    } else {
      this.#queue.push({ bytes: Buffer.from(data, 'latin1'), sent });
      this.#queued += data.length;
      if (this.#queue.length === 1) {
        this.#writeQueue();
      }
    }
  }

  flush(): void {
    this.#abandon('flushed');
    if (this.#line) {
      try {
        native.flushLine(this.#line.fd);
      } catch (error) {
        this.#hangUp(systemText(error));
      }
    }
  }

  close(): void {
    this.#timer?.cancel();
    this.#line?.close();
    this.#line = undefined;
  }

  /** The result owns the descriptor from now on. */
  #hold(fd: number): NativePty {
    return native.openPty(fd, {
      data: (count) => {
        this.#retry = FIRST_RETRY_MS;
        this.#lines.push(Buffer.from(native.scratch.subarray(0, count)).toString('latin1'));
      },
      end: () => this.#hangUp('the device hung up'),
      drain: () => this.#writeQueue(),
    });
  }

  #hangUp(why: string): void {
    this.#line?.close();
    this.#line = undefined;
    this.#abandon(why);
    this.#options.event({ kind: 'line-lost', text: `${this.device}: ${why}; opening it again` });
    this.#openLater();
  }

  /** The rest waits for `drain`. */
  #writeQueue(): void {
    for (let first = this.#queue[0]; this.#line && first; first = this.#queue[0]) {
      const taken = this.#line.write(first.bytes);
      if (taken < 0) {
        this.#hangUp('the device hung up');
        return;
      }
      this.#queued -= taken;
      first.bytes = first.bytes.subarray(taken);
      if (first.bytes.length > 0) {
        return;
      }
      this.#queue.shift();
      first.sent(undefined);
    }
  }

  #drop(why: string, sent: Sent): void {
    this.#lost.count += 1;
    const now = this.#options.timers.monotonic();
    if (now - this.#lost.told >= LOSS_REPORT_MS) {
      const { count } = this.#lost;
      this.#lost = { count: 0, told: now };
      sent(`${why}, ${count} message(s) dropped`);
    }
  }

  /** Drops pending output. */
  #abandon(why: string): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#queued = 0;
    for (const { sent } of queue) {
      this.#drop(why, sent);
    }
  }

  #openLater(): void {
    this.#timer = this.#options.timers.after(this.#retry, () => {
      try {
        this.open();
      } catch {
        this.#openLater();
        return;
      }
      this.#options.event({ kind: 'line-open', text: `${this.device} is open again` });
    });
    this.#retry = Math.min(this.#retry * 2, LAST_RETRY_MS);
  }
}
