/** The server's own messages: `[time] conserver (pid): text` (spec/conserver.md 7.3). */

import { ctime } from '../platform/ctime.ts';
import { complain as sayOnStderr } from '../platform/process/complain.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { LogFile } from '../terminal/log-file.ts';
import { LogWriter } from '../terminal/log-writer.ts';

/** Milliseconds for which the end of a file waits for the disk. */
const LAST_BYTES_MS = 2000;
const STDOUT = 1;
/** Less the umask, as the original has it. */
const MODE = 0o644;

export class ConserverJournal {
  readonly #writer = new LogWriter(clock);
  #sink: LogFile | undefined;
  #path: string | undefined;

  /** Writes to a file from now on, or to standard output. */
  use(path: string | undefined): void {
    if (this.#sink === undefined || path !== this.#path) {
      // A file that cannot be opened leaves things as they are.
      const sink = path === undefined ? this.stdout() : this.open(path);
      void this.#sink?.close(LAST_BYTES_MS);
      this.#path = path;
      this.#sink = sink;
    }
  }

  say = (text: string): void => {
    this.#sink?.append(Buffer.from(`${stamp()}${text}\n`, 'latin1'), clock.now());
    this.#sink?.settle();
  };

  /** Errors go to standard error, unless there is a file. */
  complain = (text: string): void => {
    if (this.#path === undefined) {
      sayOnStderr(Buffer.from(`${stamp()}ERROR: ${text}\n`, 'latin1'));
    } else {
      this.say(`ERROR: ${text}`);
    }
  };

  reopen(): void {
    this.#sink?.reopen();
  }

  async close(milliseconds: number): Promise<void> {
    await this.#sink?.close(milliseconds);
    this.#writer.close();
  }

  /**
   * A file that is appended to; throws the error of the system, unless there is no answer for a while: then it is
   * opened later.
   */
  open = (path: string): LogFile => {
    const log = new LogFile(
      // An error at the first attempt is thrown.
      { path, anybodys: true, mode: MODE, report: (message) => (begun ? this.complain(message) : undefined) },
      this.#writer,
      clock,
    );
    let begun = false;
    log.open();
    log.settle();
    begun = true;
    if (log.problem) {
      void log.close(0);
      throw log.problem;
    }
    return log;
  };

  /** Written by the thread of the logs: a pipe that is not read, or is closed, affects nothing else. */
  stdout(): LogFile {
    const log = new LogFile({ path: '-', report: () => undefined }, this.#writer, clock);
    log.adopt(STDOUT);
    return log;
  }
}

function stamp(): string {
  return `[${ctime(clock.now())}] conserver (${process.pid}): `;
}
