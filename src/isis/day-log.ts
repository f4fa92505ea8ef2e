import { LF } from '../model/ascii.ts';
import { errnoText } from '../platform/errno-text.ts';
import { DiskCrew } from '../platform/files/disk-crew.ts';
import { DiskThread, type Heard } from '../platform/files/disk-thread.ts';
import { diskWords, errnoWords } from '../platform/files/disk-words.ts';
import type { FileErrand } from '../platform/native.ts';
import { strftime } from '../platform/strftime.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { stamp } from './stamp.ts';
import type { EventSink, IsisClock, IsisLog } from './surroundings.ts';

export interface DayLogOptions {
  readonly root: string;
  readonly logDate: 'UTC' | 'OBS';
  readonly serverId: string;
  /** The time of the messages. */
  readonly clock: IsisClock;
  readonly timers: Clock;
  readonly event: EventSink;
  /** Interface: the line for stdout when the file cannot be opened. */
  readonly complain: (text: string) => void;
}

/** Lines wait at most this long; spec/isis.md 8 allows about a second. */
const FLUSH_MS = 100;
/** A full buffer is written earlier. */
const BUFFER_BYTES = 128 * 1024;
const STAMP_BYTES = 26;
/** Stamp, blank, line end. */
const FRAME_BYTES = STAMP_BYTES + 2;
const BLANK = 32;
/** Bytes that may wait for a stalled disk before lines are dropped and counted. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Results of a look at the file. */
const IN_PLACE = 0;
const HALF_DAY_MS = 43_200_000;
const LOOK_RETRY_DELAY_MS = 1000;
/** Time to wait for an answer of the file system, so that nothing is lost with a healthy one. */
const ANSWER_MS = 50;
/** A file system that does not answer for this long is reported. */
const HANGS_MS = 3000;
/** Time to wait for the disk at the end. */
const LAST_LINES_MS = 2000;
/** The agents of an instrument run under several users: whatever the umask, they can write to the log. */
const MODE = 0o666;

/** The tag of a log file: the UTC date, or for OBS the local date of twelve hours ago (noon to noon, whatever DST does). */
export function dayTag(logDate: 'UTC' | 'OBS', millis: number): string {
  if (logDate === 'UTC') {
    return new Date(millis).toISOString().slice(0, 10).replaceAll('-', '');
  }
  // Not Date: it supports only part of the TZ syntax of the C library (no `<+03>-3`, no rules for summer time).
  return strftime('%Y%m%d', millis - HALF_DAY_MS);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach the log
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
const EVERY_CONTROL = new RegExp(CONTROL.source, 'g');

const NOTHING = Buffer.alloc(0);

/**
 * `<root>.YYYYMMDD.log` (spec/isis.md 8). One message is one line; lines are buffered, and the file is touched by other
 * threads only.
 */
export class DayLog implements IsisLog {
  readonly #options: DayLogOptions;
  #path = '';
  #now = Number.NaN;
  #second = Number.NaN;
  /** The stamp of `#now` with its blank: messages that arrived together have one. */
  readonly #stamp = Buffer.alloc(FRAME_BYTES - 1, BLANK);
  #tag = '';
  #fd: number | undefined;
  /** One opens and looks, the other writes: either may hang. */
  readonly #crew: DiskCrew;
  readonly #thread: DiskThread;
  /** An answer about the file's name is pending. */
  #asking = false;
  #askedAt = 0;
  #toldHanging = false;
  #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #used = 0;
  /** Written buffers, to be reused. */
  #spare: Buffer | undefined;
  /** Buffers of files that were current when they were filled, oldest first. */
  #queue: { fd: number; buffer: Buffer; data: Buffer; last: boolean }[] = [];
  #waiting = 0;
  #writing = false;
  #dropped = 0;
  #timer: Timer | undefined;
  #looked = 0;
  /** Whether the failure to open this file was reported; opening is retried. */
  #complained = false;
  #idle: (() => void) | undefined;
  #closed = false;

  constructor(options: DayLogOptions) {
    this.#options = options;
    this.#crew = new DiskCrew(options.timers);
    this.#thread = new DiskThread(options.timers);
  }

  get path(): string {
    this.#look(this.#options.clock.wall());
    return this.#path;
  }

  write(text: string): void {
    if (this.#begin(text.length)) {
      const line = CONTROL.test(text) ? text.replace(EVERY_CONTROL, '?') : text;
      this.#used += this.#buffer.write(line, this.#used, 'latin1');
      this.#buffer[this.#used] = LF;
      this.#used += 1;
    }
  }

  writeBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.#begin(end - start)) {
      const buffer = this.#buffer;
      let at = this.#used;
      // A loop, since lines are short: `set` would need a view of them.
      for (let from = start; from < end; from += 1, at += 1) {
        buffer[at] = bytes[from] as number;
      }
      buffer[at] = LF;
      this.#used = at + 1;
    }
  }

  /** Writes the stamp, and makes room for so many bytes after it. False: nothing can be written. */
  #begin(length: number): boolean {
    this.#look(this.#options.clock.wall());
    if (this.#fd === undefined) {
      return false;
    }
    if (this.#waiting > MAX_WAITING_BYTES) {
      this.#dropped += 1;
      return false;
    }
    this.#tellDropped();
    this.#room(length + FRAME_BYTES);
    const buffer = this.#buffer;
    const stamped = this.#stamp;
    const at = this.#used;
    for (let i = 0; i < FRAME_BYTES - 1; i += 1) {
      buffer[at + i] = stamped[i] as number;
    }
    this.#used = at + FRAME_BYTES - 1;
    this.#timer ??= this.#options.timers.after(FLUSH_MS, () => this.#flush());
    return true;
  }

  #room(bytes: number): void {
    if (this.#used + bytes > this.#buffer.length) {
      this.#flush();
      if (bytes > this.#buffer.length) {
        this.#buffer = Buffer.allocUnsafeSlow(bytes);
      }
    }
  }

  /** Written in place of dropped lines. */
  #tellDropped(): void {
    if (this.#dropped > 0) {
      const text = `${this.#dropped} lines are missing here: the disk did not keep up`;
      this.#dropped = 0;
      const line = `${stamp(this.#now)} ${text}\n`;
      this.#room(line.length);
      this.#used += this.#buffer.write(line, this.#used, 'latin1');
      this.#timer ??= this.#options.timers.after(FLUSH_MS, () => this.#flush());
      this.#options.event({ kind: 'log-trouble', text });
    }
  }

  /**
   * Writes what waits; resolved when it is in the file. Later lines are not written: nobody would close the file again.
   */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#fd !== undefined) {
      this.#tellDropped();
    }
    this.#flush();
    this.#retire();
    if (this.#writing) {
      await new Promise<void>((resolve) => {
        const limit = this.#options.timers.after(LAST_LINES_MS, resolve);
        this.#idle = () => {
          limit.cancel();
          resolve();
        };
      });
    }
    this.#crew.close();
    this.#thread.forsake();
    this.#thread.close();
  }

  /** The day is looked at with every message; it can only change with the second. */
  #look(wall: number): void {
    if (wall === this.#now || this.#closed) {
      return;
    }
    this.#now = wall;
    const second = Math.floor(wall / 1e6);
    let micros = Math.floor(wall) - second * 1e6;
    for (let at = STAMP_BYTES - 1; at >= STAMP_BYTES - 6; at -= 1) {
      const rest = Math.trunc(micros / 10);
      this.#stamp[at] = 48 + micros - rest * 10;
      micros = rest;
    }
    if (second === this.#second) {
      return;
    }
    this.#second = second;
    this.#stamp.write(stamp(wall), 'latin1');
    const tag = dayTag(this.#options.logDate, second * 1000);
    if (tag !== this.#tag) {
      this.#tag = tag;
      this.#complained = false;
      this.#open(wall);
    } else if (this.#options.clock.monotonic() - this.#looked >= LOOK_RETRY_DELAY_MS) {
      this.#lookForFile(wall);
    }
  }

  #open(wall: number): void {
    this.#flush();
    this.#retire();
    this.#path = `${this.#options.root}.${this.#tag}.log`;
    this.#looked = this.#options.clock.monotonic();
    if (!this.#asking) {
      const path = this.#path;
      this.#ask({ verb: 'open', path, mode: MODE, exact: true, anybodys: true }, (fd, errno, answer) => {
        if (errno === 0 && (this.#closed || path !== this.#path)) {
          this.#crew.send(path, (thread, heard) => thread.closeFile(fd, heard), nothing);
        } else if (errno === 0) {
          this.#opened(fd, wall);
        } else {
          this.#notOpened(answer?.refused ? diskWords(errno, answer) : errnoText(errno));
        }
      });
    }
  }

  /** One at a time; the answer comes before this returns, unless the file system hesitates. */
  #ask(errand: FileErrand, answered: Heard): void {
    this.#asking = true;
    this.#askedAt = this.#options.clock.monotonic();
    this.#toldHanging = false;
    const { thread, ticket } = this.#crew.send(
      errand.path,
      (of, heard) => of.ask(errand, heard),
      (...what) => {
        this.#asking = false;
        answered(...what);
      },
    );
    thread?.wait(ticket, ANSWER_MS);
  }

  #tellHanging(): void {
    if (!this.#toldHanging && this.#looked - this.#askedAt >= HANGS_MS) {
      this.#toldHanging = true;
      const text = `${this.#path}: its file system does not answer${this.#fd === undefined ? '; nothing is logged' : ''}`;
      this.#options.event({ kind: 'log-trouble', text });
    }
  }

  #notOpened(why: string): void {
    if (!this.#complained) {
      this.#complained = true;
      const text = `ERROR: cannot open runtime log file ${this.#path} - ${why}`;
      this.#options.complain(text);
      this.#options.event({ kind: 'log-trouble', text });
    }
  }

  #opened(fd: number, wall: number): void {
    this.#fd = fd;
    this.#complained = false;
    const head = `${'-'.repeat(30)}\n${this.#options.serverId} runtime log (re)started at UTC ${stamp(wall)}\n`;
    // At once: readers must find the header in a new file. Nothing waits for this descriptor before it.
    const ticket = this.#thread.write(fd, Buffer.from(head), (_, errno) => {
      if (errno !== 0) {
        this.#options.event({ kind: 'log-trouble', text: `${this.#path}: ${errnoText(errno)}` });
      }
    });
    this.#thread.wait(ticket, ANSWER_MS);
  }

  /**
   * A log that was moved or removed is reopened, and one that could not be opened (its disk was missing) is retried.
   */
  #lookForFile(wall: number): void {
    this.#looked = this.#options.clock.monotonic();
    if (this.#asking) {
      this.#tellHanging();
      return;
    }
    const fd = this.#fd;
    if (fd === undefined) {
      this.#open(wall);
      return;
    }
    const path = this.#path;
    this.#ask({ verb: 'look', path, fd, anybodys: true }, (sight) => {
      if (sight === IN_PLACE || this.#closed || path !== this.#path || fd !== this.#fd) {
        return;
      }
      this.#options.event({ kind: 'log-trouble', text: `${path} was moved or removed; opened again` });
      this.#open(wall);
    });
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#fd !== undefined && this.#used > 0) {
      const buffer = this.#buffer;
      const data = buffer.subarray(0, this.#used);
      this.#buffer = this.#spare ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
      this.#spare = undefined;
      this.#used = 0;
      this.#waiting += data.length;
      this.#queue.push({ fd: this.#fd, buffer, data, last: false });
      this.#next();
    }
  }

  /** The descriptor is closed after its last byte was written. */
  #retire(): void {
    if (this.#fd !== undefined) {
      this.#queue.push({ fd: this.#fd, buffer: NOTHING, data: NOTHING, last: true });
      this.#fd = undefined;
      this.#next();
    }
  }

  #next(): void {
    const item = this.#queue[0];
    if (this.#writing || !item) {
      return;
    }
    if (item.last) {
      this.#queue.shift();
      this.#closeFile(item.fd);
      return;
    }
    this.#writing = true;
    this.#thread.write(item.fd, item.data, (written, errno) => this.#written(written, errno));
  }

  /** A file server may report only now that it lost what was written. */
  #closeFile(fd: number): void {
    this.#writing = true;
    this.#thread.closeFile(fd, (_, errno) => {
      if (errno !== 0) {
        const text = `A log of ${this.#options.root} was closed: ${errnoText(errno)}`;
        this.#options.event({ kind: 'log-trouble', text });
      }
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#writing = false;
    this.#next();
    if (!this.#writing) {
      this.#idle?.();
    }
  }

  #written(written: number, errno: number): void {
    // All of it, unless it failed.
    const item = this.#queue.shift() as { buffer: Buffer; data: Buffer };
    this.#waiting -= item.data.length;
    if (errno !== 0) {
      const text = `${item.data.length - written} bytes were not written to ${this.#path}: ${errnoWords(errno)}`;
      this.#options.event({ kind: 'log-trouble', text });
    }
    this.#spare = item.buffer.length === BUFFER_BYTES ? item.buffer : this.#spare;
    if (this.#fd !== undefined && this.#waiting < MAX_WAITING_BYTES / 2) {
      this.#tellDropped();
    }
    this.#goOn();
  }
}

function nothing(): void {
  // An idle file is closed.
}
