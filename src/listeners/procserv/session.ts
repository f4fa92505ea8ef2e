/** One connection to an instance: a user, or a logger that only reads (spec/procserv.md 4, 5). */

import type { Duplex } from 'node:stream';
import { escapeTelnet, Telnet } from '../../codec/telnet.ts';
import { LF } from '../../model/ascii.ts';
import { bytesOf } from '../../model/byte-text.ts';
import { HoldfastError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { Session } from '../../model/session.ts';
import { withoutQuestions } from '../../model/terminal-questions.ts';
import { receiveNow } from '../../platform/net/receive-now.ts';
import { Replies } from '../../platform/net/replies.ts';
import { writeNow } from '../../platform/net/write-now.ts';
import type { ConnectionKeys } from '../../platform/time/key-pace.ts';
import type { Delivery } from './farewell.ts';
import type { Instance } from './instance.ts';
import { HISTORY, keysIgnored, missedBytes, refused } from './messages.ts';
import { ReturnKey } from './return-key.ts';

export interface SessionOptions {
  readonly by: Principal | Promise<Principal>;
  /** Only reads; gets time stamps if they are on. */
  readonly logger: boolean;
  /** Puts stamps into the output for a logger. */
  readonly stamp?: (bytes: Uint8Array) => Uint8Array;
}

/** Time from our last byte to the end of a connection that the peer does not close. */
const LINGER_MS = 1000;
/** How often a peer is told the same reason: what a program types in vain is refused for every key. */
const REASON_EVERY_MS = 5000;
/** How long a peer may take to read pending output before the end. */
const LAST_WORDS_MS = 10_000;

export class ProcServSession {
  readonly #instance: Instance;
  readonly #stream: Duplex;
  readonly #options: SessionOptions;
  readonly #telnet: Telnet;
  readonly #replies: Replies;
  readonly #returnKey = new ReturnKey();
  readonly #keys: ConnectionKeys;
  readonly #closed: () => void;
  readonly #session: Session;
  /** Set once the peer is served: stops counting it. */
  #countOut: (() => void) | undefined;
  #over = false;
  /** The last reason for a refusal, and when it was told, monotonic milliseconds. */
  #told: { readonly reason: string; readonly at: number } | undefined;
  /** Reads the peer, unless the child or the peer itself must read first, or its keys came too fast. */
  readonly #pace = (): void => {
    if (this.#over) {
      return;
    }
    if (this.#session.full) {
      this.#stream.pause();
      this.#session.awaitRoom();
    } else if (this.#replies.full || this.#keys.resting) {
      this.#stream.pause();
    } else if (this.#stream.isPaused()) {
      this.#stream.resume();
    }
  };

  constructor(instance: Instance, stream: Duplex, options: SessionOptions, closed: () => void) {
    this.#instance = instance;
    this.#stream = stream;
    this.#options = options;
    this.#closed = closed;
    this.#replies = new Replies(stream, this.#pace);
    this.#keys = instance.keys.connection(this.#pace);
    this.#telnet = Telnet.server((bytes) => this.#replies.send(bytes));
    // A reset or a time-out of the peer ends this connection and nothing else.
    stream.on('error', () => this.end());
    stream.on('close', () => this.end());
    this.#session = instance.enter(
      options.by,
      { mode: options.logger ? 'read' : 'always' },
      {
        entered: () => this.#welcome(),
        refused: (error) => this.#turnAway(error),
        denied: ({ message }) => this.#refuse(message),
        output: (bytes) => this.#send(bytes),
        missed: (bytes) => void stream.write(missedBytes(bytes)),
        writer: () => undefined,
        // For people; a peer that does not read misses it.
        said: (text) => void (stream.writableNeedDrain || stream.write(escapeTelnet(Buffer.from(`\r\n[${text}]\r\n`)))),
        room: this.#pace,
        // It may have been told why.
        closed: () => this.end(),
      },
    );
  }

  #welcome(): void {
    const { beginning } = this.#instance;
    const { logger } = this.#options;
    const stream = this.#stream;
    const early = receiveNow(stream);
    // In one write: if the peer has left by now, the first one succeeds, and a second would break the stream before it is read.
    stream.cork();
    stream.write(bytesOf(this.#instance.banner(logger)));
    this.#countOut = this.#instance.count(logger);
    this.#telnet.greet();
    stream.on('data', (data: Uint8Array) => this.#hear(data));
    stream.on('drain', () => this.#session.resume());
    if (beginning === undefined) {
      this.#replay();
    }
    this.#session.subscribe(beginning);
    stream.uncork();
    this.#hear(early);
  }

  /** How far this peer has come. */
  get delivery(): Delivery {
    const { head } = this.#instance.stream.ring;
    const { offset = head, stalled = 0 } = this.#session.place ?? {};
    return { head, taken: offset, stalled };
  }

  /** Closes the connection after pending output. */
  end(): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#session.leave();
    this.#keys.close();
    if (this.#countOut) {
      this.#countOut();
      this.#farewell();
    } else {
      this.#stream.destroy();
    }
    this.#closed();
  }

  /**
   * Unread input would turn the close into a reset, and the peer would lose our last output: read on until it is gone.
   */
  #farewell(): void {
    const { clock } = this.#instance;
    const stream = this.#stream;
    if (stream.destroyed) {
      return;
    }
    stream.resume();
    const drop = (): void => void stream.destroy();
    let limit = clock.after(LAST_WORDS_MS, drop);
    stream.once('close', () => limit.cancel());
    stream.end(() => {
      limit.cancel();
      if (!stream.destroyed) {
        limit = clock.after(LINGER_MS, drop);
      }
    });
  }

  /** Ends it and resolves when the peer has read everything or is gone. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.once('finish', resolve).once('close', resolve);
      this.end();
    });
  }

  /** Ends it, and says why. */
  dismiss(why: string): void {
    if (!this.#over) {
      this.#stream.write(bytesOf(why));
      this.end();
    }
  }

  /** It may not come in. Its input is read: an earlier close would be a reset, and the reason would be lost. */
  #turnAway(error: Error): void {
    if (!isForbidden(error)) {
      this.#stream.destroy();
      return;
    }
    this.#countOut = () => undefined;
    this.dismiss(refused(error.message));
  }

  /** For people: a peer that does not read misses it. */
  #refuse(reason: string): void {
    const now = this.#instance.clock.monotonic();
    const isKnown = this.#told?.reason === reason && now - this.#told.at < REASON_EVERY_MS;
    if (!isKnown && !this.#stream.writableNeedDrain) {
      this.#told = { reason, at: now };
      this.#replies.send(bytesOf(refused(reason)));
    }
  }

  /** Handles input of the peer. */
  #hear(data: Uint8Array): void {
    if (this.#over || this.#options.logger) {
      return;
    }
    const input = this.#telnet.receive(data);
    if (input.length > 0) {
      const { acted, ignored, logout, refusal } = this.#instance.input(
        this.#session,
        input,
        this.#keys.allowance,
        this.#returnKey.take(input, this.#instance.clock.monotonic()),
      );
      if (logout) {
        this.end();
        return;
      }
      if (refusal) {
        this.#refuse(refusal.message);
      }
      if (ignored > 0) {
        this.#replies.send(Buffer.from(keysIgnored(ignored)));
      }
      if (acted > 0) {
        this.#keys.acted(acted, this.#instance.stream.readers);
      }
    }
    this.#pace();
  }

  #send(bytes: Uint8Array): boolean {
    const { stamp } = this.#options;
    return writeNow(this.#stream, escapeTelnet(stamp ? stamp(bytes) : bytes));
  }

  #replay(): void {
    const { history } = this.#instance.settings;
    const past = history > 0 ? withoutQuestions(this.#instance.stream.history(history)) : [];
    if (past.length === 0) {
      return;
    }
    const lines = past.reduce((count, range) => count + countLines(range), 0);
    this.#stream.write(HISTORY.before(lines));
    past.forEach((range, index) => {
      // Without stamps: the times of these lines are unknown.
      this.#stream.write(escapeTelnet(range));
      this.#stream.write(range.at(-1) === LF ? '' : '\r\n');
      this.#stream.write(index < past.length - 1 ? HISTORY.gap : HISTORY.after);
    });
  }
}

/** Lines in a piece of output, an unfinished last one included. */
function countLines(bytes: Uint8Array): number {
  let count = bytes.at(-1) === LF ? 0 : 1;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    count++;
  }
  return count;
}

function isForbidden(error: Error): boolean {
  return error instanceof HoldfastError && (error.code === 'HF_FORBIDDEN' || error.code === 'HF_REASON_NEEDED');
}
