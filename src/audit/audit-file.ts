/**
 * Appends lines to the chain on disk, in files of bounded size. A thread of its own works on them, so that a disk that hangs holds up
 * nothing but the audit; what it does not take waits, within a bound, and what has no room is counted.
 */
import { constants as os } from 'node:os';
import { LF } from '../model/ascii.ts';
import type { AuditEntry, AuditHead, AuditRecord } from '../model/audit.ts';
import { DiskThread, type Heard } from '../platform/files/disk-thread.ts';
import { diskWords } from '../platform/files/disk-words.ts';
import type { FileAnswer, FileErrand } from '../platform/native.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { inTime } from '../platform/time/in-time.ts';
import { type ChainEnd, chained, hashOf, hashOfTorn, NO_LINES, parseRecord } from './chain.ts';

/** Files that are kept, the current one among them. */
export const FILES = 8;
/** Bytes at the end of a file in which its last line is looked for; no line is longer. */
const TAIL_BYTES = 256 * 1024;
/** Bytes of a beginning in which its first line is looked for. */
const BEGINNING_BYTES = 4096;
/** Bytes that are written at once, unless one line is longer. */
const BATCH_BYTES = 64 * 1024;
/** Entries that wait for a disk; more are counted and lost. */
const MOST_WAITING = 4096;
/** A disk that does not answer for so long has failed, until it answers. */
const PATIENCE_MS = 5000;
/** After a line that nobody waits for. */
const SYNC_DELAY_MS = 1000;
const RETRY_DELAY_MS = 10_000;
const MODE = 0o600;

export interface AuditFileParts {
  readonly path: string;
  /** Bytes of all files together. */
  readonly keep: () => number;
  readonly clock: Clock;
  /** For the line with which a file begins. */
  readonly header: (oldest: number, time: string) => AuditEntry;
  /** It cannot be written; undefined: it can be again. */
  readonly trouble: (why: string | undefined) => void;
  /** Called once for each entry: with its place once it is written, without one where it is lost, or late. */
  readonly copy: (entry: AuditEntry, place?: AuditHead) => void;
}

interface Waiting {
  readonly entry: AuditEntry;
  isCopied: boolean;
}

interface Line {
  readonly line: string;
  readonly end: ChainEnd;
}

/** One write: the opening lines of a file, if it is new, and the first of the waiting ones. */
interface Batch {
  readonly lines: readonly Line[];
  readonly headers: number;
  /** Records lost before this write, as its first line states. */
  readonly missed: number;
}

interface Place {
  readonly fd: number;
  size: number;
  /** Nothing but what is not a line stands in it. */
  isNew: boolean;
  /** It ends within a line. */
  isOpen: boolean;
}

interface Answer {
  readonly result: number;
  readonly answer: FileAnswer | undefined;
}

/** The state of a file as told by its last lines. */
interface Tail {
  readonly size: number;
  readonly isOpen: boolean;
  /** The last line; absent: there is none. */
  readonly line?: string;
  readonly seq?: number;
  /** The bytes after it. */
  readonly scrap: Buffer;
}

export class AuditFile {
  readonly #parts: AuditFileParts;
  #started: DiskThread | undefined;
  #queue: Waiting[] = [];
  #missed = 0;
  /** Undefined: unknown before the first look at the disk. */
  #end: ChainEnd | undefined;
  #oldest = 1;
  #place: Place | undefined;
  #running: Promise<void> | undefined;
  /** It may or may not have been written when the disk failed. */
  #unsure: Batch | undefined;
  #trouble: string | undefined;
  #retry: Timer | undefined;
  #syncDue: Timer | undefined;
  #mustSync = false;
  #tasks: (() => Promise<void>)[] = [];

  constructor(parts: AuditFileParts) {
    this.#parts = parts;
  }

  /** A server without an audit does without it. */
  get #thread(): DiskThread {
    this.#started ??= new DiskThread(this.#parts.clock);
    return this.#started;
  }

  add(entry: AuditEntry): void {
    const isLate = this.#trouble !== undefined;
    const isTooMuch = this.#queue.length >= MOST_WAITING;
    if (isLate || isTooMuch) {
      this.#parts.copy(entry);
    }
    if (isTooMuch) {
      this.#missed++;
      return;
    }
    this.#queue.push({ entry, isCopied: isLate });
    if (!isLate) {
      this.#run();
      this.#syncDue ??= this.#parts.clock.after(SYNC_DELAY_MS, () => this.#sync(), { ref: false });
    }
  }

  /** Resolves when all that was added is on the disk, and not only with the kernel; rejects if it cannot be, or not in time. */
  async settle(): Promise<void> {
    if (this.#started === undefined && this.#queue.length === 0) {
      return;
    }
    this.#mustSync = true;
    await this.#inTime(this.#synced());
    if (this.#trouble !== undefined) {
      throw new Error(this.#trouble);
    }
  }

  /** Does something while no file is renamed; `head`: the newest line that was written, as far as it is known. */
  async still<T>(task: (head: ChainEnd | undefined) => Promise<T>): Promise<T> {
    const { promise, reject, resolve } = Promise.withResolvers<T>();
    this.#tasks.push(() => task(this.#end).then(resolve, reject));
    this.#run();
    return await this.#inTime(promise);
  }

  /** Waiting records are still written, if the disk takes them. */
  close(): void {
    this.#retry?.cancel();
    this.#syncDue?.cancel();
    this.#forget();
    this.#started?.forsake();
    this.#started?.close();
  }

  async #synced(): Promise<void> {
    do {
      this.#run();
      await this.#running;
    } while (this.#mustSync);
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return inTime(this.#parts.clock, PATIENCE_MS, work, () => new Error(HANGS));
  }

  #sync(): void {
    this.#syncDue = undefined;
    this.#mustSync = true;
    this.#run();
  }

  #run(): void {
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
      if (this.#tasks.length > 0 || (this.#trouble === undefined && this.#queue.length > 0)) {
        this.#run();
      }
    });
  }

  async #work(): Promise<void> {
    // One turn later: what happens together is written together.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0 || this.#mustSync) {
        const place = await this.#mustBeOpen();
        if (this.#queue.length > 0) {
          await this.#write(place);
        } else {
          this.#mustSync = false;
          await this.#ask((heard) => this.#thread.sync(place.fd, heard));
        }
        this.#works();
      }
    } catch (error) {
      this.#failed((error as Error).message);
    }
    for (const task of this.#tasks.splice(0)) {
      await task();
    }
  }

  async #write(place: Place): Promise<void> {
    const batch = this.#batch(place);
    if (batch.lines.length === 0) {
      await this.#rotate(place);
      return;
    }
    const text = `${place.isOpen ? '\n' : ''}${batch.lines.map(({ line }) => `${line}\n`).join('')}`;
    const bytes = Buffer.from(text);
    this.#unsure = batch;
    await this.#ask((heard) => this.#thread.write(place.fd, bytes, heard));
    this.#unsure = undefined;
    place.size += bytes.length;
    place.isOpen = false;
    place.isNew = false;
    this.#written(batch, batch.lines.length);
  }

  /** Of as many lines as there is room for in this file; a new one and one that ends within a line take one in any case. */
  #batch({ isNew, isOpen, size }: Place): Batch {
    const waiting = this.#queue.map(({ entry }) => entry);
    const time = waiting[0]?.time ?? '';
    const entries = [...(isNew ? [this.#parts.header(this.#oldest, time)] : []), ...waiting];
    const lines: Line[] = [];
    let end = this.#end ?? NO_LINES;
    let bytes = 0;
    for (const entry of entries) {
      const next = chained(end, entry, lines.length === 0 ? this.#missed : 0);
      const after = bytes + Buffer.byteLength(next.line) + 1;
      const isFull = size + after > this.#most && !isNew && !(isOpen && lines.length === 0);
      if (isFull || (after > BATCH_BYTES && lines.length > 0)) {
        break;
      }
      lines.push(next);
      end = next.end;
      bytes = after;
    }
    return { lines, headers: isNew ? 1 : 0, missed: this.#missed };
  }

  get #most(): number {
    return this.#parts.keep() / FILES;
  }

  #written({ headers, lines, missed }: Batch, count: number): void {
    this.#missed -= missed;
    for (const [index, { end }] of lines.slice(0, count).entries()) {
      this.#end = end;
      const waiting = index < headers ? undefined : this.#queue.shift();
      if (waiting && !waiting.isCopied) {
        this.#parts.copy(waiting.entry, end);
      }
    }
  }

  async #mustBeOpen(): Promise<Place> {
    if (this.#place) {
      const { fd } = this.#place;
      const { result } = await this.#errand({ verb: 'look', fd });
      if (result === 0) {
        return this.#place;
      }
      // Somebody has put it aside or deleted it: the chain goes on, and what is missing is seen by that.
      this.#forget();
    }
    this.#place = await this.#open();
    return this.#place;
  }

  async #open(): Promise<Place> {
    const { result: fd } = await this.#errand({ verb: 'open', mode: MODE });
    try {
      const tail = await this.#tail('');
      const before = tail.line === undefined ? await this.#tail('.1').catch(orNone) : undefined;
      this.#catchUp(tail.line ?? before?.line, endOf(tail, before && endOf(before)));
      await this.#learnOldest(tail.line === undefined ? '.1' : '');
      return { fd, size: tail.size, isNew: tail.line === undefined, isOpen: tail.isOpen };
    } catch (error) {
      this.#thread.closeFile(fd);
      throw error;
    }
  }

  /**
   * What this server knows of the chain counts more than what it finds, so that what was removed is missed; only which of the lines it
   * was just writing are there, it learns from the disk.
   */
  #catchUp(line: string | undefined, found: ChainEnd): void {
    const hash = line === undefined ? undefined : hashOf(line);
    const written = (this.#unsure?.lines ?? []).findIndex(({ end }) => end.hash === hash) + 1;
    if (this.#unsure && written > 0) {
      this.#written(this.#unsure, written);
    }
    this.#unsure = undefined;
    if (this.#end === undefined || (hash ?? NO_LINES.hash) === this.#end.hash) {
      this.#end = found;
    }
  }

  async #rotate(place: Place): Promise<void> {
    await this.#ask((heard) => this.#thread.sync(place.fd, heard));
    await this.#errand({ verb: 'rotate', fd: place.fd, keep: FILES - 1 });
    this.#forget();
  }

  #forget(): void {
    if (this.#place) {
      this.#thread.closeFile(this.#place.fd);
      this.#place = undefined;
    }
  }

  /** From the beginning of the newest file that has one. Where there are as many files as there can be, an older one may have gone since. */
  async #learnOldest(newest: string): Promise<void> {
    const known = await this.#firstRecord(newest);
    const last = await this.#firstRecord(`.${FILES - 1}`);
    this.#oldest = Math.max(this.#oldest, Number(known?.details?.oldest ?? 1), last?.seq ?? 1);
  }

  async #firstRecord(suffix: string): Promise<AuditRecord | undefined> {
    const line = await this.#firstLine(suffix).catch(orNone);
    return line === undefined ? undefined : parseRecord(line);
  }

  async #firstLine(suffix: string): Promise<string | undefined> {
    return await this.#reading(suffix, async (read) => {
      const text = await read(BEGINNING_BYTES, 0);
      return text.includes(LF) ? text.toString('utf8', 0, text.indexOf(LF)) : undefined;
    });
  }

  async #tail(suffix: string): Promise<Tail> {
    return await this.#reading(suffix, async (read, size) => {
      const from = Math.max(0, size - TAIL_BYTES);
      return { ...lastLine(await read(size - from, from)), size };
    });
  }

  async #reading<T>(
    suffix: string,
    use: (read: (bytes: number, position: number) => Promise<Buffer>, size: number) => Promise<T>,
  ): Promise<T> {
    const { result: fd, answer } = await this.#errand({ verb: 'fetch', suffix });
    try {
      return await use(async (bytes, position) => {
        const into = Buffer.alloc(bytes);
        const { result } = await this.#ask((heard) => this.#thread.read(fd, into, position, heard));
        return into.subarray(0, result);
      }, answer?.size ?? 0);
    } finally {
      this.#thread.closeFile(fd);
    }
  }

  #errand(errand: Omit<FileErrand, 'path'>): Promise<Answer> {
    return this.#ask((heard) => this.#thread.ask({ ...errand, path: this.#parts.path }, heard));
  }

  #ask(begin: (heard: Heard) => number): Promise<Answer> {
    const { promise, reject, resolve } = Promise.withResolvers<Answer>();
    const late = this.#parts.clock.after(PATIENCE_MS, () => this.#tell(HANGS), { ref: false });
    begin((result, errno, answer) => {
      late.cancel();
      if (errno === 0) {
        resolve({ result, answer });
      } else {
        reject(Object.assign(new Error(diskWords(errno, answer)), { errno }));
      }
    });
    return promise;
  }

  #works(): void {
    if (this.#trouble !== undefined) {
      this.#trouble = undefined;
      this.#parts.trouble(undefined);
    }
  }

  #failed(why: string): void {
    this.#mustSync = false;
    this.#forget();
    this.#tell(why);
    this.#retry?.cancel();
    this.#retry = this.#parts.clock.after(RETRY_DELAY_MS, () => this.#sync(), { ref: false });
  }

  #tell(why: string): void {
    const isNews = this.#trouble === undefined;
    this.#trouble = why;
    for (const waiting of this.#queue.filter(({ isCopied }) => !isCopied)) {
      waiting.isCopied = true;
      this.#parts.copy(waiting.entry);
    }
    if (isNews) {
      this.#parts.trouble(why);
    }
  }
}

const HANGS = `its file system hangs: no answer within ${PATIENCE_MS / 1000} s`;

function orNone(error: Error & { readonly errno?: number }): undefined {
  if (error.errno !== os.errno.ENOENT) {
    throw error;
  }
}

/** A last line without its line end is whole if it can be read. */
function lastLine(text: Buffer): Omit<Tail, 'size'> {
  const isOpen = text.length > 0 && text.at(-1) !== LF;
  for (let end = isOpen ? text.length : text.length - 1; end > 0; ) {
    const start = text.lastIndexOf(LF, end - 1) + 1;
    const line = text.toString('utf8', start, end);
    const seq = parseRecord(line)?.seq;
    if (seq !== undefined) {
      const scrap = text.subarray(Math.min(end + 1, text.length), isOpen ? text.length : text.length - 1);
      return { isOpen, line, seq, scrap };
    }
    end = start - 1;
  }
  return { isOpen, scrap: text.subarray(0, isOpen ? text.length : Math.max(0, text.length - 1)) };
}

function endOf({ line, scrap, seq }: Tail, before?: ChainEnd): ChainEnd {
  const end = line === undefined || seq === undefined ? (before ?? NO_LINES) : { seq, hash: hashOf(line) };
  return scrap.length === 0 ? end : { seq: end.seq, hash: hashOfTorn(end.hash, scrap), torn: scrap.length };
}
