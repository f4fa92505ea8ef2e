/**
 * Follows the table of all consoles until a verb is done on each of some, has failed there, or its time is over. A server
 * that goes is waited for, too.
 */
import { PASSING } from '../../../client/passing.ts';
import { WatchFeed } from '../../../client/watch-feed.ts';
import type { ConsoleDetail, ConsoleSummary } from '../../../model/api.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { HostClient } from '../../../model/host-port.ts';
import { endSince, isAfter, MISSING, progressOf, STALE_MS, type WaitedVerb } from '../../../model/verb-progress.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import { deathText } from '../text/death-text.ts';
import { duration } from '../text/times.ts';

/** Milliseconds for what is not in the configuration of a console: look-ups before a start, the kernel after a KILL. */
export const PATIENCE_MS = 90_000;
/** Between two looks at the time. */
const TICK_MS = 500;
/** Last lines of what has ended. */
const LINES = 5;
/** Events in which the reason is looked for why something could not be started. */
const EVENTS = 20;

export type Result = 'done' | 'failed' | 'refused' | 'timedOut' | 'interrupted';

/** The console as it was in the end, and what has become of the verb. */
export interface Outcome extends ConsoleSummary {
  readonly outcome: Result;
  /** Why it is not done. */
  readonly problem?: string;
  /** Of the process that has ended. */
  readonly lastLines?: readonly string[];
}

/** A console that is waited for. */
export interface Open {
  readonly accepted: ConsoleSummary;
  /** As the server last said. */
  now: ConsoleSummary;
  /** Monotonic times, milliseconds. */
  readonly begun: number;
  deadline: number;
  /** The server is asked why it has ended. */
  asking: boolean;
}

export interface VerbWaitParts {
  readonly verb: WaitedVerb;
  readonly client: HostClient;
  readonly clock: Clock;
  /** Milliseconds; undefined: as long as it takes by the configuration of the console, and `PATIENCE_MS`. */
  readonly timeout: number | undefined;
  /** Once for each console. */
  readonly settled: (outcome: Outcome) => void;
  /** Something has changed, or time has passed. */
  readonly looked: () => void;
}

export class VerbWait {
  readonly #parts: VerbWaitParts;
  readonly #feed: WatchFeed;
  readonly #left = new AbortController();
  readonly #open = new Map<string, Open>();
  #news: AsyncGenerator<void> | undefined;
  #tick: Timer | undefined;
  /** All consoles have been added. */
  #isComplete = false;

  constructor(parts: VerbWaitParts) {
    this.#parts = parts;
    this.#feed = new WatchFeed(parts.client, parts.clock);
  }

  /** Those that are waited for. */
  get open(): readonly Open[] {
    return [...this.#open.values()];
  }

  /** The server is gone. */
  get lost(): boolean {
    return this.#feed.lost !== undefined;
  }

  /** Before anything is asked for: from then on nothing is missed, even if the server goes. */
  async begin(): Promise<void> {
    this.#news = this.#feed.follow(this.#left.signal);
    await this.#news.next();
  }

  /** The server has accepted the verb for this console. */
  add(accepted: ConsoleSummary): void {
    const begun = this.#parts.clock.monotonic();
    const deadline = begun + (this.#parts.timeout ?? PATIENCE_MS);
    const open = { accepted, now: accepted, begun, deadline, asking: false };
    this.#open.set(accepted.name, open);
    this.#extend(open, accepted);
    this.#look();
  }

  /** Until none is waited for, or `interrupted`. */
  async run(asked: Promise<unknown>, interrupted: AbortSignal): Promise<void> {
    const leave = (): void => this.#leave();
    interrupted.addEventListener('abort', leave, { once: true });
    const isOver = asked.then(() => {
      this.#isComplete = true;
      this.#look();
    });
    this.#await();
    try {
      if (interrupted.aborted) {
        leave();
      }
      while (this.#news && !this.#left.signal.aborted && !(await this.#news.next()).done) {
        this.#look();
      }
    } catch (error) {
      this.#left.abort();
      for (const open of this.open) {
        this.#settle(open, 'failed', (error as Error).message);
      }
    } finally {
      this.#tick?.cancel();
      await this.#news?.return(undefined);
      interrupted.removeEventListener('abort', leave);
    }
    await isOver;
  }

  #await(): void {
    const { clock } = this.#parts;
    const soonest = Math.min(...this.open.map(({ deadline }) => deadline - clock.monotonic()));
    this.#tick = clock.after(Math.max(0, Math.min(TICK_MS, soonest)), () => {
      this.#look();
      if (!this.#left.signal.aborted) {
        this.#await();
      }
    });
  }

  #leave(): void {
    for (const open of this.open) {
      this.#settle(open, 'interrupted');
    }
    this.#left.abort();
  }

  #look(): void {
    const rows = new Map(this.#feed.table.consoles.map((row) => [row.name, row]));
    for (const open of this.open) {
      this.#lookAt(open, rows.get(open.accepted.name));
    }
    if (this.#isComplete && this.#open.size === 0) {
      this.#left.abort();
    }
    this.#parts.looked();
  }

  #lookAt(open: Open, row: ConsoleSummary | undefined): void {
    const { verb, clock, timeout } = this.#parts;
    const { accepted, begun } = open;
    const time = clock.monotonic();
    if (row && (isAfter(accepted, row) || time > begun + STALE_MS)) {
      this.#extend(open, row);
      open.now = row;
    }
    const progress = open.asking ? 'pending' : progressOf(verb, accepted, open.now);
    const isGone = !open.asking && row === undefined && time > begun + STALE_MS && !this.lost;
    if (progress === 'done') {
      this.#settle(open, 'done');
    } else if (progress === 'late') {
      this.#settle(open, 'timedOut', `not ready in time: ${open.now.readiness?.what}`);
    } else if (progress === 'ended' || isGone) {
      this.#ask(open).catch((error: Error) => this.#settle(open, 'failed', error.message));
    } else if (progress !== 'pending') {
      this.#settle(open, 'failed', progress.problem);
    } else if (time >= open.deadline) {
      this.#settle(open, 'timedOut', `${MISSING[verb]} after ${duration(timeout ?? time - begun)}`);
    }
  }

  /** A recipe or a readiness check has begun, which takes its own time. */
  #extend(open: Open, { readiness, stopping }: ConsoleSummary): void {
    const { clock, timeout } = this.#parts;
    if (timeout !== undefined || (stopping === undefined && readiness === undefined)) {
      return;
    }
    const end = stopping ? Date.parse(stopping.since) + (stopping.steps.at(-1)?.afterSeconds ?? 0) * 1000 : 0;
    const left = Math.max(end, readiness ? Date.parse(readiness.until) : 0) - clock.now();
    open.deadline = Math.max(open.deadline, clock.monotonic() + left + PATIENCE_MS);
  }

  /** Why it has ended, if it has. */
  async #ask(open: Open): Promise<void> {
    const { client, verb } = this.#parts;
    const { accepted } = open;
    const { name } = accepted;
    open.asking = true;
    try {
      const detail = await client.detail(name);
      // Between the end of the old process and the start of the new one it waits for no time at all.
      if (progressOf(verb, accepted, detail) === 'ended') {
        const { pid: _, ...row } = open.now;
        open.now = { ...row, state: detail.state, since: detail.since, restarts: detail.restarts };
        this.#settleEnd(open, detail, await this.#whyNot(open, detail));
      }
    } catch (error) {
      if (!(error instanceof HoldfastError && PASSING.has(error.code))) {
        throw error;
      }
    }
    open.asking = false;
  }

  #settleEnd(open: Open, { deaths, state }: ConsoleDetail, notStarted: string | undefined): void {
    const death = endSince(open.accepted, deaths);
    // A task that has done what it is for.
    if (state === 'stopped' && death?.code === 0 && death.asked === undefined) {
      this.#settle(open, 'done');
      return;
    }
    const problem = death ? deathText(death) : (notStarted ?? 'it ended');
    this.#settle(open, 'failed', problem, death?.lastLines.slice(-LINES));
  }

  /** Why there was nothing that could end. */
  async #whyNot({ accepted }: Open, { deaths }: ConsoleDetail): Promise<string | undefined> {
    if (endSince(accepted, deaths)) {
      return undefined;
    }
    const events = await this.#parts.client.events({ console: accepted.name, limit: EVENTS });
    return events.findLast(({ time, type }) => type === 'notStarted' && time >= accepted.since)?.reason;
  }

  #settle(open: Open, outcome: Result, problem?: string, lastLines?: readonly string[]): void {
    if (!this.#open.delete(open.accepted.name)) {
      return;
    }
    const { now } = open;
    this.#parts.settled({
      ...now,
      outcome,
      ...(problem === undefined ? {} : { problem }),
      ...(lastLines === undefined || lastLines.length === 0 ? {} : { lastLines }),
    });
    this.#look();
  }
}
