/**
 * A source that is the stream of another program or device (a procServ's socket, a terminal server, a serial line),
 * supervised like a process: connecting is starting, the end of the connection is its end, and the restart policy
 * brings it back.
 */

import { connect, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Backend } from '../model/backend.ts';
import { withoutHighBits } from '../model/byte-text.ts';
import type { ConsoleSource, LinkSource } from '../model/config.ts';
import { NO_PID } from '../model/process.ts';
import type { Runner, RunnerHandlers } from '../model/runner.ts';
import { Replies } from '../platform/net/replies.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';
import { sharedLookup } from '../platform/shared-lookup.ts';
import type { Clock } from '../platform/time/clock.ts';
import { Settling } from './settling.ts';

/** Converts between the bytes of the connection and those of the console. */
export interface LinkCodec {
  /** The data in received bytes. */
  readonly receive: (bytes: Uint8Array) => Uint8Array;
  /** The bytes to send for input. */
  readonly encode: (bytes: Uint8Array) => Uint8Array;
  /** The bytes to send for a break. */
  readonly brk?: Uint8Array;
}

/** A connection, with what a serial line has besides its bytes. */
export interface Link extends Duplex {
  readonly fd?: number;
  /** Resolves when it is over. */
  sendBreak?(): Promise<void>;
  /** XON/XOFF. */
  setFlow?(on: boolean): void;
}

/** Opens a serial device. */
export type OpenSerial = (source: ConsoleSource & { kind: 'serial' }) => Promise<Link>;
/** A codec that answers over `send`. */
export type MakeCodec = (send: (bytes: Uint8Array) => void) => LinkCodec;

export interface LinkParts {
  readonly openSerial: OpenSerial;
  readonly makeCodec: MakeCodec;
  /** Words the failure to connect; `fd`: the descriptor of the attempt, -1 if unknown. Absent: as it is. */
  readonly linkFault?: (error: NodeJS.ErrnoException, fd: number) => Error;
  readonly clock: Clock;
}

/** The time after which an attempt to connect is abandoned. */
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;
const UP = { code: 0, signal: null, coreDumped: false };
const FAILED = { code: 1, signal: null, coreDumped: false };
const PLAIN: LinkCodec = { receive: (bytes) => bytes, encode: (bytes) => bytes };

export class LinkRunner implements Runner {
  handlers: RunnerHandlers;
  readonly #source: LinkSource;
  readonly #backend: Backend;
  readonly #parts: LinkParts;
  readonly #stripHigh: () => boolean;
  #link: Link | undefined;
  /** Holds input back at first, if the source asks for that. */
  #settling: Settling | undefined;
  #codec: LinkCodec | undefined;
  #wanted = 0;
  /** Not connected yet. */
  #connecting: Socket | undefined;

  /** `stripHigh`: whether the high bits of what comes are cleared. */
  constructor(source: LinkSource, backend: Backend, parts: LinkParts, stripHigh = () => false) {
    this.#source = source;
    this.#backend = backend;
    this.#parts = parts;
    this.#stripHigh = stripHigh;
    this.handlers = backend.handlers;
  }

  /** Descriptor of the connection; -1 without one. */
  get fd(): number {
    const link = this.#link;
    return link ? (link.fd ?? descriptorOf(link) ?? -1) : -1;
  }

  start(): void {
    const attempt = ++this.#wanted;
    this.#connecting = undefined;
    this.#open().then(
      (link) => {
        if (attempt === this.#wanted) {
          this.#connected(link);
        } else {
          link.destroy();
        }
      },
      (error: Error) => {
        if (attempt === this.#wanted) {
          this.handlers.notStarted(error);
        }
      },
    );
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#link || !this.#codec) {
      return true;
    }
    const encoded = this.#codec.encode(bytes);
    return this.#settling?.write(encoded) ?? this.#link.write(encoded);
  }

  /** Absent if this line has no break, or is down; it may take its time. */
  get sendBreak(): (() => void | Promise<void>) | undefined {
    const link = this.#link;
    const brk = this.#source.kind === 'telnet' ? this.#codec?.brk : undefined;
    return link?.sendBreak ? () => link.sendBreak?.() : link && brk && (() => void link.write(brk));
  }

  /** Switches XON/XOFF; false: this line has none, or is down. */
  setFlow(on: boolean): boolean {
    this.#link?.setFlow?.(on);
    return this.#link?.setFlow !== undefined;
  }

  abandon(): void {
    this.#connecting?.destroy(new Error('stopped before it connected'));
  }

  /** Any signal ends the connection. */
  kill(): boolean {
    this.#link?.destroy();
    return this.#link !== undefined;
  }

  resize(): void {
    // A link has no window.
  }

  note(bytes: Uint8Array): void {
    this.#backend.note(bytes);
  }

  #connected(link: Link): void {
    const { clock, makeCodec } = this.#parts;
    this.#link = link;
    const strip = this.#stripHigh();
    const startedAt = clock.now();
    // The holder does not read: a flood would pile up here.
    let crowded = false;
    const resume = () => {
      if (!crowded && !replies.full) {
        link.resume();
      }
    };
    const room = () => {
      crowded = false;
      resume();
    };
    const replies: Replies = new Replies(link, resume);
    this.#codec = isTelnet(this.#source) ? makeCodec((bytes) => replies.send(bytes)) : PLAIN;
    const settle = this.#source.kind === 'unix' ? this.#source.settle : undefined;
    this.#settling =
      settle === undefined ? undefined : new Settling(link, settle, () => this.handlers.drained(), clock);
    let failed = false;
    link.on('data', (bytes: Uint8Array) => {
      const data = this.#codec?.receive(bytes) ?? bytes;
      if (data.length > 0) {
        crowded = !this.#backend.feed(strip ? withoutHighBits(data) : data, room);
      }
      if (crowded || replies.full) {
        link.pause();
      }
    });
    link.on('drain', () => this.handlers.drained());
    link.on('error', () => {
      failed = true;
    });
    link.on('end', () => link.end());
    link.on('close', () => {
      this.#link = undefined;
      const status = failed ? FAILED : UP;
      const endedAt = clock.now();
      this.handlers.ended({ pid: NO_PID, status, startedAt, endedAt, maxRssKib: 0, lastLines: [] });
    });
    this.handlers.started(NO_PID);
  }

  async #open(): Promise<Link> {
    const source = this.#source;
    const { clock, linkFault = (error) => error, openSerial } = this.#parts;
    if (source.kind === 'serial') {
      return openSerial(source);
    }
    return new Promise((resolve, reject) => {
      const { kind } = source;
      const socket =
        kind === 'unix'
          ? connect(source.path)
          : connect({ port: source.port, host: source.host, lookup: sharedLookup as LookupFunction });
      this.#connecting = socket;
      const timeout = clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
      let fd = -1;
      socket.once('connectionAttemptFailed', () => {
        fd = descriptorOf(socket) ?? -1;
      });
      socket.once('error', (error) => {
        timeout.cancel();
        reject(linkFault(error, fd));
      });
      socket.once('connect', () => {
        timeout.cancel();
        this.#connecting = undefined;
        socket.removeAllListeners('error');
        socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
        resolve(socket);
      });
    });
  }
}

/** A procServ's socket is telnet too. */
function isTelnet(source: LinkSource): boolean {
  return source.kind === 'telnet' || (source.kind === 'unix' && !source.raw);
}
