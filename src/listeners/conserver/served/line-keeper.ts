/** Opens the line of one console and brings it back when it ends (spec/conserver.md 8.2). */

import type { ConsoleRecord } from '../../../grammar/conserver/records.ts';
import { exitText } from '../../../model/exit-text.ts';
import type { ExitStatus } from '../../../model/process.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import type { LineState, OpenSource, Source } from '../model/ports.ts';

export interface LineEvents {
  readonly output: (bytes: Uint8Array) => void;
  readonly drained: () => void;
  /** Called before the line is opened; an exception keeps the line down. */
  readonly opening: () => void;
  readonly up: () => void;
  /** The line was up and no longer is. */
  readonly down: () => void;
  /** For the server's log. */
  readonly say: (text: string) => void;
  /** Errors, for the server's log. */
  readonly complain: (text: string) => void;
}

/**
 * The first and the longest pause before a line that is down is retried; each is twice the previous one.
 */
const MIN_RETRY_MS = 5000;
const MAX_RETRY_MS = 60_000;
/** A line that is reopened at every end without a limit gets a pause after this many quick ends. */
const BREATHLESS = 5;
const BREATH_MS = 150;

export class LineKeeper {
  /** Another configuration from the next decision on; the way to open the line stays until it is opened again. */
  record: ConsoleRecord;
  readonly #openSource: OpenSource;
  readonly #events: LineEvents;
  readonly #clock: Clock;
  #state: LineState = 'down';
  #source: Source | undefined;
  /** Counts attempts: reports of earlier ones are ignored. */
  #attempt = 0;
  /** The attempt that is under way. */
  #trying: Promise<void> | undefined;
  #retry: Timer | undefined;
  #pause = MIN_RETRY_MS;
  #lastComplaint = '';
  #openedAt = Number.NEGATIVE_INFINITY;
  #quickEnds = 0;

  constructor(record: ConsoleRecord, openSource: OpenSource, events: LineEvents, clock: Clock) {
    this.record = record;
    this.#openSource = openSource;
    this.#events = events;
    this.#clock = clock;
    if (record.type === 'noop') {
      this.#state = 'up';
    }
  }

  get state(): LineState {
    return this.#state;
  }

  get source(): Source | undefined {
    return this.#source;
  }

  /** Whether it will be tried again by itself. */
  get autoUp(): boolean {
    return this.#retry !== undefined;
  }

  /** Input waits until the initialisation is done. */
  set initializing(running: boolean) {
    if (this.#source !== undefined) {
      this.#state = running ? 'initializing' : 'up';
    }
  }

  /** Opens a line that is down, once for all callers meanwhile; resolves with the resulting state. */
  async open(): Promise<LineState> {
    if (this.#trying !== undefined) {
      this.#show();
      await this.#trying;
    } else if (this.record.type !== 'noop' && this.#source === undefined) {
      await this.#try(true);
    }
    return this.#state;
  }

  /** Ends it, and leaves it down. */
  close(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#attempt++;
    this.#trying = undefined;
    const source = this.#source;
    this.#source = undefined;
    if (this.record.type === 'noop') {
      return;
    }
    this.#state = 'down';
    if (source !== undefined) {
      source.close();
      this.#events.down();
    }
  }

  /** `visible`: whether users see that a connection is being made; of a retry they see only the result. */
  async #try(visible: boolean): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    const attempt = ++this.#attempt;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#trying = promise;
    if (visible) {
      this.#show();
    }
    const current = (): boolean => attempt === this.#attempt;
    try {
      this.#events.opening();
      const source = await this.#openSource(this.record, {
        output: (bytes) => current() && this.#events.output(bytes),
        drained: () => current() && this.#events.drained(),
        ended: (status) => current() && this.#ended(status),
      });
      if (!current()) {
        source.close();
        return;
      }
      this.#trying = undefined;
      this.#source = source;
      this.#state = 'up';
      this.#openedAt = this.#clock.monotonic();
      this.#pause = MIN_RETRY_MS;
      this.#lastComplaint = '';
      this.#events.up();
    } catch (error) {
      if (current()) {
        this.#failed((error as Error).message);
      }
    } finally {
      resolve();
    }
  }

  #show(): void {
    if (this.record.type === 'host') {
      this.#state = 'connecting';
    }
  }

  #failed(why: string): void {
    this.#trying = undefined;
    this.#state = 'down';
    // Reported once, not at every attempt, which may have another descriptor.
    const kind = why.replace(/^connect\(\d+\)/, 'connect');
    if (kind !== this.#lastComplaint) {
      this.#lastComplaint = kind;
      this.#events.complain(`${why}: forcing down`);
    }
    this.#retryLater(this.#pause);
    this.#pause = Math.min(2 * this.#pause, MAX_RETRY_MS);
  }

  #ended(status: ExitStatus | undefined): void {
    const { autoreinit } = this.record.options;
    this.#source = undefined;
    this.#state = 'down';
    if (status === undefined) {
      this.#events.complain('read failure: unexpected EOF');
    } else {
      this.#events.say(exitText(status));
    }
    const attempt = this.#attempt;
    this.#events.down();
    if (attempt !== this.#attempt) {
      // A key that had to wait for this has opened it, or taken it down.
      return;
    }
    // A command that ends with status 0 is started again whatever the options say.
    if (!autoreinit && status?.code !== 0) {
      return;
    }
    this.#events.say('automatic reinitialization');
    const { initspinmax, initspintimer } = this.record;
    const lasted = this.#clock.monotonic() - this.#openedAt;
    this.#quickEnds = lasted <= Math.max(initspintimer * 1000, BREATH_MS) ? this.#quickEnds + 1 : 0;
    if (initspinmax === 0 || initspintimer === 0) {
      // No limit is set, which is not a reason to keep the machine busy.
      this.#retry = this.#clock.after(this.#quickEnds > BREATHLESS ? BREATH_MS : 0, () => void this.#try(true));
    } else if (this.#quickEnds >= initspinmax) {
      this.#events.complain('initialization rate exceeded: forcing down');
      this.#quickEnds = 0;
      this.#retryLater(MAX_RETRY_MS);
    } else {
      void this.#try(true);
    }
  }

  #retryLater(pause: number): void {
    if (this.record.options.autoreinit && !this.record.options.ondemand) {
      this.#retry = this.#clock.after(pause, () => void this.#try(false));
    }
  }
}
