/**
 * Daemon mode. A JavaScript runtime does not survive fork(2), so `bin/launch` starts this process in the background and waits for
 * its word on descriptor 3: the exit status of the command, once the daemon serves or cannot, or that it is to be started
 * again in the foreground, under the pid that its caller knows. `bin/launch` guesses from the command line which of the two is wanted.
 */
import { closeSync, writeFileSync } from 'node:fs';
import { native } from '../../platform/native.ts';
import { restoreLimits } from '../../platform/process/inherited-limits.ts';

const VARIABLE = 'HOLDFAST_DAEMON';
const IN_BACKGROUND = '3';
const REPORT_FD = Number(IN_BACKGROUND);
/** A name that cannot be guessed. */
const FORCED = 'forced';

export class Daemon {
  #said = false;

  private constructor() {
    process.on('exit', (status) => this.#say(String(status)));
  }

  /** Where `bin/launch` has put this process into the background: in a session of its own. Before any child sees the environment. */
  static take(): Daemon | undefined {
    const place = process.env[VARIABLE];
    delete process.env[VARIABLE];
    if (place !== IN_BACKGROUND) {
      return undefined;
    }
    native.newSession();
    return new Daemon();
  }

  /** If this process was wrongly started in the foreground: becomes `bin/launch` again, which then does not guess. */
  static start(program: string, words: readonly string[]): never {
    process.env[VARIABLE] = FORCED;
    restoreLimits();
    return native.becomeProgram(program, [program, ...words], null);
  }

  /** No daemon is wanted. */
  toForeground(): never {
    this.#say('foreground');
    process.exit();
  }

  /** Releases the caller, and the descriptors it lent. */
  serves(): void {
    native.leaveStandard();
    this.#say('0');
  }

  #say(word: string): void {
    if (!this.#said) {
      this.#said = true;
      try {
        writeFileSync(REPORT_FD, word);
      } catch {
        // The caller was ended meanwhile; what it asked for is running all the same.
      }
      closeSync(REPORT_FD);
    }
  }
}
