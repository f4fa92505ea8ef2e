import type { SerialPort as Port } from 'serialport';
import { ImpLines } from '../codec/imp-lines.ts';
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

/**
 * Section 6: 9600 8N1, raw (own splitting at CR or LF), no modem wait, no flow control: what `serialport` sets, with
 * O_NOCTTY and O_NONBLOCK. A line that hangs up is opened again, after 0.25 s and then ever longer up to 30 s.
 */
export class SerialLine implements SerialPort {
  readonly device: string;
  readonly #options: SerialLineOptions;
  readonly #lines: ImpLines;
  #port: Port | undefined;
  #retry = FIRST_RETRY_MS;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SerialLineOptions) {
    this.device = options.device;
    this.#options = options;
    this.#lines = new ImpLines(options.receive, options.oversized);
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
    port.on('data', (bytes: Buffer) => {
      this.#retry = FIRST_RETRY_MS;
      this.#lines.push(bytes.toString('latin1'));
    });
    port.on('error', (error) => this.#lost(port, error.message));
    port.on('close', () => this.#lost(port, 'the device hung up'));
    port.flush();
  }

  write(data: string, sent: Sent): void {
    const port = this.#port;
    if (!port) {
      sent('the line is closed');
    } else if (port.writableLength > MOST_QUEUED) {
      sent('the device does not read, the message was dropped');
    } else {
      port.write(Buffer.from(data, 'latin1'), (error) => sent(error?.message));
    }
  }

  flush(): void {
    this.#port?.flush();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const port = this.#port;
    this.#port = undefined;
    if (port?.isOpen) {
      await new Promise<void>((resolve) => port.close(() => resolve()));
    }
  }

  #lost(port: Port, why: string): void {
    if (this.#port !== port) {
      return;
    }
    this.#port = undefined;
    if (port.isOpen) {
      port.close();
    }
    if (!this.#closed) {
      this.#options.event({ kind: 'line-lost', text: `${this.device}: ${why}; opening it again` });
      this.#openLater();
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
