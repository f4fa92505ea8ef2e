/**
 * The log of one console (spec/procserv.md 7). Every write happens on the thread of its file system, one at a time and
 * in order; output that a stalled or full disk cannot take waits in a bounded queue (log-queue.ts), and output that
 * does not fit is counted and recorded in the log itself. log-place.ts is the place of the file, log-upkeep.ts its
 * maintenance, log-turn.ts the permitted operation.
 */
import { constants as os } from 'node:os';
import type { LogTrouble } from '../model/holder-protocol.ts';
import { errnoWords } from '../platform/files/disk-words.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { LogOptions } from './log-options.ts';
import { LogPlace, type UnderWay } from './log-place.ts';
import { LogQueue } from './log-queue.ts';
import { LogSync } from './log-sync.ts';
import { LogTroubles } from './log-trouble.ts';
import { LogTurn } from './log-turn.ts';
import { LogUpkeep } from './log-upkeep.ts';
import type { LogWriter } from './log-writer.ts';

/** Written at once when this much is queued, whatever the delay of the writer. */
const GATHER_BYTES = 128 << 10;
/** An operation that takes longer is reported. */
const HANG_MS = 3000;
/** The time until a full FIFO is tried again. */
const FIFO_PAUSE_MS = 20;

export class LogFile {
  readonly #options: LogOptions;
  readonly #writer: LogWriter;
  readonly #clock: Clock;
  readonly #place: LogPlace;
  readonly #queue: LogQueue;
  readonly #troubles: LogTroubles;
  readonly #turn = new LogTurn();
  readonly #upkeep: LogUpkeep;
  readonly #sync: LogSync;
  /** The write under way. */
  #write: { readonly ticket: number; readonly since: number } | undefined;
  /** Callbacks that wait until nothing is under way, and everything is written or cannot be. */
  readonly #whenIdle: (() => void)[] = [];

  constructor(options: LogOptions, writer: LogWriter, clock: Clock) {
    this.#options = options;
    this.#queue = new LogQueue(options.budget);
    this.#writer = writer;
    this.#clock = clock;
    const { anybodys = false, exact = false, group, mode, path, user } = options;
    const given = { ...(user && { user }), ...(group && { group }), ...(mode !== undefined && { mode }) };
    this.#place = new LogPlace({ path, anybodys, exact, ...given }, writer, () => clock.now());
    this.#troubles = new LogTroubles(path, options.report);
    this.#upkeep = new LogUpkeep({
      ...{ options, clock, crew: writer.crew },
      ...{ place: this.#place, queue: this.#queue, troubles: this.#troubles, turn: this.#turn },
      missing: (bytes, reason) => this.#tellLoss(bytes, reason),
      goOn: () => {
        this.#goOn();
        this.#answerIdle();
      },
    });
    this.#sync = new LogSync(this.#place, options.sync, clock);
  }

  /** Begins to open the file. An obstacle is reported, and it is retried. */
  open(): void {
    this.#writer.join(this);
    this.#openFirst();
  }

  /** The same with a new file; `problem` gets the reason if the old one is not kept under another name. */
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
    this.#upkeep.open(() => {
      this.#goOn();
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

  /** The obstacle to opening it; undefined also while that is unknown. */
  get problem(): Error | undefined {
    return this.#place.problem;
  }

  /** -1 when there is none. */
  get fd(): number {
    return this.#place.fd;
  }

  get trouble(): LogTrouble | undefined {
    return this.#troubles.now;
  }

  /** Appends output, which must not change any more; `time` is the wall time for the stamp, milliseconds. */
  append(data: Uint8Array, time: number): void {
    this.mark(this.#options.outputStamper?.apply(data, time) ?? data, time);
  }

  /** The same for a mark. */
  mark(data: Uint8Array, time: number): void {
    this.#options.copy?.(data);
    if (this.#turn.state === 'closed') {
      return;
    }
    const bytes = this.#options.stamper?.apply(data, time) ?? data;
    if (!this.#queue.fits(bytes)) {
      if (this.#queue.lose(bytes)) {
        this.#options.lost?.(`log file ${this.#options.path} is losing output: ${this.#queue.reason}`);
      }
      this.#flush();
      return;
    }
    this.#queue.push(bytes);
    if (this.#writer.delay === 0 || this.#queue.bytes >= GATHER_BYTES) {
      this.#flush();
    } else if (!this.#writer.gathers(this)) {
      this.#writer.soon(this, () => this.#flush());
    }
  }

  /**
   * Waits until everything is passed to the kernel, as long as the writer's patience lasts: a stalled disk stops
   * nothing else.
   */
  settle(): void {
    let { opening } = this.#place;
    for (; opening?.thread && this.#turn.state !== 'moving'; opening = this.#place.opening) {
      if (!this.#writer.wait(opening.thread, opening.ticket) || this.#place.opening === opening) {
        return;
      }
    }
    for (let write = this.#write; write; write = this.#write) {
      const { device } = this.#place;
      if (!device || !this.#writer.wait(device.thread, write.ticket) || this.#write === write) {
        return;
      }
    }
  }

  /** Closes and opens the same name again (SIGHUP). */
  reopen(): void {
    if (this.#place.isOurs) {
      this.#doWhenIdle(() => this.#upkeep.reopen());
    }
  }

  /** Moves a file of `limit` bytes aside: its name gets the suffix, its last lines, at most `tail` bytes, begin the new one. */
  moveAside(limit: number, suffix: string, tail: number): void {
    this.#doWhenIdle(() => this.#upkeep.moveAside(limit, suffix, tail));
  }

  /** Writes everything that a healthy disk takes within `milliseconds`, then closes the file. */
  async close(milliseconds: number): Promise<void> {
    this.#upkeep.close();
    this.#sync.close();
    await new Promise<void>((resolve) => {
      const limit = this.#clock.after(milliseconds, resolve);
      this.#doWhenIdle(() => {
        limit.cancel();
        resolve();
      });
    });
    const missing = this.#queue.bytes + this.#queue.lost;
    if (missing > 0) {
      this.#tellLoss(missing, this.#troubles.now?.text ?? 'the disk does not keep up');
    }
    this.#turn.take('close');
    this.#queue.forget();
    this.#writer.forget(this);
    this.#place.close();
  }

  abandon(): void {
    this.#upkeep.close();
    this.#sync.close();
    this.#turn.take('close');
  }

  /** Reports a hanging operation; returns whether any is under way. */
  lookAfter(): boolean {
    const write = this.#write && { what: 'a write', since: this.#write.since };
    const underWay: readonly UnderWay[] = [...(write ? [write] : []), ...this.#place.underWay];
    const hangs = underWay.find(({ since }) => this.#clock.now() - since >= HANG_MS);
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

  /** Gives the thread the next write: everything that waits, in one piece. */
  #flush(): void {
    const { device, fd } = this.#place;
    if (this.#turn.state !== 'idle' || !device) {
      return;
    }
    // A failure to move it aside does not concern the lines in it.
    if (this.#queue.lost > 0 && (!this.trouble || this.#troubles.is('move'))) {
      const gap = this.#queue.confess();
      if (gap) {
        this.#tellLoss(gap.bytes, gap.reason);
      }
    }
    const bytes = this.#queue.take();
    if (bytes === undefined) {
      return;
    }
    this.#turn.take('write');
    const ticket = device.thread.write(fd, bytes, (written, errno) => this.#written(bytes, written, errno));
    this.#write = { ticket, since: this.#clock.now() };
    this.#writer.begun();
  }

  #written(bytes: Uint8Array, written: number, errno: number): void {
    this.#write = undefined;
    const isFull = errno === os.errno.EAGAIN;
    if (!this.#turn.take(isFull ? 'filled' : 'written')) {
      return;
    }
    this.#queue.written(bytes, written);
    this.#upkeep.wrote(bytes.subarray(0, written));
    if (isFull) {
      this.#clock.after(FIFO_PAUSE_MS, () => {
        this.#turn.take('room');
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
    this.#sync.soon();
    if (!this.#upkeep.rotateAfterWrite()) {
      this.#goOn();
      this.#upkeep.watch();
    }
    this.#answerIdle();
  }

  #failed(errno: number): void {
    this.#queue.reason = errnoWords(errno);
    const text = `cannot write log file ${this.#options.path}: ${this.#queue.reason}; ${this.#queue.bytes} bytes wait`;
    this.#troubles.begin('write', text, this.#clock.now());
    // The oldest file is removed, which may free the necessary room.
    this.#upkeep.rotateIfDue();
    this.#upkeep.watch();
    this.#answerIdle();
  }

  /** Writes output that has waited for a write or a move to end; gathered output has its own time. */
  #goOn(): void {
    if (!this.#writer.gathers(this) || this.#queue.bytes >= GATHER_BYTES || this.#whenIdle.length > 0) {
      this.#flush();
    }
  }

  #doWhenIdle(action: () => void): void {
    this.#whenIdle.push(action);
    this.#flush();
    this.#answerIdle();
  }

  #answerIdle(): void {
    const isIdle = () => this.#turn.isFree && !this.#place.opening && (this.#queue.bytes === 0 || this.trouble);
    while (this.#whenIdle.length > 0 && isIdle()) {
      this.#whenIdle.shift()?.();
    }
  }
}
