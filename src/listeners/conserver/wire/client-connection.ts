/** One connection: quoting, lines, encryption, and after `call` a session on a console (spec/conserver.md 2, 3). */

import type { Socket } from 'node:net';
import type { TLSSocketOptions } from 'node:tls';
import { toBytes } from '../../../codec/byte-string.ts';
import { LineBuffer } from '../../../codec/conserver-lines.ts';
import { quoteWire, WireDecoder, type WireEvent } from '../../../codec/conserver-wire.ts';
import { certificateFault } from '../../../platform/net/certificate-fault.ts';
import { isHungUp } from '../../../platform/net/hung-up.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import { every } from '../../../platform/time/every.ts';
import type { Turns } from '../model/turns.ts';
import type { SessionConnection } from '../session/connection.ts';
import type { ConsoleSession } from '../session/session.ts';
import type { LineConnection } from './line-session.ts';
import type { Debtor, UnreadLimit } from './unread-limit.ts';

/** Lines to be answered, in order. */
export interface LineTaker {
  feed(line: string): Promise<void>;
}

/** A client that leaves more than this unread is disconnected. */
const MAX_UNREAD_BYTES = 8 << 20;
/** How much input may wait for the answer to an earlier line before we stop reading. */
const MAX_WAITING_BYTES = 65_536;
/** How long a client may take to read what was sent before the end. */
const LAST_WORDS_MS = 30_000;
/** How long a TLS handshake may take; others wait for its place. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How often a connection that is not read is checked. */
const GONE_CHECK_INTERVAL_MS = 1000;

/** Shared by all connections of a server, and where they report to. */
export interface ConnectionParts {
  /** How encryption is done, if it is. */
  readonly tls: TLSSocketOptions | undefined;
  /** Resolves when a handshake of this peer may start, with a function to call when it is over. */
  readonly handshake: () => Promise<() => void>;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly unread: UnreadLimit;
  readonly fault: (error: Error) => void;
  /** Called once, when the connection is finished. */
  readonly gone: () => void;
}

export class ClientConnection implements LineConnection, SessionConnection, Debtor {
  /** The handler of lines; set once, before the first byte. */
  lines: LineTaker | undefined;
  readonly #parts: ConnectionParts;
  #encrypted = false;
  #handshakeOver: (() => void) | undefined;
  #decoder = new WireDecoder();
  readonly #buffer = new LineBuffer();
  #watch: Timer | undefined;
  #patience: Timer | undefined;
  #socket: Socket;
  #session: ConsoleSession | undefined;
  #backlog: WireEvent[] = [];
  #waiting = 0;
  /** Reasons not to read: its session cannot take more, or too much is waiting. */
  readonly #paused = { session: false, backlog: false };
  #working = false;
  /** Called when the client has read what it was sent. */
  readonly #unanswered = new Set<() => void>();
  /** Meaningless bytes have been reported. */
  #strayed = false;
  /** The client has finished sending. */
  #ended = false;
  #closed = false;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    this.#listen(socket);
  }

  get session(): ConsoleSession | undefined {
    return this.#session;
  }

  get localAddress(): string {
    return (this.#socket.localAddress ?? '').replace(/^::ffff:(?=[\d.]+$)/, '');
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  encrypted = (): boolean => this.#encrypted;

  tlsTurn = async (): Promise<void> => {
    this.#handshakeOver = await this.#parts.handshake();
  };

  startTls = (): void => {
    const plain = this.#socket;
    if (plain.destroyed) {
      // It disconnected while it waited.
      this.#endHandshake();
      return;
    }
    plain.removeAllListeners();
    // Loaded here, since it would add 15 ms to every start.
    const { TLSSocket } = process.getBuiltinModule('node:tls');
    this.#encrypted = true;
    const secured = new TLSSocket(plain, { ...this.#parts.tls, isServer: true });
    const late = this.#parts.clock.after(HANDSHAKE_TIMEOUT_MS, () =>
      this.giveUp(`no TLS handshake in ${HANDSHAKE_TIMEOUT_MS / 1000} s`),
    );
    secured.once('secure', () => late.cancel()).once('secure', () => this.#endHandshake());
    secured.once('close', () => late.cancel());
    if (this.#parts.tls?.rejectUnauthorized) {
      // Only a server of node:tls checks the client's certificate by itself.
      secured.once('secure', () => {
        const why = certificateFault(secured);
        if (why !== undefined) {
          this.#refuse(`certificate of the client: ${why}`);
        }
      });
    }
    this.#socket = secured;
    this.#decoder = new WireDecoder();
    this.#listen(secured);
  };

  #endHandshake(): void {
    this.#handshakeOver?.();
    this.#handshakeOver = undefined;
  }

  /** From the next byte on, input goes to this session; undefined: to the lines again. */
  become(session: ConsoleSession | undefined): void {
    this.#session = session;
  }

  /** Line mode sends byte strings, a session quoted bytes. */
  send = (data: string | Uint8Array): boolean => {
    if (this.#closed) {
      return true;
    }
    const room = this.#socket.write(typeof data === 'string' ? quoteWire(toBytes(data)) : data);
    if (this.unread > MAX_UNREAD_BYTES) {
      this.giveUp(`${this.unread} bytes unread: hung up`);
    } else if (!room) {
      this.#parts.unread.owes(this);
    }
    return room;
  };

  get unread(): number {
    return this.#socket.writableLength;
  }

  /** The client has to read before it gets more answers. */
  get full(): boolean {
    return !this.#closed && this.#socket.writableNeedDrain;
  }

  /** Resolves when the client has read what it was sent, or is gone. */
  async room(): Promise<void> {
    while (this.full) {
      await new Promise<void>((resolve) => this.#unanswered.add(resolve));
    }
  }

  giveUp(why: string): void {
    this.#parts.fault(new Error(why));
    this.drop();
  }

  pause(paused: boolean): void {
    this.#pause('session', paused);
    this.#endIfAnswered();
  }

  /** Closes at once, even with unsent data. */
  drop(): void {
    this.#socket.destroy();
  }

  /** Closes after everything has been sent. */
  close = (): void => {
    this.#closed = true;
    this.#socket.end();
    // The other side may never close its end.
    this.#socket.destroySoon();
    // Nor may it read, such as a stopped client.
    this.#patience ??= this.#parts.clock.after(LAST_WORDS_MS, () => this.drop(), { ref: false });
  };

  /** Further input of this client is ignored. */
  #refuse(why: string): void {
    this.#parts.fault(new Error(why));
    this.#closed = true;
    this.drop();
  }

  #listen(socket: Socket): void {
    socket.on('data', (packet: Uint8Array) => {
      this.#backlog.push(...this.#decoder.push(packet));
      this.#waiting += packet.length;
      void this.#work();
      this.#pause('backlog', this.#waiting > MAX_WAITING_BYTES);
    });
    socket.on('drain', () => {
      this.#parts.unread.settled(this);
      this.#goOn();
      this.#session?.drained();
    });
    socket.on('error', (error: Error) => this.#parts.fault(error));
    socket.on('end', () => {
      // Scripts send all their commands, close their end and read: those are answered first.
      this.#ended = true;
      this.#endIfAnswered();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#watch?.cancel();
      this.#patience?.cancel();
      this.#parts.unread.settled(this);
      this.#endHandshake();
      this.#session?.end();
      this.#goOn();
      this.#parts.gone();
    });
  }

  /** Wakes whatever waited for the client to read. */
  #goOn(): void {
    const waiting = [...this.#unanswered];
    this.#unanswered.clear();
    for (const resolve of waiting) {
      resolve();
    }
  }

  #pause(why: 'session' | 'backlog', paused: boolean): void {
    this.#paused[why] = paused;
    const pause = this.#paused.session || this.#paused.backlog;
    if (pause === this.#socket.isPaused()) {
      return;
    }
    this.#socket[pause ? 'pause' : 'resume']();
    this.#watch?.cancel();
    // A socket that is not read does not report that its peer is gone, and such a peer must not keep its seat.
    this.#watch =
      pause && !this.#closed ? every(this.#parts.clock, GONE_CHECK_INTERVAL_MS, () => this.#dropIfGone()) : undefined;
  }

  #dropIfGone(): void {
    if (isHungUp(this.#socket)) {
      this.drop();
    }
  }

  /** Processes received lines, each after the answer to the one before. */
  async #work(): Promise<void> {
    if (this.#working) {
      return;
    }
    this.#working = true;
    for (let event = this.#backlog.shift(); event !== undefined && !this.#closed; event = this.#backlog.shift()) {
      await this.#take(event);
    }
    this.#working = false;
    this.#waiting = 0;
    this.#pause('backlog', false);
    this.#endIfAnswered();
  }

  #endIfAnswered(): void {
    if (this.#ended && !this.#working && !this.#session?.busy) {
      this.#socket.end();
    }
  }

  async #take(event: WireEvent): Promise<void> {
    if (event.kind === 'signal') {
      this.#session?.signal(event.signal);
      return;
    }
    if (event.kind === 'stray') {
      if (!this.#strayed) {
        this.#strayed = true;
        this.#parts.fault(new Error(`byte ${event.byte} behind 255 means nothing`));
      }
      return;
    }
    let at = 0;
    while (at < event.bytes.length && !this.#closed) {
      if (this.#session !== undefined) {
        this.#session.input(event.bytes.subarray(at));
        return;
      }
      const { taken, line } = this.#buffer.push(event.bytes, at);
      at += taken;
      if (line !== undefined) {
        const before = this.#encrypted;
        await this.#turn();
        if (this.#closed) {
          return;
        }
        await this.lines?.feed(line);
        if (this.#encrypted !== before && (at < event.bytes.length || this.#backlog.length > 0)) {
          // They may have been injected in transit: they must not count as encrypted.
          this.#refuse("commands behind `ssl' that came unencrypted");
        }
      }
    }
  }

  /** Resolves when this client has read the earlier answers, and others have been served meanwhile. */
  async #turn(): Promise<void> {
    const { turns } = this.#parts;
    await this.room();
    if (turns.over) {
      await new Promise<void>((resolve) => turns.wait(resolve));
    }
  }
}
