import { closeSync, fchmodSync, fstatSync, openSync, statSync, write, writeSync } from 'node:fs';
import { stamp } from './stamp.ts';
import type { EventSink, IsisClock, IsisLog } from './surroundings.ts';
import { systemText } from './system-text.ts';

export interface DayLogOptions {
  readonly root: string;
  readonly logDate: 'UTC' | 'OBS';
  readonly serverId: string;
  readonly clock: IsisClock;
  readonly event: EventSink;
  /** Interface: the line for stdout when the file cannot be opened. */
  readonly complain: (text: string) => void;
}

/** Lines wait at most this long; the reference allows about a second. */
const FLUSH_MS = 100;
const FLUSH_CHARACTERS = 64 * 1024;
/** What may wait for a stalled disk before lines are dropped and counted. */
const MOST_WAITING = 16 * 1024 * 1024;
const HALF_DAY_MS = 43_200_000;
const LOOK_AGAIN_MS = 1000;

const two = (value: number): string => String(value).padStart(2, '0');

/** The tag of a log file: the UTC date, or for OBS the local date of twelve hours ago (noon to noon, whatever DST does). */
export function dayTag(logDate: 'UTC' | 'OBS', millis: number): string {
  if (logDate === 'UTC') {
    return new Date(millis).toISOString().slice(0, 10).replaceAll('-', '');
  }
  const day = new Date(millis - HALF_DAY_MS);
  return `${day.getFullYear()}${two(day.getMonth() + 1)}${two(day.getDate())}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach the log
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
const EVERY_CONTROL = new RegExp(CONTROL.source, 'g');

/** Section 8: `<root>.YYYYMMDD.log`. One message is one line; lines are buffered and written by a thread of the pool. */
export class DayLog implements IsisLog {
  readonly #options: DayLogOptions;
  #path = '';
  #second = Number.NaN;
  #tag = '';
  #fd: number | undefined;
  #lines = '';
  /** Buffers of files that were current when they were filled, oldest first. */
  #queue: { fd: number; data: Buffer; last: boolean }[] = [];
  #waiting = 0;
  #writing = false;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #looked = 0;
  #idle: (() => void) | undefined;

  constructor(options: DayLogOptions) {
    this.#options = options;
  }

  get path(): string {
    this.#look(this.#options.clock.wall());
    return this.#path;
  }

  write(text: string): void {
    const now = this.#options.clock.wall();
    this.#look(now);
    if (this.#fd === undefined) {
      return;
    }
    if (this.#waiting > MOST_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#lines += `${stamp(now)} ${CONTROL.test(text) ? text.replace(EVERY_CONTROL, '?') : text}\n`;
    if (this.#lines.length >= FLUSH_CHARACTERS) {
      this.#flush();
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
    }
  }

  /** Writes what waits; resolved when it is in the file. */
  async close(): Promise<void> {
    this.#flush();
    this.#retire();
    if (this.#writing) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
  }

  /** The day is looked at with every message; it can only change with the second. */
  #look(wall: number): void {
    const second = Math.floor(wall / 1e6);
    if (second === this.#second) {
      return;
    }
    this.#second = second;
    const tag = dayTag(this.#options.logDate, second * 1000);
    if (tag !== this.#tag) {
      this.#tag = tag;
      this.#open(wall);
    } else if (this.#options.clock.monotonic() - this.#looked >= LOOK_AGAIN_MS) {
      this.#lookForFile(wall);
    }
  }

  #open(wall: number): void {
    this.#flush();
    this.#retire();
    this.#path = `${this.#options.root}.${this.#tag}.log`;
    this.#looked = this.#options.clock.monotonic();
    try {
      this.#fd = openSync(this.#path, 'a', 0o666);
    } catch (error) {
      const text = `ERROR: cannot open runtime log file ${this.#path} - ${systemText(error)}`;
      this.#options.complain(text);
      this.#options.event({ kind: 'log-trouble', text });
      return;
    }
    try {
      // The agents of an instrument run under several users: whatever the umask, the log is theirs too.
      fchmodSync(this.#fd, 0o666);
    } catch {
      // Somebody else's file: its mode stays as its owner wants it.
    }
    const head = `${'-'.repeat(30)}\n${this.#options.serverId} runtime log (re)started at UTC ${stamp(wall)}\n`;
    // At once: whoever finds the file new finds its head in it. Before it nothing waits for this descriptor.
    try {
      writeSync(this.#fd, head);
    } catch (error) {
      this.#options.event({ kind: 'log-trouble', text: `${this.#path}: ${systemText(error)}` });
    }
  }

  /** A log that was moved or removed under us is opened anew. */
  #lookForFile(wall: number): void {
    this.#looked = this.#options.clock.monotonic();
    if (this.#fd === undefined) {
      return;
    }
    try {
      const there = statSync(this.#path);
      const ours = fstatSync(this.#fd);
      if (there.ino === ours.ino && there.dev === ours.dev) {
        return;
      }
    } catch {
      // Gone: opened anew below.
    }
    this.#options.event({ kind: 'log-trouble', text: `${this.#path} was moved or removed; opened anew` });
    this.#open(wall);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#fd !== undefined && this.#lines !== '') {
      const data = Buffer.from(this.#lines, 'latin1');
      this.#lines = '';
      this.#waiting += data.length;
      this.#queue.push({ fd: this.#fd, data, last: false });
      this.#next();
    }
  }

  /** The descriptor is closed after its last byte was written. */
  #retire(): void {
    if (this.#fd !== undefined) {
      this.#queue.push({ fd: this.#fd, data: Buffer.alloc(0), last: true });
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
      closeSync(item.fd);
      this.#next();
      return;
    }
    this.#writing = true;
    write(item.fd, item.data, 0, item.data.length, null, (error, written) => this.#written(error, written));
  }

  #written(error: Error | null, written: number): void {
    this.#writing = false;
    const item = this.#queue[0] as { fd: number; data: Buffer };
    this.#waiting -= error ? item.data.length : written;
    if (error) {
      const text = `${item.data.length} bytes were not written to ${this.#path}: ${error.message}`;
      this.#options.event({ kind: 'log-trouble', text });
    }
    if (error || written === item.data.length) {
      this.#queue.shift();
    } else {
      item.data = item.data.subarray(written);
    }
    if (this.#dropped > 0 && this.#fd !== undefined && this.#waiting < MOST_WAITING / 2) {
      const text = `${this.#dropped} lines are missing here: the disk did not keep up`;
      this.#dropped = 0;
      this.#options.event({ kind: 'log-trouble', text });
      this.#lines = `${stamp(this.#options.clock.wall())} ${text}\n${this.#lines}`;
    }
    this.#next();
    if (!this.#writing) {
      this.#idle?.();
    }
  }
}
