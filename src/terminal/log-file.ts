/**
 * The log of one console (spec/procserv.md 7). Every write happens on the thread of its file
 * system, one at a time and in order; what a stalled or full disk cannot take waits in a bounded queue (log-queue.ts), and
 * what does not fit is counted and written down in the log itself. Where the file is, is log-place.ts.
 */
import { constants as os } from 'node:os';
import { LF } from '../model/ascii.ts';
import type { LogTrouble } from '../model/holder-protocol.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import { errnoWords } from '../platform/files/disk-words.ts';
import type { FileAnswer } from '../platform/native.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { LineStamper } from './line-stamper.ts';
import { type LogPath, LogPlace, type UnderWay } from './log-place.ts';
import { LogQueue, missingLine, Unseen } from './log-queue.ts';
import { type Rotation, RotationDue } from './log-rotation.ts';
import { LogTroubles, type ReportTrouble } from './log-trouble.ts';
import type { LogWriter } from './log-writer.ts';
import { compressed, compressNewest } from './rotate-files.ts';

export interface LogOptions extends LogPath {
  readonly stamper?: LineStamper;
  readonly rotate?: Rotation;
  /** fdatasync(2): never, after every write (0), or this many milliseconds after a write. */
  readonly sync?: number;
  /** Of all logs, and not of this one alone: bounds what waits for the disk. */
  readonly budget?: MemoryBudget | undefined;
  /** Gets everything that is appended, and keeps none of it. */
  readonly copy?: (data: Uint8Array) => void;
  /** Called once for each kind of trouble and once when it is over. */
  readonly report: ReportTrouble;
  /** Told of every gap, when it is written down in the log, or when that cannot be done any more. */
  readonly lost?: (message: string) => void;
}

/** This much is written at once, whatever the delay of the writer. Bytes. */
const GATHER_LIMIT = 128 << 10;
/** How often a log that grows is looked after, and how soon a failed write is tried again. Milliseconds. */
const CHECK_INTERVAL = 1000;
/** What has not come back after this is told. Milliseconds. */
const HANGS = 3000;
/** When a FIFO that was full is looked at again. Milliseconds. */
const FIFO_PAUSE = 20;

export class LogFile {
  readonly #options: LogOptions;
  readonly #writer: LogWriter;
  readonly #clock: Clock;
  readonly #place: LogPlace;
  readonly #queue: LogQueue;
  readonly #troubles: LogTroubles;
  readonly #rotation: RotationDue;
  #problem: Error | undefined;
  #lastByte = LF;
  #unseen = new Unseen();
  /** The write under way. */
  #writing: { readonly ticket: number; readonly since: number } | undefined;
  /** The file is being changed: no write begins. */
  #moving = false;
  #looking = false;
  /** The FIFO is full. */
  #full = false;
  /** The writer will call for what is gathered. */
  #soon = false;
  #timer: Timer | undefined;
  #syncTimer: Timer | undefined;
  #idle: (() => void)[] = [];
  #closed = false;
  /** Nothing is waited for any more. */
  #over = false;

  constructor(options: LogOptions, writer: LogWriter, clock: Clock) {
    this.#options = options;
    this.#queue = new LogQueue(options.budget);
    this.#writer = writer;
    this.#clock = clock;
    const { anybodys = false, exact = false, group, mode, path, user } = options;
    const given = { ...(user && { user }), ...(group && { group }), ...(mode !== undefined && { mode }) };
    this.#place = new LogPlace({ path, anybodys, exact, ...given }, writer, () => clock.now());
    this.#troubles = new LogTroubles(path, options.report);
    this.#rotation = new RotationDue(options.rotate, clock);
  }

  /** Begins to open the file. What stands in the way is reported, and it is tried again. */
  open(): void {
    this.#writer.join(this);
    this.#openFirst();
  }

  /** The same with a new file; `problem` hears why the old one is not kept under another name, and goes on. */
  openNew(problem: (text: string) => void): void {
    this.#writer.join(this);
    this.#place.save((text) => {
      if (text !== undefined) {
        problem(text);
      }
      this.#openFirst();
    });
  }

  #openFirst(): void {
    this.#place.open((found) => {
      this.#opened(found);
      this.#flush();
      this.#answerIdle();
    });
  }

  /** Takes over an open descriptor (standard output) that is neither reopened nor rotated nor closed. */
  adopt(fd: number): void {
    this.#writer.join(this);
    this.#place.give(fd);
  }

  /** Whether there is a file to write to. */
  get isOpen(): boolean {
    return this.#place.fd >= 0;
  }

  /** What has stood in the way of opening it; undefined also while that is not known yet. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /** -1 when there is none. */
  get fd(): number {
    return this.#place.fd;
  }

  get trouble(): LogTrouble | undefined {
    return this.#troubles.now;
  }

  /** Appends `data`, which must not change any more; `time` is the wall time for the stamp, milliseconds. */
  append(data: Uint8Array, time: number): void {
    this.#options.copy?.(data);
    if (this.#over) {
      return;
    }
    const bytes = this.#options.stamper?.apply(data, time) ?? data;
    if (!this.#queue.fits(bytes)) {
      if (this.#queue.lose(bytes)) {
        this.#options.lost?.(`log file ${this.#options.path} loses what comes now: ${this.#queue.reason}`);
      }
      this.#flush();
      return;
    }
    this.#queue.push(bytes);
    if (this.#writer.delay === 0 || this.#queue.bytes >= GATHER_LIMIT) {
      this.#flush();
    } else if (!this.#soon) {
      this.#soon = true;
      this.#writer.soon(() => {
        this.#soon = false;
        this.#flush();
      });
    }
  }

  /** Waits until everything is handed to the kernel, as long as the writer has patience: a stalled disk stops nobody. */
  settle(): void {
    for (let { opening } = this.#place; opening?.thread && !this.#moving; opening = this.#place.opening) {
      if (!this.#writer.wait(opening.thread, opening.ticket) || this.#place.opening === opening) {
        return;
      }
    }
    for (let write = this.#writing; write; write = this.#writing) {
      const { device } = this.#place;
      if (!device || !this.#writer.wait(device.thread, write.ticket) || this.#writing === write) {
        return;
      }
    }
  }

  /** Closes and opens the same name again (SIGHUP). */
  reopen(): void {
    if (this.#place.isOurs) {
      this.#whenIdle(() => void this.#move(() => this.#replace()));
    }
  }

  /** Moves a file of `limit` bytes aside: its name gets the suffix, its last lines, at most `tail` bytes, begin the new one. */
  moveAside(limit: number, suffix: string, tail: number): void {
    const work = async () => {
      const lines = await this.#place.cutOff(limit, suffix, tail);
      if (lines) {
        await this.#replace();
        this.#queue.repeat([lines]);
      }
    };
    this.#whenIdle(() => void this.#move(work));
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
    const missing = this.#queue.bytes + this.#queue.lost;
    if (missing > 0) {
      this.#tellLoss(missing, this.#troubles.now?.text ?? 'the disk does not keep up');
    }
    this.#over = true;
    this.#queue.forget();
    this.#writer.forget(this);
    this.#place.close();
  }

  /** Tells what has not come back; whether anything is under way. */
  lookAfter(): boolean {
    const writing = this.#writing && { what: 'a write', since: this.#writing.since };
    const underWay: readonly UnderWay[] = [...(writing ? [writing] : []), ...this.#place.underWay];
    const hangs = underWay.find(({ since }) => this.#clock.now() - since >= HANGS);
    if (hangs) {
      const waits = this.#queue.bytes > 0 ? `; ${this.#queue.bytes} bytes wait` : '';
      const text = `log file ${this.#options.path} hangs: ${hangs.what} does not come back${waits}`;
      this.#troubles.begin('hang', text, hangs.since);
    }
    return underWay.length > 0;
  }

  #tellLoss(bytes: number, reason: string): void {
    this.#options.lost?.(`${bytes} bytes are missing in log file ${this.#options.path}: ${reason}`);
  }

  #opened(found: FileAnswer | Error): void {
    this.#problem = found instanceof Error ? found : undefined;
    if (found instanceof Error) {
      const text = `unable to open log file ${this.#options.path}: ${found.message}`;
      this.#troubles.begin('open', text, this.#clock.now());
      this.#watch();
      return;
    }
    this.#rotation.opened(found);
    if (found.size === 0) {
      this.#lastByte = LF;
    }
    this.#unseen = new Unseen();
    this.#troubles.end('open', 'move', 'hang');
  }

  /** Gives the thread the next write: all that waits, in one piece. */
  #flush(): void {
    const { device, fd } = this.#place;
    if (this.#writing || this.#moving || this.#full || !device) {
      return;
    }
    // What is wrong with moving it aside is nothing to the lines in it.
    if (this.#queue.lost > 0 && (!this.trouble || this.#troubles.is('move'))) {
      const gap = this.#queue.confess(this.#lastByte);
      if (gap) {
        this.#tellLoss(gap.bytes, gap.reason);
      }
    }
    const bytes = this.#queue.take();
    if (bytes === undefined) {
      return;
    }
    const ticket = device.thread.write(fd, bytes, (written, errno) => this.#written(bytes, written, errno));
    this.#writing = { ticket, since: this.#clock.now() };
    this.#writer.begun();
  }

  #written(bytes: Uint8Array, written: number, errno: number): void {
    this.#writing = undefined;
    if (this.#over) {
      return;
    }
    this.#queue.written(written);
    this.#rotation.grew(written);
    this.#lastByte = bytes[written - 1] ?? this.#lastByte;
    this.#unseen.add(bytes.subarray(0, written));
    this.#queue.putBack(bytes.subarray(written));
    if (errno === os.errno.EAGAIN) {
      this.#full = true;
      this.#clock.after(FIFO_PAUSE, () => {
        this.#full = false;
        this.#flush();
      });
      return;
    }
    if (errno !== 0) {
      this.#failed(errno);
      return;
    }
    // Bytes that go into a file that was moved away are safe, but the log is not yet where it should be.
    if (!this.#place.moved) {
      this.#troubles.end('open', 'write', 'hang');
    }
    this.#syncSoon();
    if (this.#place.isPlain && this.#rotation.isDueBehind(this.#lastByte)) {
      this.#rotateWhenDue();
    } else {
      this.#goOn();
      this.#watch();
    }
    this.#answerIdle();
  }

  #failed(errno: number): void {
    this.#queue.reason = errnoWords(errno);
    const text = `cannot write log file ${this.#options.path}: ${this.#queue.reason}; ${this.#queue.bytes} bytes wait`;
    this.#troubles.begin('write', text, this.#clock.now());
    // The oldest file goes: that may be the room which is wanted.
    this.#rotateWhenDue();
    this.#watch();
    this.#answerIdle();
  }

  /** One sync for all that is written until it starts; on a thread of its own, so that the next write need not wait. */
  #syncSoon(): void {
    const { sync } = this.#options;
    if (sync === undefined || this.#syncTimer || !this.#place.isOurs) {
      return;
    }
    const timer = this.#clock.after(sync, () => {
      if (this.#place.fd < 0 || this.#closed) {
        this.#syncTimer = undefined;
        return;
      }
      // A failed sync is followed by failing writes, and those are reported. The next one begins when it is through.
      this.#place.sync(() => {
        this.#syncTimer = undefined;
      });
    });
    this.#syncTimer = timer;
  }

  /** Looks after the file a while after it was written: whether it is still in its place, whether it takes bytes again. */
  #watch(): void {
    // One look at a time: of two, the one that finds a new file would not know what the other has kept of the old one.
    if (this.#timer || this.#looking || this.#closed || !this.#place.isOurs) {
      return;
    }
    this.#timer = this.#clock.after(CHECK_INTERVAL, () => {
      this.#timer = undefined;
      void this.#look();
    });
  }

  /** Nearly always the file is in its place, and then no write has waited for the look at it: readers wait for the writes. */
  async #look(): Promise<void> {
    const { files } = this.#place;
    const unseen = this.#unseen;
    this.#unseen = new Unseen();
    this.#looking = true;
    const sight = await this.#place.look();
    this.#looking = false;
    if (this.#closed) {
      return;
    }
    if (sight === 'same') {
      this.#place.saw(sight);
      this.#backAgain();
      this.#goOn();
      this.#answerIdle();
      this.#lookAgain();
      return;
    }
    if (files === this.#place.files) {
      this.#unseen.precededBy(unseen);
    }
    await this.#move(() => this.#check());
  }

  /** What hung has come back: where nothing waits, no write will say so. */
  #backAgain(): void {
    if (this.#writing === undefined && this.#queue.bytes === 0) {
      this.#troubles.end('hang');
    }
  }

  async #check(): Promise<void> {
    const sight = await this.#place.look();
    switch (this.#place.saw(sight)) {
      case 'stay':
        this.#unseen = new Unseen();
        break;
      case 'wait':
        this.#watch();
        break;
      case 'repeat':
        this.#repeat();
        // What comes until there is a new file waits for it; written into this one it would be gone.
        this.#place.drop();
        await this.#replace();
        break;
      case 'replace':
        await this.#replace();
        break;
    }
    this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.trouble || this.#unseen.bytes > 0) {
      this.#watch();
    }
  }

  /** The file was deleted under us: what went into it since it was last seen goes into the next one again. */
  #repeat(): void {
    const { bytes, pieces } = this.#unseen;
    if (pieces === undefined) {
      this.#tellLoss(bytes, 'the log file was deleted');
    }
    this.#queue.repeat(pieces ?? [missingLine(bytes, 'the log file was deleted', LF)]);
    this.#unseen = new Unseen();
  }

  #replace(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#place.open((found) => {
      this.#opened(found);
      resolve();
    });
    return promise;
  }

  #rotateWhenDue(): void {
    const { rotation } = this.#rotation;
    if (rotation && this.#place.isPlain && this.#rotation.isDue && !this.#over) {
      void this.#move(() => this.#rotate(rotation));
    }
  }

  async #rotate({ keep, compress }: Rotation): Promise<void> {
    const { path } = this.#options;
    const packing = compressed(path);
    if (packing) {
      // The log is written on meanwhile: a large file takes long, and little can wait.
      this.#rotation.waitFor(packing, () => this.#rotateWhenDue());
      return;
    }
    this.#rotation.tried();
    if (!(await this.#place.moveAside(keep))) {
      // The name is another file's: the next look finds out whose.
      this.#watch();
      return;
    }
    this.#rotation.succeeded();
    await this.#replace();
    if (compress) {
      compressNewest(this.#options, this.#writer.crew).catch((error: Error) =>
        this.#options.lost?.(`cannot compress log file ${path}.1: ${error.message}`),
      );
    }
  }

  /** Runs something that changes the file while no write is under way and none begins. */
  async #move(work: () => Promise<void>): Promise<void> {
    if (this.#moving) {
      return;
    }
    if (this.#writing || this.#place.opening) {
      this.#watch();
      return;
    }
    this.#moving = true;
    try {
      await work();
    } catch (error) {
      const text = `log file ${this.#options.path} ${(error as Error).message}`;
      this.#troubles.begin('move', text, this.#clock.now());
      this.#watch();
    } finally {
      this.#moving = false;
      this.#goOn();
      this.#answerIdle();
    }
  }

  /** Writes what has waited for a write or a move to end; what is still gathered has its time. */
  #goOn(): void {
    if (!this.#soon || this.#queue.bytes >= GATHER_LIMIT || this.#idle.length > 0) {
      this.#flush();
    }
  }

  #whenIdle(action: () => void): void {
    this.#idle.push(action);
    this.#flush();
    this.#answerIdle();
  }

  #answerIdle(): void {
    const busy = (): boolean => this.#writing !== undefined || this.#moving || this.#place.opening !== undefined;
    while (!busy() && this.#idle.length > 0 && (this.#queue.bytes === 0 || this.trouble !== undefined)) {
      this.#idle.shift()?.();
    }
  }
}
