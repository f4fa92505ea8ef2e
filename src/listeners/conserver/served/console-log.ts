/** The log of one console: its bytes, and the lines that the server writes between them (spec/conserver.md 9). */
import { textOfCf } from '../../../grammar/conserver/console.ts';
import type { ConsoleRecord, Timestamp } from '../../../grammar/conserver/records.ts';
import { ctime } from '../../../platform/ctime.ts';
import type { DiskFiles } from '../../../platform/files/disk-files.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import type { LogSink, OpenLog } from '../model/ports.ts';
import { noteText, userAtHost } from '../model/rows.ts';
import type { Seat } from '../model/seat.ts';
import type { LogPieces } from '../model/shared-console.ts';
import { lastLogLines } from '../session/replay.ts';
import { LineStamps } from './line-stamps.ts';

/** Milliseconds between checks of the size. */
const SIZE_CHECK_MS = 300_000;
const LAST_BYTES = 2000;
/** More bytes than this in this many milliseconds are a flood. */
const FLOOD = 16_384;
const BURST = 1;
const NO_STAMPS: Timestamp = { activity: false, breaks: false, tasks: false };

export type LogKind = 'always' | 'activity' | 'breaks' | 'tasks';

export class ConsoleLog {
  /** As the configuration has it. */
  readonly path: string | undefined;
  #stamps: Timestamp = NO_STAMPS;
  #limit: number | undefined;
  readonly #openLog: OpenLog;
  readonly #disk: DiskFiles;
  readonly #clock: Clock;
  readonly #complain: (text: string) => void;
  #lines: LineStamps | undefined;
  #sink: LogSink | undefined;
  /** The work started by `close`, even if another one is waited for. */
  #closing: Promise<void> | undefined;
  #on = true;
  #burstBegan = 0;
  #burst = 0;
  #mark: Timer | undefined;
  #sizeCheck: Timer | undefined;

  constructor(
    record: Pick<ConsoleRecord, 'logfile' | 'logfilemax' | 'timestamp'>,
    { openLog, disk, clock }: { readonly openLog: OpenLog; readonly disk: DiskFiles; readonly clock: Clock },
    complain: (text: string) => void,
  ) {
    this.path = record.logfile;
    this.#openLog = openLog;
    this.#disk = disk;
    this.#clock = clock;
    this.#complain = complain;
    this.configure(record);
  }

  /** Other stamps and another limit for the same file. */
  configure({ timestamp, logfilemax }: Pick<ConsoleRecord, 'logfilemax' | 'timestamp'>): void {
    this.#stamps = timestamp ?? NO_STAMPS;
    this.#limit = logfilemax;
    const { every } = this.#stamps;
    this.#lines = every?.unit === 'lines' ? new LineStamps(every.count) : undefined;
    if (this.#sink !== undefined) {
      this.#markLater();
      this.#checkSizeLater();
    }
  }

  get fd(): number {
    return this.#sink?.fd ?? -1;
  }

  /** Whether users have left the log of the console's bytes switched on. */
  get on(): boolean {
    return this.#on;
  }

  get remark(): string {
    return this.#on ? '' : ' (nologging)';
  }

  /** Throws what the system says. */
  open(): void {
    if (this.path === undefined || this.#sink !== undefined) {
      return;
    }
    this.#sink = this.#openLog(textOfCf(this.path), this.#complain);
    this.#markLater();
    this.#checkSizeLater();
  }

  /** Writes everything that a healthy disk takes, then closes the file. */
  async close(): Promise<void> {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#mark?.cancel();
    this.#sizeCheck?.cancel();
    this.#closing = sink?.close(LAST_BYTES) ?? this.#closing;
    await this.#closing;
  }

  reopen(): void {
    this.#sink?.reopen();
  }

  /**
   * Readers never get ahead of the log unless the disk is slow. In a flood nobody looks, and a wait for each piece of 8
   * KiB would take a third of the time: then the log's thread works in parallel.
   */
  settle(bytes: number): void {
    const now = this.#clock.monotonic();
    if (now - this.#burstBegan > BURST) {
      this.#burstBegan = now;
      this.#burst = 0;
    }
    this.#burst += bytes;
    if (this.#burst <= FLOOD) {
      this.#sink?.settle?.();
    }
  }

  /** Bytes of the console; they must not change afterwards. */
  data(bytes: Uint8Array): void {
    if (this.#sink !== undefined && this.#on) {
      const now = this.#clock.now();
      this.#sink.append(this.#lines?.apply(bytes, now) ?? bytes, now);
    }
  }

  /** `[-- text -- time]`, of a kind that `timestamp` may have asked for; `text` is a byte string. */
  line(kind: LogKind, text: string): void {
    if (kind !== 'always' && !this.#stamps[kind]) {
      return;
    }
    const now = this.#clock.now();
    this.#sink?.append(Buffer.from(`[-- ${text} -- ${ctime(now)}]\r\n`, 'latin1'), now);
    this.#sink?.settle?.();
  }

  /** Users switch it off and on; the log names them. */
  note(text: string, by: Seat): void {
    this.line('always', noteText(text, by));
  }

  toggle(by: Seat): void {
    this.setOn(!this.#on, `by ${userAtHost(by)}`);
  }

  setOn(on: boolean, why = ''): void {
    if (this.#on !== on) {
      this.#on = on;
      this.line('always', `Console logging ${on ? 'restored' : 'disabled'} ${why}`.trim());
    }
  }

  /** The last lines; undefined if there is no log to read. */
  async replay(lines: number): Promise<LogPieces | undefined> {
    if (this.path === undefined) {
      return undefined;
    }
    const file = this.#disk.fetch({ path: textOfCf(this.path), anybodys: true });
    return await file.then((open) => lastLogLines(open, lines)).catch(() => undefined);
  }

  /** Marks come at whole multiples of their interval: on the hour, not an hour after the start. */
  #markLater(): void {
    const { every } = this.#stamps;
    this.#mark?.cancel();
    if (every?.unit !== 'minutes') {
      return;
    }
    const interval = every.count * 60_000;
    const now = this.#clock.now();
    const zone = new Date(now).getTimezoneOffset() * 60_000;
    const next = interval - ((now - zone) % interval);
    this.#mark = this.#clock.after(next, () => {
      this.line('always', 'MARK');
      this.#markLater();
    });
  }

  #checkSizeLater(): void {
    this.#sizeCheck?.cancel();
    if (this.#limit === undefined) {
      return;
    }
    this.#sizeCheck = this.#clock.after(SIZE_CHECK_MS, () => {
      const limit = this.#limit as number;
      const stamp = new Date(this.#clock.now()).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
      // The last 2.5 % move to the new file, from a line start on (7.2, logfilemax).
      this.#sink?.moveAside(limit, `-${stamp}`, Math.min(4000, Math.max(100, Math.floor(limit / 40))));
      this.#checkSizeLater();
    });
  }
}
