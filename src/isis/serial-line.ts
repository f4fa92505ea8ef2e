import { constants, openSync, writeSync } from 'node:fs';
import type { SerialPort as Port } from 'serialport';
import { ImpLines } from '../codec/imp-lines.ts';
import { type NativePty, native } from '../platform/native.ts';
import { systemText } from '../platform/system-text.ts';
import type { EventSink, Sent, SerialPort } from './surroundings.ts';

export interface SerialLineOptions {
  readonly device: string;
  /** One line without its terminator, as byte string. */
  readonly receive: (line: string) => void;
  readonly oversized: () => void;
  readonly event: EventSink;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;
/** At 9600 baud this is more than a minute of output: whoever does not read that is not there. */
const MOST_QUEUED = 64 * 1024;
/** A full output buffer is tried again after this: at 9600 baud some 20 of its 4096 bytes have gone by then. */
const WRITE_AGAIN_MS = 20;
/** Losses are told at most this often, with their number: a dead line must not flood the log. */
const LOSS_REPORT_MS = 1000;

interface Waiting {
  readonly bytes: Buffer;
  written: number;
  readonly sent: Sent;
}

/**
 * Section 6: 9600 8N1, raw (own splitting at CR or LF), no modem wait, no flow control: what `serialport` sets, with
 * O_NOCTTY and O_NONBLOCK. A line that hangs up is opened again, after 0.25 s and then ever longer up to 30 s.
 *
 * Neither reading nor writing goes through `serialport` (bindings-cpp 13). A line that has hung up reads as end of file, which
 * it takes for "again" and tries without a pause, for ever. And while one of its writes waits for room, its poller watches for
 * room only, so a device that stops reading would not be heard either.
 */
export class SerialLine implements SerialPort {
  readonly device: string;
  readonly #options: SerialLineOptions;
  readonly #lines: ImpLines;
  #port: Port | undefined;
  #reader: NativePty | undefined;
  #retry = FIRST_RETRY_MS;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #queue: Waiting[] = [];
  #queued = 0;
  #flushing = 0;
  #writeTimer: NodeJS.Timeout | undefined;
  #lost = { count: 0, told: Number.NEGATIVE_INFINITY };

  constructor(options: SerialLineOptions) {
    this.device = options.device;
    this.#options = options;
    this.#lines = new ImpLines(options.receive, options.oversized);
  }

  get isOpen(): boolean {
    return this.#port !== undefined;
  }

  /** Rejects when the device cannot be opened. */
  async open(): Promise<void> {
    // Only a server with a line loads the package: it is an optional dependency.
    const { SerialPort: Serial } = await import('serialport');
    const port = new Serial({
      path: this.device,
      baudRate: 9600,
      dataBits: 8,
      parity: 'none',
      stopBits: 1,
      // An engineer may look on with another program, as with the original.
      lock: false,
      hupcl: false,
      autoOpen: false,
    });
    await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
    if (this.#closed) {
      port.close();
      return;
    }
    this.#port = port;
    this.#lines.clear();
    port.on('error', (error) => this.#hangUp(port, error.message));
    port.on('close', () => this.#hangUp(port, 'the device hung up'));
    try {
      this.#read(port);
    } catch (error) {
      this.#port = undefined;
      port.close();
      throw error;
    }
    await new Promise<void>((resolve) => this.flush(resolve));
  }

  /** By a descriptor of our own, so that each may be closed by whom it belongs to. */
  #read(port: Port): void {
    const fd = openSync(this.device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    this.#reader = native.openPty(fd, {
      data: (count) => {
        this.#retry = FIRST_RETRY_MS;
        this.#lines.push(Buffer.from(native.scratch.subarray(0, count)).toString('latin1'));
      },
      end: () => this.#hangUp(port, 'the device hung up'),
      drain: () => undefined,
    });
  }

  write(data: string, sent: Sent): void {
    if (!this.#port) {
      this.#drop('the line is closed', sent);
    } else if (this.#queued > MOST_QUEUED) {
      this.#drop('the device does not read', sent);
    } else {
      this.#queue.push({ bytes: Buffer.from(data, 'latin1'), written: 0, sent });
      this.#queued += data.length;
      if (this.#queue.length === 1) {
        this.#writeQueue();
      }
    }
  }

  flush(done?: () => void): void {
    this.#abandon('flushed');
    const port = this.#port;
    if (!port) {
      done?.();
      return;
    }
    // It runs on another thread and would discard what is written meanwhile.
    this.#flushing += 1;
    port.flush(() => {
      this.#flushing -= 1;
      this.#writeQueue();
      done?.();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#writeTimer);
    const port = this.#port;
    this.#port = undefined;
    this.#reader?.close();
    if (port?.isOpen) {
      await new Promise<void>((resolve) => port.close(() => resolve()));
    }
  }

  #hangUp(port: Port, why: string): void {
    if (this.#port !== port) {
      return;
    }
    this.#port = undefined;
    this.#reader?.close();
    this.#abandon(why);
    if (port.isOpen) {
      port.close();
    }
    if (!this.#closed) {
      this.#options.event({ kind: 'line-lost', text: `${this.device}: ${why}; opening it again` });
      this.#openLater();
    }
  }

  #writeQueue(): void {
    clearTimeout(this.#writeTimer);
    const port = this.#flushing > 0 ? undefined : this.#port;
    for (let first = this.#queue[0]; port && first; first = this.#queue[0]) {
      let written: number;
      try {
        written = writeSync(descriptorOf(port), first.bytes, first.written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
          this.#writeTimer = setTimeout(() => this.#writeQueue(), WRITE_AGAIN_MS);
        } else {
          this.#hangUp(port, systemText(error));
        }
        return;
      }
      first.written += written;
      this.#queued -= written;
      if (first.written === first.bytes.length) {
        this.#queue.shift();
        first.sent(undefined);
      }
    }
  }

  #drop(why: string, sent: Sent): void {
    this.#lost.count += 1;
    const now = performance.now();
    if (now - this.#lost.told >= LOSS_REPORT_MS) {
      const { count } = this.#lost;
      this.#lost = { count: 0, told: now };
      sent(`${why}, ${count} message(s) dropped`);
    }
  }

  /** Forgets what waits to be written. */
  #abandon(why: string): void {
    clearTimeout(this.#writeTimer);
    const queue = this.#queue;
    this.#queue = [];
    this.#queued = 0;
    for (const { sent } of queue) {
      this.#drop(why, sent);
    }
  }

  #openLater(): void {
    this.#timer = setTimeout(() => {
      this.open().then(
        () => this.#options.event({ kind: 'line-open', text: `${this.device} is open again` }),
        () => this.#openLater(),
      );
    }, this.#retry);
    this.#retry = Math.min(this.#retry * 2, LAST_RETRY_MS);
  }
}

/** The binding's own descriptor: non-blocking, ours to write to (see the class). */
function descriptorOf(port: Port): number {
  return (port.port as unknown as { readonly fd: number }).fd;
}
