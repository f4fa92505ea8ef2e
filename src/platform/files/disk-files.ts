/** Reads files on file systems that may hang: nothing here blocks, uses a thread that others need, or takes forever. */

import type { FileAnswer, FileErrand } from '../native.ts';
import type { Clock } from '../time/clock.ts';
import { type Begin, DiskCrew, type Errand } from './disk-crew.ts';
import { diskWords } from './disk-words.ts';

/** Milliseconds a disk has for each answer. */
const LIMIT_MS = 5000;

/** An error of a disk, or that it does not answer. */
export class DiskFault extends Error {
  /** 0: it did not answer. */
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

/** An open file. */
export interface DiskFile {
  readonly fd: number;
  /** As it was when it was opened. */
  readonly found: FileAnswer;
  /** Bytes read, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  status(): Promise<FileAnswer>;
  close(): void;
}

interface Answer {
  readonly result: number;
  readonly answer: FileAnswer | undefined;
}

export class DiskFiles {
  readonly #clock: Clock;
  readonly #crew: DiskCrew;
  readonly #limit: number;

  /** `limit`: milliseconds. */
  constructor(clock: Clock, limit = LIMIT_MS) {
    this.#clock = clock;
    this.#crew = new DiskCrew(clock);
    this.#limit = limit;
  }

  async ask(errand: FileErrand): Promise<Answer> {
    return await this.#send(errand.path, (thread, heard) => thread.ask(errand, heard));
  }

  /** Opens a file of a log to read. Anything but a regular file is refused, since reading from it would consume it. */
  async fetch(errand: Omit<FileErrand, 'verb'>): Promise<DiskFile> {
    const { path } = errand;
    const close = (fd: number) => void this.#crew.send(path, (thread, heard) => thread.closeFile(fd, heard), ignore);
    const { result: fd, answer } = await this.#send(
      path,
      (thread, heard) => thread.ask({ ...errand, verb: 'fetch' }, heard),
      close,
    );
    return {
      fd,
      found: answer as FileAnswer,
      read: async (into, position) =>
        (await this.#send(path, (thread, heard) => thread.read(fd, into, position, heard))).result,
      status: async () => (await this.#send(path, (thread, heard) => thread.status(fd, heard))).answer as FileAnswer,
      close: () => close(fd),
    };
  }

  close(): void {
    this.#crew.close();
  }

  /** `late` gets a result that arrives after the caller gave up. */
  #send(path: string, begin: Begin, late: (result: number) => void = ignore): Promise<Answer> {
    const { promise, reject, resolve } = Promise.withResolvers<Answer>();
    let over = false;
    const errand: Errand = this.#crew.send(path, begin, (result, errno, answer) => {
      limit.cancel();
      if (over && errno === 0) {
        late(result);
      } else if (errno === 0) {
        resolve({ result, answer });
      } else {
        reject(new DiskFault(errno, diskWords(errno, answer)));
      }
    });
    const limit = this.#clock.after(this.#limit, () => {
      over = true;
      this.#crew.withdraw(errand);
      reject(new DiskFault(0, `its file system hangs: no answer within ${this.#limit / 1000} s`));
    });
    return promise;
  }
}

function ignore(): void {
  // Nothing can be done about it.
}
