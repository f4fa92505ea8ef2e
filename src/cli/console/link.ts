/** One connection to a server: lines or events in, quoted bytes out. */
import type { Socket } from 'node:net';
import { toBytes } from '../../codec/byte-string.ts';
import { LineBuffer } from '../../codec/conserver-lines.ts';
import { quoteWire, WireDecoder, type WireEvent, type WireSignal, wireSignal } from '../../codec/conserver-wire.ts';
import type { Client } from './client.ts';
import { lostConnection } from './failure.ts';

/** Bytes that may wait here before we stop reading. */
const MAX_WAITING_BYTES = 1 << 20;
/** The cost of a signal, in bytes. */
const WEIGHT = 64;

export class Link {
  readonly host: string;
  /** Emitted once there is room again after `write` returned false. */
  onDrain: (() => void) | undefined;
  readonly #trace: Client['trace'];
  #socket: Socket;
  #decoder = new WireDecoder();
  #lines = new LineBuffer();
  #waiting: WireEvent[] = [];
  #waitingBytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  #consumer: ((event: WireEvent | undefined) => void) | undefined;

  constructor(host: string, socket: Socket, trace: Client['trace']) {
    this.host = host;
    this.#trace = trace;
    this.#socket = socket;
    this.#listen();
  }

  /**
   * The next line with its line end; undefined at the end of the stream. Signals are passed over. Throws ConsoleFailure where
   * the server hangs up within a line: half a port number is one too.
   */
  async readLine(): Promise<string | undefined> {
    for (;;) {
      for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
        if (event.kind !== 'data') {
          this.#waitingBytes -= WEIGHT;
          continue;
        }
        const { taken, line } = this.#lines.push(event.bytes);
        this.#waitingBytes -= taken;
        if (taken < event.bytes.length) {
          this.#waiting.unshift({ kind: 'data', bytes: event.bytes.subarray(taken) });
        }
        if (line !== undefined) {
          return line;
        }
      }
      if (this.#ended) {
        if (this.#lines.rest() !== '') {
          throw lostConnection();
        }
        return undefined;
      }
      this.pause(false);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Whether there is room for more; if not, `onDrain` is called when there is. */
  write(data: string | Uint8Array): boolean {
    return this.#send(quoteWire(typeof data === 'string' ? toBytes(data) : data));
  }

  /** Stops or resumes reading; meanwhile the server's output waits at its end. */
  pause(paused: boolean): void {
    if (paused !== this.#socket.isPaused()) {
      this.#socket[paused ? 'pause' : 'resume']();
    }
  }

  /** Like `write`, but -D does not show it. */
  writeSecret(text: string): void {
    this.#socket.write(quoteWire(toBytes(text)));
  }

  signal(signal: WireSignal): void {
    this.#send(wireSignal(signal));
  }

  /** From now on everything that comes goes to `consumer`, undefined at the end of the stream. */
  consume(consumer: (event: WireEvent | undefined) => void): void {
    const left = this.#lines.rest();
    this.#consumer = consumer;
    if (left !== '') {
      consumer({ kind: 'data', bytes: toBytes(left) });
    }
    for (const event of this.#waiting.splice(0)) {
      consumer(event);
    }
    this.#waitingBytes = 0;
    this.pause(false);
    if (this.#ended) {
      consumer(undefined);
    }
  }

  /** Replaces the socket by one that `upgrade` makes from it (TLS); returns whether it made one. */
  async upgrade(upgrade: (socket: Socket) => Promise<Socket | undefined>): Promise<boolean> {
    this.#socket.removeAllListeners();
    const upgraded = await upgrade(this.#socket);
    if (upgraded === undefined) {
      return false;
    }
    this.#socket = upgraded;
    this.#decoder = new WireDecoder();
    this.#listen();
    return true;
  }

  close(): void {
    this.#consumer = undefined;
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => undefined);
    this.#socket.destroy();
  }

  #send(bytes: Uint8Array): boolean {
    this.#trace?.('->', bytes);
    return this.#socket.write(bytes);
  }

  #listen(): void {
    this.#socket.on('data', (bytes: Uint8Array) => {
      this.#trace?.('<-', bytes);
      for (const event of this.#decoder.push(bytes)) {
        if (this.#consumer) {
          this.#consumer(event);
        } else {
          this.#waiting.push(event);
          this.#waitingBytes += event.kind === 'data' ? event.bytes.length : WEIGHT;
        }
      }
      if (this.#waitingBytes > MAX_WAITING_BYTES) {
        this.pause(true);
      }
      this.#wake?.();
    });
    this.#socket.on('drain', () => this.onDrain?.());
    // A reset is an end like any other: the message depends on what was expected.
    this.#socket.on('error', this.#end);
    this.#socket.on('end', this.#end);
    this.#socket.on('close', this.#end);
  }

  readonly #end = (): void => {
    if (!this.#ended) {
      this.#ended = true;
      this.#consumer?.(undefined);
      this.#wake?.();
    }
  };
}
