/** Where a log's file is: opened, looked after, moved aside and let go of, none of it on the thread that serves people. */
import type { Errand } from '../platform/disk-crew.ts';
import { diskWords } from '../platform/disk-words.ts';
import type { FileAnswer, FileErrand } from '../platform/native.ts';
import type { Device, LogDesk } from './log-desk.ts';

/** Which file, and whose it may be (`FileErrand`). */
export type LogPath = Pick<FileErrand, 'path' | 'user' | 'group' | 'mode' | 'exact' | 'anybodys'>;

/**
 * `absent`: there is none, it is tried again. `there`: in its place when it was last looked at. `moved`: its name was seen
 * to be away once. `given`: a descriptor that others opened, with no place to look after.
 */
type State = 'absent' | 'there' | 'moved' | 'given';

/** What a look at the open file can find. */
export type Sight = 'same' | 'elsewhere' | 'deleted';
const SIGHTS: readonly Sight[] = ['same', 'elsewhere', 'deleted'];

/**
 * `stay`: go on with this file. `wait`: a mover that will send SIGHUP gets a moment to do so; until then the output belongs to
 * the file it moved. `replace`: begin a new one. `repeat`: what was written since the last look is gone, and goes into the new one.
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

/** What was begun, when (wall time, milliseconds), in words. */
export interface UnderWay {
  readonly what: string;
  readonly since: number;
}

/** Without an owner's number: standard output. */
const GIVEN = 'given';

export class LogPlace {
  readonly #desk: LogDesk;
  readonly #now: () => number;
  readonly #asked: LogPath;
  #state: State = 'absent';
  #fd = -1;
  #device: Device | undefined;
  #plain = false;
  /** Files that were opened so far. */
  #files = 0;
  #opening: Errand | undefined;
  #underWay: UnderWay | undefined;
  #closed = false;

  constructor(asked: LogPath, desk: LogDesk, now: () => number) {
    this.#asked = asked;
    this.#desk = desk;
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

  /** Whether the file has a name that we look after. */
  get isOurs(): boolean {
    return this.#state !== 'given';
  }

  get files(): number {
    return this.#files;
  }

  /** Whether the file is a regular one that has this name: of all else the name is not ours to move. */
  get isPlain(): boolean {
    return this.#plain;
  }

  get moved(): boolean {
    return this.#state === 'moved';
  }

  get opening(): Errand | undefined {
    return this.#opening;
  }

  get underWay(): UnderWay | undefined {
    return this.#underWay;
  }

  give(fd: number): void {
    this.#state = 'given';
    this.#fd = fd;
    this.#device = this.#desk.device(`${GIVEN}:${fd}`);
  }

  /** Opens the file of the name, then lets go of the one that was open. `done` gets what was found, or why there is none. */
  open(done: (found: FileAnswer | undefined, problem: string) => void): void {
    this.#opening = this.#send('opening it', { verb: 'open' }, (fd, errno, answer) => {
      this.#opening = undefined;
      if (errno === 0 && this.#closed) {
        this.#desk.crew.send(
          this.#asked.path,
          (thread, heard) => thread.closeFile(fd, heard),
          () => undefined,
        );
      } else if (errno === 0 && answer) {
        const old = { fd: this.#fd, device: this.#device };
        this.#take(fd, answer);
        this.#letGo(old);
        done(answer, '');
        return;
      }
      done(undefined, diskWords(errno, answer));
    });
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

  /** What follows from what was seen. */
  saw(sight: Sight): Step {
    const { to, step } = STEPS[this.#state][sight];
    this.#state = to;
    return step;
  }

  /** `log` becomes `log.1`, and so on. Whether that; not where the name is another file's by now. Throws what stands in the way. */
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

  sync(done: () => void): void {
    const fd = this.#fd;
    // Named by the log, not its folder: others are not to wait for a disk that is slow to sync.
    this.#desk.crew.send(`${this.#asked.path}/sync`, (thread, heard) => thread.sync(fd, heard), done);
  }

  /** Lets go of the file; what was given to its thread is still written. */
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
      this.#desk.leave(device);
    }
  }

  close(): void {
    this.#closed = true;
    this.drop();
  }

  #take(fd: number, { device, plain }: FileAnswer): void {
    this.#fd = fd;
    this.#state = 'there';
    this.#plain = plain;
    this.#files++;
    this.#device = this.#desk.device(device);
  }

  #send(
    what: string,
    errand: Pick<FileErrand, 'verb' | 'fd' | 'keep'>,
    heard: (result: number, errno: number, answer?: FileAnswer) => void,
  ): Errand {
    const underWay = { what, since: this.#now() };
    this.#underWay = underWay;
    this.#desk.begun();
    return this.#desk.crew.send(
      this.#asked.path,
      (thread, answered) => thread.ask({ ...this.#asked, ...errand }, answered),
      (...found) => {
        if (this.#underWay === underWay) {
          this.#underWay = undefined;
        }
        heard(...found);
      },
    );
  }
}

const ESTALE = 116;
