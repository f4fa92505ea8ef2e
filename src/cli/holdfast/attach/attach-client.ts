/**
 * One console followed through everything: history, then live, over restarts of the server, until the server says that it is
 * over or the user leaves. Knows no terminal: what happens is told to `Follower`.
 */

import type { AttachFrom, ControlClient, Link } from '../../../client/control-client.ts';
import { PASSING } from '../../../client/passing.ts';
import type { SessionInfo } from '../../../model/api.ts';
import { type ErrorCode, HoldfastError } from '../../../model/errors.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';

export interface Follower {
  /** `offset`: position of the first byte in the console's output. `shown`: to be called then, if `acknowledges`. */
  readonly output: (bytes: Uint8Array, offset: number, shown: () => void) => void;
  /** Whether the server waits for what it has sent to be shown. */
  readonly acknowledges?: boolean;
  /** History ends here: what follows is live. Called once. */
  readonly live: (link: Link) => void;
  readonly missed: (bytes: number) => void;
  /** Somebody said something to the people on the console. */
  readonly said: (text: string) => void;
  /** Who has the keyboard; first when history ends. */
  readonly writer: (holder: SessionInfo | undefined, own: number) => void;
  readonly refused: (code: ErrorCode, detail: string) => void;
  readonly lost: () => void;
  /** Connected again; `continued`: at the byte where it stopped. */
  readonly back: (link: Link, continued: boolean) => void;
  /** The last call; `error` for what cannot be tried again. */
  readonly ended: (reason: string, error: Error | undefined) => void;
}

/** Between two attempts to connect again. */
const RETRY_MS = 100;
const MAX_RETRY = 1000;
/** A server that comes up may not know its consoles yet: what it refuses at first is tried again for this long. */
const TIMEOUT = 5000;

export class AttachClient {
  readonly #client: ControlClient;
  readonly #name: string;
  readonly #follower: Follower;
  readonly #clock: Clock;
  #write: boolean;
  #link: Link | undefined;
  #timer: Timer | undefined;
  /** The newest attempt: events of older links are ignored. */
  #turn = 0;
  /** Offset just after the last byte that was shown or missed. */
  #next = 0;
  #replaced = false;
  #live: number | undefined;
  #writing = false;
  #holder: SessionInfo | undefined;
  #done = false;
  #lostAt = 0;

  constructor(client: ControlClient, name: string, write: boolean, clock: Clock, follower: Follower) {
    this.#client = client;
    this.#name = name;
    this.#write = write;
    this.#clock = clock;
    this.#follower = follower;
  }

  /** Rejects if the first attempt fails: nothing was shown yet, and the message says more than a retry would. */
  async open(from: AttachFrom): Promise<void> {
    const link = await this.#connect(from);
    this.#next = link.offset;
    this.#live = link.live;
    this.#setWriter(link.writer, link);
    this.#crossed(link);
  }

  /** Whether this session has the keyboard. */
  get writing(): boolean {
    return this.#writing;
  }

  input(bytes: Uint8Array): void {
    this.#link?.input(bytes);
  }

  take(force: boolean): void {
    this.#write = true;
    this.#link?.take(force);
  }

  release(): void {
    this.#write = false;
    this.#link?.release();
  }

  resize(columns: number, rows: number): void {
    if (this.#writing) {
      this.#link?.resize(columns, rows);
    }
  }

  close(): void {
    this.#done = true;
    this.#timer?.cancel();
    this.#link?.close();
  }

  async #connect(from: AttachFrom): Promise<Link> {
    const turn = ++this.#turn;
    const current =
      <A extends unknown[]>(action: (...args: A) => void) =>
      (...args: A) => {
        if (turn === this.#turn) {
          action(...args);
        }
      };
    const link = await this.#client.attach(this.#name, from, this.#write, {
      output: current((bytes, offset) => this.#output(bytes, offset)),
      missed: current((bytes) => this.#missed(bytes)),
      writer: current((holder) => this.#setWriter(holder, this.#link as Link)),
      said: current((text) => this.#follower.said(text)),
      refused: current((code, detail) => this.#follower.refused(code, detail)),
      closed: current((reason, final) => this.#closed(reason, final)),
      acknowledges: this.#follower.acknowledges === true,
    });
    if (this.#done) {
      link.close();
    }
    this.#link = link;
    return link;
  }

  /** Where it stopped; a new holder counts from 0, and all it has is new. */
  async #resume(): Promise<Link> {
    const link = await this.#connect({ offset: this.#next });
    if (link.live >= this.#next) {
      return link;
    }
    link.close();
    this.#replaced = true;
    this.#next = 0;
    return this.#connect({ offset: 0 });
  }

  #missed(bytes: number): void {
    this.#next += bytes;
    this.#follower.missed(bytes);
    this.#crossed(this.#link as Link);
  }

  #output(bytes: Uint8Array, offset: number): void {
    // History that overlaps what was shown before the connection was lost is shown once.
    const fresh = offset < this.#next ? bytes.subarray(Math.min(bytes.length, this.#next - offset)) : bytes;
    const end = offset + bytes.length;
    const start = end - fresh.length;
    this.#next = Math.max(this.#next, end);
    // Of this connection only: the next one counts from its own first byte.
    const link = this.#link as Link;
    const shown = () => link.acknowledge(end);
    if (this.#live !== undefined && this.#next >= this.#live) {
      const past = Math.max(0, this.#live - start);
      this.#follower.output(fresh.subarray(0, past), start, () => undefined);
      this.#crossed(link);
      this.#follower.output(fresh.subarray(past), start + past, shown);
    } else if (fresh.length > 0) {
      this.#follower.output(fresh, start, shown);
    } else {
      shown();
    }
  }

  #crossed(link: Link): void {
    if (this.#live !== undefined && this.#next >= this.#live) {
      this.#live = undefined;
      this.#follower.live(link);
      this.#follower.writer(this.#holder, link.session.id);
    }
  }

  #setWriter(holder: SessionInfo | undefined, link: Link): void {
    this.#writing = holder?.id === link.session.id;
    this.#holder = holder;
    // Above the history it would scroll out of sight.
    if (this.#live === undefined) {
      this.#follower.writer(holder, link.session.id);
    }
  }

  #closed(reason: string, final: boolean): void {
    this.#link = undefined;
    // Requested again if this session had it, not if it was refused or taken away.
    this.#write = this.#writing;
    this.#writing = false;
    if (this.#done) {
      return;
    }
    if (final) {
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
      this.#resume().then(
        (link) => this.#again(link),
        (error: Error) => this.#failed(error, wait),
      );
    });
  }

  #again(link: Link): void {
    const gap = Math.max(0, link.offset - this.#next);
    this.#next += gap;
    this.#follower.back(link, !this.#replaced && gap === 0);
    this.#replaced = false;
    if (gap > 0) {
      this.#follower.missed(gap);
    }
    this.#crossed(link);
    this.#setWriter(link.writer, link);
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
