/**
 * The log of one console (reference procserv.md 7; design invariants 3 and 7). Every write happens on the desk's thread,
 * one at a time and in order; what a stalled or full disk cannot take waits in a bounded queue, and what does not fit is
 * counted and written down in the log itself.
 */
import { constants, fdatasync, fstatSync, open, openSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants as os } from 'node:os';
import { getSystemErrorMap, promisify } from 'node:util';
import type { Clock, Timer } from '../platform/clock.ts';
import { closeFile } from '../platform/close-file.ts';
import type { LineStamper } from './line-stamper.ts';
import type { LogDesk } from './log-desk.ts';
import { compressNewest, rotateFiles } from './rotate-files.ts';

/** When a log is moved aside, and what becomes of the old files; `path.1` is the newest of them. */
export interface Rotation {
  /** Bytes. */
  readonly size?: number;
  /** Milliseconds since the file was begun. */
  readonly age?: number;
  /** Old files that stay, at least one. */
  readonly keep: number;
  /** With gzip. */
  readonly compress?: boolean;
}

export interface LogOptions {
  readonly path: string;
  readonly stamper?: LineStamper;
  readonly rotate?: Rotation;
  /** fdatasync(2): never, after every write (0), or this many milliseconds after a write. */
  readonly sync?: number;
  /** Gets everything that is appended, and keeps none of it. */
  readonly copy?: (data: Uint8Array) => void;
  /** Called once for each kind of trouble and once when it is over. */
  readonly report: (message: string) => void;
  /** Told of every gap, when it is written down in the log, or when that cannot be done any more. */
  readonly lost?: (message: string) => void;
}

/** What may wait for a slow disk. Bytes. */
const QUEUE_LIMIT = 8 << 20;
/** This much is written at once, whatever the delay of the desk. Bytes. */
const GATHER_LIMIT = 128 << 10;
/** What is kept to be written again should the file turn out to have been deleted. Bytes. */
const UNVERIFIED_LIMIT = 1 << 20;
/** How often a log that grows is looked after, and how soon a failed write is tried again. Milliseconds. */
const CHECK_INTERVAL = 1000;
/** When a FIFO that was full is looked at again. Milliseconds. */
const FIFO_PAUSE = 20;
/** With a gap to confess, when this much still waits, there is no room for the line about it. Bytes. */
const CONFESS_BELOW = QUEUE_LIMIT / 2;
const LF = 10;
const MODE = 0o644;
/** Non-blocking, so that a FIFO without a reader is an error and not a wait. */
const OPEN_FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOCTTY | constants.O_NONBLOCK;
const openAsync = promisify(open);

export class LogFile {
  readonly #options: LogOptions;
  readonly #desk: LogDesk;
  readonly #clock: Clock;
  #fd = -1;
  #ownsFd = true;
  #size = 0;
  /** When the file was begun, wall time in milliseconds. */
  #begun = 0;
  #queue: Uint8Array[] = [];
  #queued = 0;
  /** Ticket and bytes of the write under way. */
  #writing: { ticket: number; bytes: Uint8Array } | undefined;
  /** Written since the file was last seen in its place; undefined when that was too much to keep. */
  #unverified: Uint8Array[] | undefined = [];
  #unverifiedBytes = 0;
  #lost = 0;
  #reason = '';
  #trouble = '';
  #lastByte = LF;
  #moving = false;
  #looking = false;
  /** The FIFO is full. */
  #full = false;
  /** The desk will call for what is gathered. */
  #soon = false;
  #movedBefore = false;
  /** How many files have been opened. */
  #files = 0;
  #timer: Timer | undefined;
  #syncTimer: Timer | undefined;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(options: LogOptions, desk: LogDesk, clock: Clock) {
    this.#options = options;
    this.#desk = desk;
    this.#clock = clock;
  }

  /** Opens the file; throws what open(2) said. A log that cannot be opened goes on trying. */
  open(): void {
    try {
      this.#opened(openSync(this.#options.path, OPEN_FLAGS, MODE));
    } catch (error) {
      this.#trouble = (error as Error).message;
      this.#watch();
      throw error;
    }
  }

  /** Takes over an open descriptor (standard output) that is neither reopened nor rotated nor closed. */
  adopt(fd: number): void {
    this.#fd = fd;
    this.#ownsFd = false;
  }

  /** Whether there is a file to write to. */
  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  /** -1 when there is none. */
  get fd(): number {
    return this.#fd;
  }

  /** Appends `data`, which must not change any more; `time` is the wall time for the stamp, milliseconds. */
  append(data: Uint8Array, time: number): void {
    this.#options.copy?.(data);
    const bytes = this.#options.stamper?.apply(data, time) ?? data;
    // Behind a gap nothing fits until the gap is confessed: it is where the line about it will stand.
    if (this.#lost > 0 || this.#queued + bytes.length > QUEUE_LIMIT) {
      this.#reason ||= 'the disk does not keep up';
      if (this.#lost === 0) {
        this.#options.lost?.(`log file ${this.#options.path} loses what comes now: ${this.#reason}`);
      }
      this.#lost += bytes.length;
      this.#flush();
      return;
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#desk.delay === 0 || this.#queued >= GATHER_LIMIT) {
      this.#flush();
    } else if (!this.#soon) {
      this.#soon = true;
      this.#desk.soon(() => {
        this.#soon = false;
        this.#flush();
      });
    }
  }

  /** Waits until everything is handed to the kernel, as long as the desk has patience: a stalled disk stops nobody. */
  settle(): void {
    for (let write = this.#writing; write; write = this.#writing) {
      if (!this.#desk.wait(write.ticket) || this.#writing === write) {
        return;
      }
    }
  }

  /** Closes and opens the same name again (SIGHUP). */
  reopen(): void {
    if (this.#ownsFd) {
      this.#whenIdle(() => void this.#move(() => this.#replace()));
    }
  }

  /** Everything that a healthy disk takes within `milliseconds` is written, then the file is closed. */
  async close(milliseconds: number): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#syncTimer?.cancel();
    await new Promise<void>((resolve) => {
      const limit = this.#clock.after(milliseconds, resolve);
      this.#whenIdle(() => {
        limit.cancel();
        resolve();
      });
    });
    if (this.#queued + this.#lost > 0) {
      this.#tellLoss(this.#queued + this.#lost, this.#trouble || 'the disk does not keep up');
    }
    if (this.#ownsFd && this.#fd >= 0 && this.#writing === undefined) {
      closeFile(this.#fd);
      this.#fd = -1;
    }
  }

  #tellLoss(bytes: number, reason: string): void {
    this.#options.lost?.(`${bytes} bytes are missing in log file ${this.#options.path}: ${reason}`);
  }

  #opened(fd: number): void {
    this.#fd = fd;
    this.#files++;
    const { birthtimeMs, size } = fstatSync(this.#fd);
    this.#size = size;
    this.#begun = size === 0 ? this.#clock.now() : birthtimeMs;
    if (this.#size === 0) {
      this.#lastByte = LF;
    }
    this.#verified();
    this.#movedBefore = false;
    this.#wellAgain();
  }

  /** Gives the desk the next write: all that waits, in one piece. */
  #flush(): void {
    if (this.#writing || this.#moving || this.#full || this.#fd < 0) {
      return;
    }
    if (this.#lost > 0 && this.#trouble === '' && this.#queued < CONFESS_BELOW) {
      this.#confess();
    }
    if (this.#queued === 0) {
      return;
    }
    const bytes = this.#queue.length === 1 ? (this.#queue[0] as Uint8Array) : Buffer.concat(this.#queue);
    this.#queue = [];
    const ticket = this.#desk.write(this.#fd, bytes, (written, errno) => this.#written(bytes, written, errno));
    this.#writing = { ticket, bytes };
  }

  /** Puts a line about the missing bytes where they would have been: behind all that still found room. */
  #confess(): void {
    const line = missingLine(this.#lost, this.#reason, this.#queue.at(-1)?.at(-1) ?? this.#lastByte);
    this.#queue.push(line);
    this.#queued += line.length;
    this.#tellLoss(this.#lost, this.#reason);
    this.#lost = 0;
    this.#reason = '';
  }

  #written(bytes: Uint8Array, written: number, errno: number): void {
    this.#writing = undefined;
    this.#queued -= written;
    this.#size += written;
    this.#lastByte = bytes[written - 1] ?? this.#lastByte;
    this.#remember(bytes.subarray(0, written));
    if (errno === os.errno.EAGAIN) {
      this.#queue.unshift(bytes.subarray(written));
      this.#full = true;
      this.#clock.after(FIFO_PAUSE, () => {
        this.#full = false;
        this.#flush();
      });
      return;
    }
    if (errno !== 0) {
      this.#queue.unshift(bytes.subarray(written));
      const [, message] = getSystemErrorMap().get(-errno) ?? ['', `error ${errno}`];
      this.#reason = message;
      this.#complain(`cannot write log file ${this.#options.path}: ${message}; ${this.#queued} bytes wait`);
      this.#watch();
      this.#answerIdle();
      return;
    }
    // Bytes that go into a file that was moved away are safe, but the log is not yet where it should be.
    if (!this.#movedBefore) {
      this.#wellAgain();
    }
    this.#syncSoon();
    const { rotate } = this.#options;
    if (rotate && this.#isDue(rotate)) {
      void this.#move(() => this.#rotate(rotate));
    } else {
      this.#goOn();
      this.#watch();
    }
    this.#answerIdle();
  }

  /** One sync for all that is written until it starts; on a thread of the pool, so that the next write need not wait. */
  #syncSoon(): void {
    const { sync } = this.#options;
    if (sync === undefined || this.#syncTimer || !this.#ownsFd) {
      return;
    }
    this.#syncTimer = this.#clock.after(sync, () => {
      this.#syncTimer = undefined;
      if (this.#fd >= 0) {
        // A failed sync is followed by failing writes, and those are reported.
        fdatasync(this.#fd, () => undefined);
      }
    });
  }

  #remember(bytes: Uint8Array): void {
    this.#unverifiedBytes += bytes.length;
    if (this.#unverifiedBytes > UNVERIFIED_LIMIT) {
      this.#unverified = undefined;
    }
    this.#unverified?.push(bytes);
  }

  #verified(): void {
    this.#unverified = [];
    this.#unverifiedBytes = 0;
  }

  #complain(message: string): void {
    if (this.#trouble === '') {
      this.#options.report(message);
    }
    this.#trouble = message;
  }

  #wellAgain(): void {
    if (this.#trouble !== '') {
      this.#trouble = '';
      this.#options.report(`log file ${this.#options.path} is written again`);
    }
  }

  /** Looks after the file a while after it was written: whether it is still in its place, whether it takes bytes again. */
  #watch(): void {
    // One look at a time: of two, the one that finds a new file would not know what the other has kept of the old one.
    if (this.#timer || this.#looking || this.#closed || !this.#ownsFd) {
      return;
    }
    this.#timer = this.#clock.after(CHECK_INTERVAL, () => {
      this.#timer = undefined;
      void this.#look();
    });
  }

  /** Nearly always the file is in its place, and then no write has waited for the look at it: readers wait for the writes. */
  async #look(): Promise<void> {
    const [unverified, bytes, files] = [this.#unverified, this.#unverifiedBytes, this.#files];
    this.#verified();
    this.#looking = true;
    const inPlace = await this.#isInPlace();
    this.#looking = false;
    if (this.#closed) {
      return;
    }
    if (inPlace) {
      this.#movedBefore = false;
      this.#goOn();
      this.#answerIdle();
      this.#lookAgain();
      return;
    }
    if (files === this.#files) {
      this.#unverified = unverified && this.#unverified && [...unverified, ...this.#unverified];
      this.#unverifiedBytes += bytes;
    }
    await this.#move(() => this.#check());
  }

  async #isInPlace(): Promise<boolean> {
    const there = this.#fd < 0 ? undefined : await stat(this.#options.path).catch(() => undefined);
    if (there === undefined || this.#fd < 0) {
      return false;
    }
    const here = this.#here();
    return here !== undefined && there.ino === here.ino && there.dev === here.dev;
  }

  /** What the descriptor leads to; nothing where that is gone (ESTALE: another machine has deleted it). */
  #here(): Stats | undefined {
    try {
      return fstatSync(this.#fd);
    } catch {
      return undefined;
    }
  }

  async #check(): Promise<void> {
    if (await this.#isInPlace()) {
      this.#movedBefore = false;
      this.#verified();
    } else if (this.#fd >= 0 && (this.#here()?.nlink ?? 0) === 0) {
      this.#relog();
      // What comes until there is a new file waits for it; written into this one it would be gone.
      const old = this.#fd;
      this.#fd = -1;
      closeFile(old);
      await this.#replace();
    } else if (this.#fd < 0 || this.#movedBefore) {
      await this.#replace();
    } else {
      // A mover that will send SIGHUP gets a moment to do so: until then the output belongs to the file it moved.
      this.#movedBefore = true;
      this.#watch();
    }
    this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#trouble !== '' || this.#unverifiedBytes > 0) {
      this.#watch();
    }
  }

  /** The file was deleted under us: what went into it since it was last seen goes into the next one again. */
  #relog(): void {
    if (this.#unverified) {
      this.#queue.unshift(...this.#unverified);
      this.#queued += this.#unverifiedBytes;
    } else {
      const line = missingLine(this.#unverifiedBytes, 'the log file was deleted', LF);
      this.#tellLoss(this.#unverifiedBytes, 'the log file was deleted');
      this.#queue.unshift(line);
      this.#queued += line.length;
    }
    this.#verified();
  }

  async #replace(): Promise<void> {
    const old = this.#fd;
    try {
      this.#opened(await openAsync(this.#options.path, OPEN_FLAGS, MODE));
    } catch (error) {
      this.#complain(`unable to open log file ${this.#options.path}: ${(error as Error).message}`);
      this.#watch();
      return;
    }
    if (old >= 0) {
      closeFile(old);
    }
  }

  /** Between two lines if that can be had; a file may grow to twice its size while it waits for one. */
  #isDue({ age = Number.POSITIVE_INFINITY, size = Number.POSITIVE_INFINITY }: Rotation): boolean {
    const due = this.#size >= size || (this.#size > 0 && this.#clock.now() - this.#begun >= age);
    return this.#ownsFd && due && (this.#lastByte === LF || this.#size >= 2 * size);
  }

  async #rotate({ keep, compress }: Rotation): Promise<void> {
    const { path } = this.#options;
    await rotateFiles(path, keep);
    await this.#replace();
    if (compress) {
      compressNewest(path).catch((error: Error) => this.#options.report(`cannot compress ${path}.1: ${error.message}`));
    }
  }

  /** Runs something that changes the file while no write is under way and none begins. */
  async #move(work: () => Promise<void>): Promise<void> {
    if (this.#moving) {
      return;
    }
    if (this.#writing) {
      this.#watch();
      return;
    }
    this.#moving = true;
    try {
      await work();
    } catch (error) {
      this.#complain(`log file ${this.#options.path}: ${(error as Error).message}`);
      this.#watch();
    } finally {
      this.#moving = false;
      this.#goOn();
      this.#answerIdle();
    }
  }

  /** Writes what has waited for a write or a move to end; what is still gathered has its time. */
  #goOn(): void {
    if (!this.#soon || this.#queued >= GATHER_LIMIT || this.#idle.length > 0) {
      this.#flush();
    }
  }

  #whenIdle(action: () => void): void {
    this.#idle.push(action);
    this.#flush();
    this.#answerIdle();
  }

  #answerIdle(): void {
    while (!this.#writing && !this.#moving && this.#idle.length > 0 && (this.#queued === 0 || this.#trouble !== '')) {
      this.#idle.shift()?.();
    }
  }
}

/** Says in the log what it lacks; `lastByte` is the one that it follows. */
function missingLine(bytes: number, reason: string, lastByte: number): Uint8Array {
  const start = lastByte === LF ? '' : '\r\n';
  return Buffer.from(`${start}@@@ ${bytes} bytes are missing here in the log: ${reason}\r\n`);
}
