import { createSocket, type Socket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import type { EventSink, Sent, UdpPort } from './surroundings.ts';
import { systemText } from './system-text.ts';

export interface UdpLinkOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly receive: (text: string, bytes: Uint8Array, address: string, port: number) => void;
  readonly event: EventSink;
}

/** Asked of the kernel, which gives at most twice net.core.rmem_max. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
/** Datagrams that wait for a full send queue; more are dropped, with an event. */
const MOST_QUEUED = 2048;
const DROPS_EVERY_MS = 1000;

/** Addresses are numbers already: no look-up, which would cost each datagram a turn of the event loop. */
function noLookup(host: string, _options: object, done: (error: null, address: string, family: number) => void): void {
  done(null, host, 4);
}

/** The server's socket (sections 5 and 17): one for receiving and sending, so that answers come from the known port. */
export class UdpLink implements UdpPort {
  readonly #options: UdpLinkOptions;
  readonly #socket: Socket;
  #inFlight = 0;
  #drops = 0;
  #dropTimer: NodeJS.Timeout | undefined;
  #drained: (() => void) | undefined;

  constructor(options: UdpLinkOptions) {
    this.#options = options;
    this.#socket = createSocket({ type: 'udp4', lookup: noLookup as never });
    this.#socket.on('message', (bytes, from) =>
      options.receive(bytes.toString('latin1'), bytes, from.address, from.port),
    );
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Rejects with the system's error when the port is taken. */
  async open(): Promise<void> {
    const { address, port, event } = this.#options;
    const socket = this.#socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (error) => event({ kind: 'socket-error', text: `UDP socket: ${systemText(error)}` }));
    socket.setRecvBufferSize(RECEIVE_BUFFER);
    const real = socket.getRecvBufferSize();
    const text = `Receive buffer of port ${this.port} has ${real} bytes (asked for ${RECEIVE_BUFFER}; limit: net.core.rmem_max)`;
    event({ kind: 'receive-buffer', text, count: real });
    this.#dropTimer = setInterval(() => void this.lookForDrops(), DROPS_EVERY_MS);
    this.#dropTimer.unref();
  }

  send(data: string | Uint8Array, address: string, port: number, sent: Sent): void {
    if (this.#inFlight >= MOST_QUEUED) {
      sent('the send queue is full, the message was dropped');
      return;
    }
    if (port < 1 || port > 65535) {
      sent('Invalid argument');
      return;
    }
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    this.#inFlight += 1;
    this.#socket.send(bytes, 0, bytes.length, port, address, (error) => {
      this.#inFlight -= 1;
      sent(error ? systemText(error) : undefined);
      if (this.#inFlight === 0) {
        this.#drained?.();
      }
    });
  }

  /** Reports datagrams that the kernel threw away because the receive buffer was full (last column of /proc/net/udp). */
  async lookForDrops(): Promise<void> {
    const table = await readFile('/proc/net/udp', 'latin1').catch(() => '');
    const hexPort = `:${this.port.toString(16).toUpperCase().padStart(4, '0')}`;
    const row = table.split('\n').find((line) => line.trim().split(/\s+/)[1]?.endsWith(hexPort));
    const drops = Number(row?.trim().split(/\s+/).at(-1) ?? this.#drops);
    if (drops > this.#drops) {
      const count = drops - this.#drops;
      this.#drops = drops;
      const text = `The kernel dropped ${count} datagram(s) for port ${this.port}: the receive buffer was full`;
      this.#options.event({ kind: 'kernel-drops', text, count });
    }
  }

  /** Lets what was sent go out, for at most a quarter of a second, and closes. */
  async close(): Promise<void> {
    clearInterval(this.#dropTimer);
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        setTimeout(resolve, 250).unref();
      });
    }
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}
