/**
 * The place of a log's file: it is opened, checked, moved aside and released, never on the thread that serves clients.
 */
import { LF } from '../model/ascii.ts';
import type { Begin, Errand } from '../platform/files/disk-crew.ts';
import { DiskFault } from '../platform/files/disk-files.ts';
import type { Heard } from '../platform/files/disk-thread.ts';
import { diskWords } from '../platform/files/disk-words.ts';
import type { FileAnswer, FileErrand } from '../platform/native.ts';
import type { Device, LogWriter } from './log-writer.ts';

/** The file, and its permitted owner (`FileErrand`). */
export type LogPath = Pick<FileErrand, 'path' | 'user' | 'group' | 'mode' | 'exact' | 'anybodys'>;

/**
 * `absent`: there is none, opening is retried. `there`: in its place at the last check. `moved`: its name was missing
 * at one check. `given`: a descriptor that others opened, without a place to check.
 */
type State = 'absent' | 'there' | 'moved' | 'given';

/** The possible results of a check of the open file. */
export type Sight = 'same' | 'elsewhere' | 'deleted';
const SIGHTS: readonly Sight[] = ['same', 'elsewhere', 'deleted'];

/**
 * `stay`: go on with this file. `wait`: a mover that will send SIGHUP gets a moment to do so; until then the output
 * belongs to the file it moved. `replace`: begin a new one. `repeat`: the output since the last check is lost, and is
 * written again into the new one.
 */
export type Step = 'stay' | 'wait' | 'replace' | 'repeat';

const STEPS: Readonly<Record<State, Readonly<Record<Sight, { readonly to: State; readonly step: Step }>>>> = {
  absent: {
    same: { to: 'absent', step: 'replace' },
    elsewhere: { to: 'absent', step: 'replace' },
    deleted: { to: 'absent', step: 'replace' },
  },
  there: {
    same: { to: 'there', step: 'stay' },
    elsewhere: { to: 'moved', step: 'wait' },
    deleted: { to: 'absent', step: 'repeat' },
  },
  moved: {
    same: { to: 'there', step: 'stay' },
    elsewhere: { to: 'moved', step: 'replace' },
    deleted: { to: 'absent', step: 'repeat' },
  },
  given: {
    same: { to: 'given', step: 'stay' },
    elsewhere: { to: 'given', step: 'stay' },
    deleted: { to: 'given', step: 'stay' },
  },
};

/** An operation under way, its start (wall time, milliseconds), its description. */
export interface UnderWay {
  readonly what: string;
  readonly since: number;
}

/** The name now belongs to another file. */
const ESTALE = 116;

export class LogPlace {
  readonly #writer: LogWriter;
  readonly #now: () => number;
  readonly #asked: LogPath;
  #state: State = 'absent';
  #fd = -1;
  #device: Device | undefined;
  #plain = false;
  /** The number of files opened so far. */
  #files = 0;
  #opening: Errand | undefined;
  #problem: Error | undefined;
  readonly #underWay = new Set<UnderWay>();
  #closed = false;

  constructor(asked: LogPath, writer: LogWriter, now: () => number) {
    this.#asked = asked;
    this.#writer = writer;
    this.#now = now;
  }

  /** -1 when there is none. */
  get fd(): number {
    return this.#fd;
  }

  /** The file system of the open file. */
  get device(): Device | undefined {
    return this.#device;
  }

  /** Whether the file has a name that we maintain. */
  get isOurs(): boolean {
    return this.#state !== 'given';
  }

  get files(): number {
    return this.#files;
  }

  /** Whether the file is a regular one that has this name: otherwise the name is not ours to move. */
  get isPlain(): boolean {
    return this.#plain;
  }

  get moved(): boolean {
    return this.#state === 'moved';
  }

  /** The obstacle to opening it; undefined also while that is unknown. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  get opening(): Errand | undefined {
    return this.#opening;
  }

  get underWay(): Iterable<UnderWay> {
    return this.#underWay;
  }

  give(fd: number): void {
    this.#state = 'given';
    this.#fd = fd;
    this.#device = this.#writer.device(`given:${fd}`);
  }

  /** Renames an existing file to `log_DATE_TIME`, unless it is empty. `done` gets the obstacle, if any. */
  save(done: (problem: string | undefined) => void): void {
    this.#opening = this.#send('keeping the old one', { verb: 'save' }, (_, errno, answer) => {
      this.#opening = undefined;
      done(errno === 0 ? undefined : diskWords(errno, answer));
    });
  }

  /**
   * Opens the file of the name, then releases the one that was open. `done` gets the result of the check, or why there
   * is no file.
   */
  open(done: (found: FileAnswer | Error) => void): void {
    this.#opening = this.#send('opening it', { verb: 'open' }, (fd, errno, answer) => {
      this.#opening = undefined;
      if (this.#closed) {
        // It came too late, and is no longer needed.
        this.#release(fd, errno);
        return;
      }
      const found = this.#found(fd, errno, answer);
      this.#problem = found instanceof Error ? found : undefined;
      done(found);
    });
  }

  /** Changes to the opened file, or reports why there is none. */
  #found(fd: number, errno: number, answer: FileAnswer | undefined): FileAnswer | Error {
    if (errno !== 0 || !answer) {
      const words = diskWords(errno, answer);
      return answer?.refused ? new Error(words) : new DiskFault(errno, words);
    }
    const old = { fd: this.#fd, device: this.#device };
    try {
      this.#take(fd, answer);
    } catch (error) {
      // There is no thread for its file system: none can be created now.
      this.#release(fd, errno);
      return error as Error;
    }
    this.#letGo(old);
    return answer;
  }

  #release(fd: number, errno: number): void {
    if (errno === 0) {
      this.#writer.crew.send(
        this.#asked.path,
        (thread, heard) => thread.closeFile(fd, heard),
        () => undefined,
      );
    }
  }

  /** The same file as the one of the name now? */
  look(): Promise<Sight> {
    if (this.#fd < 0) {
      return Promise.resolve('deleted');
    }
    const { promise, resolve } = Promise.withResolvers<Sight>();
    this.#send('a look at it', { verb: 'look', fd: this.#fd }, (found) => resolve(SIGHTS[found] ?? 'elsewhere'));
    return promise;
  }

  /** The consequence of a check. */
  saw(sight: Sight): Step {
    const { to, step } = STEPS[this.#state][sight];
    this.#state = to;
    return step;
  }

  /**
   * `log` becomes `log.1`, and so on. Returns whether it did; not if the name belongs to another file by now. Throws
   * the obstacle.
   */
  moveAside(keep: number): Promise<boolean> {
    const { promise, reject, resolve } = Promise.withResolvers<boolean>();
    this.#send('moving it aside', { verb: 'rotate', fd: this.#fd, keep }, (_, errno, answer) => {
      if (errno === 0 || errno === ESTALE) {
        resolve(errno === 0);
      } else {
        reject(new Error(`cannot be moved aside: ${diskWords(errno, answer)}`));
      }
    });
    return promise;
  }

  /**
   * Moves the file aside, to the name with this suffix, except for its last lines, at most `tail` bytes: those are cut
   * off and returned. Does nothing if it has fewer than `limit` bytes, or its name belongs to another file by now.
   */
  async cutOff(limit: number, suffix: string, tail: number): Promise<Uint8Array | undefined> {
    const { fd } = this;
    const { answer } = await this.#job((thread, heard) => thread.status(fd, heard));
    const size = answer?.size ?? 0;
    if (size < limit || !this.#plain) {
      return undefined;
    }
    try {
      await this.#job((thread, heard) => thread.ask({ ...this.#asked, verb: 'rotate', fd, suffix }, heard));
    } catch (error) {
      if ((error as DiskFault).errno === ESTALE) {
        return undefined;
      }
      throw error;
    }
    const part = { ...this.#asked, suffix };
    const { result: old } = await this.#job((thread, heard) => thread.ask({ ...part, verb: 'fetch' }, heard));
    const end = Buffer.alloc(Math.min(tail, size));
    const { result: read } = await this.#job((thread, heard) =>
      thread.read(old, end, size - end.length, heard),
    ).finally(() =>
      this.#begin(
        'closing the old one',
        (thread, heard) => thread.closeFile(old, heard),
        () => undefined,
      ),
    );
    const lines = end.subarray(end.indexOf(LF) + 1, read);
    await this.#job((thread, heard) => thread.ask({ ...part, verb: 'cut', size: size - lines.length }, heard));
    return lines;
  }

  sync(done: () => void): void {
    const fd = this.#fd;
    // Keyed by the log, not its folder: others must not wait for a disk that is slow to sync.
    this.#begin('a sync', (thread, heard) => thread.sync(fd, heard), done, `${this.#asked.path}/sync`);
  }

  /** Releases the file; writes given to its thread are still done. */
  drop(): void {
    this.#letGo({ fd: this.#fd, device: this.#device });
    this.#device = undefined;
    this.#fd = -1;
  }

  #letGo({ fd, device }: { readonly fd: number; readonly device: Device | undefined }): void {
    if (device) {
      if (this.isOurs) {
        device.thread.closeFile(fd);
      }
      this.#writer.leave(device);
    }
  }

  close(): void {
    this.#closed = true;
    this.drop();
  }

  #take(fd: number, { device, plain }: FileAnswer): void {
    this.#device = this.#writer.device(device);
    this.#fd = fd;
    this.#state = 'there';
    this.#plain = plain;
    this.#files++;
  }

  #job(begin: Begin): Promise<{ readonly result: number; readonly answer: FileAnswer | undefined }> {
    const { promise, reject, resolve } = Promise.withResolvers<{ result: number; answer: FileAnswer | undefined }>();
    this.#begin('moving it aside', begin, (result, errno, answer) =>
      errno === 0
        ? resolve({ result, answer })
        : reject(new DiskFault(errno, `cannot be moved aside: ${diskWords(errno, answer)}`)),
    );
    return promise;
  }

  #send(what: string, errand: Pick<FileErrand, 'verb' | 'fd' | 'keep'>, heard: Heard): Errand {
    return this.#begin(what, (thread, answered) => thread.ask({ ...this.#asked, ...errand }, answered), heard);
  }

  #begin(what: string, begin: Begin, heard: Heard, place = this.#asked.path): Errand {
    const underWay = { what, since: this.#now() };
    this.#underWay.add(underWay);
    this.#writer.begun();
    return this.#writer.crew.send(place, begin, (...found) => {
      this.#underWay.delete(underWay);
      heard(...found);
    });
  }
}
