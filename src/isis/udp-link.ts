import { LARGEST_MESSAGE } from '../codec/imp.ts';
import { UdpSocket } from '../platform/net/udp.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import type { ByteSocket, EventSink, UdpPort } from './surroundings.ts';

export interface UdpLinkOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly receive: (text: string, address: string, port: number, size: number) => void;
  /** As `UdpSocketOptions.inPlace`, `before`, `after`. */
  readonly inPlace?: (socket: ByteSocket, start: number, size: number, ip: number, port: number) => boolean;
  readonly before?: () => void;
  readonly after?: () => void;
  readonly event: EventSink;
  readonly timers: Clock;
}

/** Requested from the kernel, which doubles it; without privileges at most net.core.rmem_max. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
const DROPS_EVERY_MS = 1000;
/** For datagrams that a full socket has not taken yet when the server ends. */
const CLOSE_TIMEOUT_MS = 250;

/** The server's socket (spec/isis.md 5 and 17): one for receiving and sending, so that answers come from the known port. */
export class UdpLink implements UdpPort {
  readonly #options: UdpLinkOptions;
  readonly #drops = { kernel: 0, own: 0 };
  #socket: UdpSocket | undefined;
  #dropTimer: Timer | undefined;

  constructor(options: UdpLinkOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#socket?.port ?? 0;
  }

  /** Throws the system's error when the port is taken. */
  open(): void {
    const { event, timers, ...options } = this.#options;
    const socket = new UdpSocket({
      ...options,
      // One more, for the CR of a message that arrived without one.
      largest: LARGEST_MESSAGE + 1,
      receiveBuffer: RECEIVE_BUFFER,
      error: (text) => event({ kind: 'socket-error', text: `UDP socket: ${text}` }),
    });
    this.#socket = socket;
    const real = socket.receiveBuffer;
    const text = `Receive buffer of port ${this.port} has ${real} bytes (asked for ${RECEIVE_BUFFER}; limit: net.core.rmem_max)`;
    event({ kind: 'receive-buffer', text, count: real });
    this.#dropTimer = every(timers, DROPS_EVERY_MS, () => this.lookForDrops(), { ref: false });
  }

  send(text: string, address: string, port: number, failed: (error: string) => void): void {
    this.#socket?.send(text, address, port, failed);
  }

  sendNow(text: string, address: string, port: number): string | undefined {
    return this.#socket?.sendNow(text, address, port);
  }

  /** Reports datagrams that the kernel threw away because the receive buffer was full, and those that we did not send. */
  lookForDrops(): void {
    if (!this.#socket) {
      return;
    }
    const { event } = this.#options;
    const { kernelDrops, dropped } = this.#socket;
    const lost = kernelDrops - this.#drops.kernel;
    const unsent = dropped - this.#drops.own;
    this.#drops.kernel = kernelDrops;
    this.#drops.own = dropped;
    if (lost > 0) {
      const text = `The kernel dropped ${lost} datagram(s) for port ${this.port}: the receive buffer was full`;
      event({ kind: 'kernel-drops', text, count: lost });
    }
    if (unsent > 0) {
      const text = `${unsent} message(s) were dropped: the send queue of port ${this.port} was full`;
      event({ kind: 'send-failed', text, count: unsent });
    }
  }

  /** Flushes what was sent, for at most a quarter of a second, and closes. */
  async close(): Promise<void> {
    this.#dropTimer?.cancel();
    await this.#socket?.close(CLOSE_TIMEOUT_MS);
  }
}
