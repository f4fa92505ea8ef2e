/**
 * One console followed through everything: history, then live, over restarts of the server, until the server says that it is
 * over or the user leaves. Knows no terminal: what happens is told to `Follower`.
 */

import type { SessionInfo } from '../model/api.ts';
import { type ErrorCode, HoldfastError } from '../model/errors.ts';
import type { ClientSession, HostClient } from '../model/host-port.ts';
import type { ProcessState } from '../model/process.ts';
import type { EnterFrom } from '../model/session.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { PASSING } from './passing.ts';

export interface Follower {
  /** `offset`: position of the first byte in the console's output. `shown`: to be called then, if `acknowledges`. */
  readonly output: (bytes: Uint8Array, offset: number, shown: () => void) => void;
  /** Whether the server waits for what it has sent to be shown. */
  readonly acknowledges?: boolean;
  /** As `ClientEnterOptions.windowBytes`. */
  readonly windowBytes?: number;
  /** History ends here: what follows is live. Called once. */
  readonly live: () => void;
  readonly missed: (bytes: number) => void;
  /** Somebody said something to the people on the console. */
  readonly said: (text: string) => void;
  /** Who has the keyboard; first when history ends. */
  readonly writer: (holder: SessionInfo | undefined, own: number) => void;
  readonly refused: (code: ErrorCode, detail: string) => void;
  /** Whether the source is up; called when a session comes in and when it changes. Undefined: the server does not say. */
  readonly state?: (state: ProcessState | undefined) => void;
  readonly lost: () => void;
  /** Connected again; `continued`: at the byte where it stopped. */
  readonly back: (continued: boolean) => void;
  /** The last call; `error` for what cannot be tried again. */
  readonly ended: (reason: string, error: Error | undefined) => void;
}

/** Between two attempts to connect again. */
const RETRY_MS = 100;
const MAX_RETRY = 1000;
/** A server that comes up may not know its consoles yet: what it refuses at first is tried again for this long. */
const TIMEOUT = 5000;

export class AttachClient {
  readonly #client: Pick<HostClient, 'enter'>;
  readonly #name: string;
  readonly #follower: Follower;
  readonly #clock: Clock;
  #write: boolean;
  /** With which the keyboard was asked for last. */
  #reason: string | undefined;
  /** Also one that has not entered yet. */
  #session: ClientSession | undefined;
  #timer: Timer | undefined;
  /** The newest attempt: what older sessions are told is ignored. */
  #turn = 0;
  /** Offset just after the last byte that was shown or missed. */
  #next = 0;
  #replaced = false;
  #live: number | undefined;
  #writing = false;
  #holder: SessionInfo | undefined;
  #done = false;
  #lostAt = 0;

  /** `wanted`: the keyboard, and why. */
  constructor(
    client: Pick<HostClient, 'enter'>,
    name: string,
    wanted: { readonly write: boolean; readonly reason?: string | undefined },
    clock: Clock,
    follower: Follower,
  ) {
    this.#client = client;
    this.#name = name;
    this.#write = wanted.write;
    this.#reason = wanted.reason;
    this.#clock = clock;
    this.#follower = follower;
  }

  /**
   * Rejects if the first attempt fails: nothing was shown yet, and the message says more than a retry would. `begun` is called on the
   * console, before its first output.
   */
  open(from: EnterFrom, begun: () => void = () => undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entered = (session: ClientSession): void => {
      this.#next = session.offset;
      this.#live = session.live;
      this.#setWriter(session.writer, session);
      this.#crossed(session);
      begun();
      resolve();
    };
    this.#enter(from, entered, reject);
    return promise;
  }

  /** Why the keyboard would have been refused on entering, whoever had it. */
  get refusal(): HoldfastError | undefined {
    return this.#session?.refusal;
  }

  /** Whether this session has the keyboard. */
  get writing(): boolean {
    return this.#writing;
  }

  input(bytes: Uint8Array): void {
    this.#session?.write(bytes);
  }

  take(force: boolean, reason = this.#reason): void {
    this.#write = true;
    this.#reason = reason;
    this.#session?.take(force, reason);
  }

  release(): void {
    this.#write = false;
    this.#session?.release();
  }

  resize(columns: number, rows: number): void {
    if (this.#writing) {
      this.#session?.resize(columns, rows);
    }
  }

  close(): void {
    this.#done = true;
    this.#timer?.cancel();
    this.#session?.leave();
  }

  #enter(from: EnterFrom, entered: (session: ClientSession) => void, refused: (error: Error) => void): void {
    const turn = ++this.#turn;
    const current =
      <A extends unknown[]>(action: (...args: A) => void) =>
      (...args: A) => {
        if (turn === this.#turn) {
          action(...args);
        }
      };
    const output = current((bytes: Uint8Array, offset: number) => this.#output(bytes, offset, session));
    const session: ClientSession = this.#client.enter(
      this.#name,
      {
        ...{ from, mode: this.#write ? 'write' : 'read', reason: this.#write ? this.#reason : undefined },
        acknowledges: this.#follower.acknowledges === true,
        windowBytes: this.#follower.windowBytes,
      },
      {
        entered: current(() => {
          entered(session);
          this.#follower.state?.(session.state);
        }),
        refused: current(refused),
        output: (bytes, offset) => {
          output(bytes, offset);
          // Bytes not yet shown are not acknowledged; only that holds the server up.
          return true;
        },
        denied: current(({ code, message }) => this.#follower.refused(code, message)),
        missed: current((bytes) => this.#missed(bytes, session)),
        writer: current((holder) => this.#setWriter(holder, session)),
        state: current((state) => this.#follower.state?.(state)),
        said: current((text) => this.#follower.said(text)),
        room: () => undefined,
        closed: current((reason, lost) => this.#closed(reason, lost === true)),
      },
    );
    this.#session = session;
  }

  /** Where it stopped; a new holder counts from 0, and all it has is new. */
  #resume(refused: (error: Error) => void): void {
    const entered = (session: ClientSession): void => {
      if (session.live >= this.#next) {
        this.#again(session);
        return;
      }
      session.leave();
      this.#replaced = true;
      this.#next = 0;
      this.#enter({ offset: 0 }, (whole) => this.#again(whole), refused);
    };
    this.#enter({ offset: this.#next }, entered, refused);
  }

  #missed(bytes: number, session: ClientSession): void {
    this.#next += bytes;
    this.#follower.missed(bytes);
    this.#crossed(session);
  }

  #output(bytes: Uint8Array, offset: number, session: ClientSession): void {
    // History that overlaps what was shown before the connection was lost is shown once.
    const fresh = offset < this.#next ? bytes.subarray(Math.min(bytes.length, this.#next - offset)) : bytes;
    const end = offset + bytes.length;
    const start = end - fresh.length;
    this.#next = Math.max(this.#next, end);
    // Of this session only: the next one counts from its own first byte.
    const shown = () => session.acknowledge(end);
    if (this.#live !== undefined && this.#next >= this.#live) {
      const past = Math.max(0, this.#live - start);
      this.#follower.output(fresh.subarray(0, past), start, () => undefined);
      this.#crossed(session);
      this.#follower.output(fresh.subarray(past), start + past, shown);
    } else if (fresh.length > 0) {
      this.#follower.output(fresh, start, shown);
    } else {
      shown();
    }
  }

  #crossed(session: ClientSession): void {
    if (this.#live !== undefined && this.#next >= this.#live) {
      this.#live = undefined;
      this.#follower.live();
      this.#follower.writer(this.#holder, session.info.id);
    }
  }

  #setWriter(holder: SessionInfo | undefined, session: ClientSession): void {
    this.#writing = holder?.id === session.info.id;
    this.#holder = holder;
    // Above the history it would scroll out of sight.
    if (this.#live === undefined) {
      this.#follower.writer(holder, session.info.id);
    }
  }

  #closed(reason: string, lost: boolean): void {
    this.#session = undefined;
    // Requested again if this session had it, not if it was refused or taken away.
    this.#write = this.#writing;
    this.#writing = false;
    if (this.#done) {
      return;
    }
    if (!lost) {
      this.#done = true;
      this.#follower.ended(reason, undefined);
      return;
    }
    this.#lostAt = this.#clock.monotonic();
    this.#follower.lost();
    this.#retry(0);
  }

  #retry(wait: number): void {
    this.#timer = this.#clock.after(wait, () => {
      this.#resume((error) => this.#failed(error, wait));
    });
  }

  #again(session: ClientSession): void {
    const gap = Math.max(0, session.offset - this.#next);
    this.#next += gap;
    this.#follower.back(!this.#replaced && gap === 0);
    this.#replaced = false;
    if (gap > 0) {
      this.#follower.missed(gap);
    }
    this.#crossed(session);
    this.#setWriter(session.writer, session);
  }

  #failed(error: Error, wait: number): void {
    if (this.#done) {
      return;
    }
    const passing = error instanceof HoldfastError && PASSING.has(error.code);
    if (!passing && this.#clock.monotonic() - this.#lostAt > TIMEOUT) {
      this.#done = true;
      this.#follower.ended(error.message, error);
      return;
    }
    this.#retry(Math.min(MAX_RETRY, Math.max(RETRY_MS, wait * 2)));
  }
}
