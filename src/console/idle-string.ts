/** Types a string where nothing has come or gone for a while (`idle`): it keeps a line or a login alive, or shows that it is dead. */
import type { Backend } from '../model/backend.ts';
import { bytesOf } from '../model/byte-text.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { follow } from './follow.ts';
import type { ProcessConsole } from './process-console.ts';

export interface IdleStringParts {
  readonly config: () => ConsoleConfig['idle'];
  readonly backend: Pick<Backend, 'read' | 'stream'>;
  readonly supervised: Pick<ProcessConsole, 'initializing' | 'write' | 'wrote'>;
  readonly clock: Clock;
  /** The time is over: everybody on the console is told. */
  readonly idle: () => void;
}

export class IdleString {
  readonly #parts: IdleStringParts;
  #watch: Watch | undefined;
  #isUp = false;

  constructor(parts: IdleStringParts) {
    this.#parts = parts;
  }

  up(): void {
    this.#isUp = true;
    this.changed();
  }

  down(): void {
    this.#isUp = false;
    this.changed();
  }

  /** The configuration has changed. */
  changed(): void {
    const idle = this.#parts.config();
    this.#watch?.end();
    this.#watch = this.#isUp && idle ? new Watch(this.#parts, idle) : undefined;
  }
}

/** One life of the source. */
class Watch {
  readonly #parts: IdleStringParts;
  readonly #after: number;
  readonly #send: Uint8Array;
  /** Monotonic time of the last input or output. */
  #last: number;
  #timer: Timer | undefined;
  readonly #leave: () => void;

  constructor(parts: IdleStringParts, { after, send }: NonNullable<ConsoleConfig['idle']>) {
    this.#parts = parts;
    this.#after = after;
    this.#send = bytesOf(send);
    this.#last = parts.clock.monotonic();
    parts.supervised.wrote = () => this.#touch();
    const heard = () => {
      this.#touch();
      return true;
    };
    this.#leave = follow(parts.backend, { write: heard, missed: heard });
    this.#later();
  }

  end(): void {
    this.#timer?.cancel();
    this.#parts.supervised.wrote = undefined;
    this.#leave();
  }

  #touch(): void {
    this.#last = this.#parts.clock.monotonic();
  }

  /** One timer at a time: what comes in between only notes the time. */
  #later(): void {
    const { clock, idle, supervised } = this.#parts;
    this.#timer = clock.after(this.#last + this.#after - clock.monotonic(), () => {
      if (supervised.initializing) {
        this.#touch();
      } else if (clock.monotonic() - this.#last >= this.#after) {
        idle();
        supervised.write(this.#send);
        this.#touch();
      }
      this.#later();
    });
  }
}
