/**
 * The table of all consoles for those who watch it. While somebody does, it is looked at four times a second, once for
 * all of them: consoles to which something has happened, or that have another last line, and each one every two
 * seconds, since some things change without an event (what a start waits for, the restarts of the last hour).
 *
 * Rows keep the number of their last change, so a watcher that comes back, or did not read for a while, gets exactly
 * what differs, however long that was. Nothing is queued for anybody.
 */
import type { ConsoleSummary } from '../model/api.ts';
import type { EndSignal } from '../model/end-signal.ts';
import type { HostEvent } from '../model/events.ts';
import type { FeedChanges, FeedNews, FeedPlace, FeedTable } from '../model/feed.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

const LOOK_MS = 250;
/** In so many looks each console is looked at. */
const SWEEP = 8;
/** Rows made in one look, a few milliseconds; what is due beyond that has its turn in the next. */
const MOST_ROWS = 500;
/** For a watcher that comes back the table is kept this long after the last one has left. */
const KEEP_MS = 30_000;
/** Names of removed consoles that are kept. */
const MOST_GONE = 1000;

export interface ConsoleFeedParts<Console> {
  readonly clock: Clock;
  /** By name. */
  readonly consoles: ReadonlyMap<string, Console>;
  /** Its last line, found out quickly. */
  readonly line: (console: Console) => string;
  /** Makes the rows of one look. */
  readonly rows: () => (console: Console) => ConsoleSummary;
  /** Has lines found out that nobody tells of. */
  readonly refreshLines: () => Promise<void>;
  readonly listen: (handler: (event: HostEvent) => void) => void;
}

interface Row {
  summary: ConsoleSummary;
  /** The same as JSON, to compare. */
  text: string;
  /** The last line that it was made with. */
  line: string;
  /** Of its last change. */
  number: number;
}

export class ConsoleFeed<Console> {
  readonly #parts: ConsoleFeedParts<Console>;
  readonly #feed = Math.random().toString(36).slice(2);
  readonly #rows = new Map<string, Row>();
  /** Removed consoles, with the number of the change that removed them. */
  readonly #gone = new Map<string, number>();
  /** Consoles to which something has happened. */
  readonly #due = new Set<string>();
  /** Of the last change. */
  #number = 0;
  /** Changes after an earlier number are no longer known. */
  #oldest = 0;
  /** The last change, and the table after it: the same for all watchers. */
  #latest: FeedChanges | undefined;
  #table: FeedTable | undefined;
  readonly #watchers = new Set<() => void>();
  #looking: Timer | undefined;
  #keeping: Timer | undefined;
  #looks = 0;
  /** Index of the console with which the next look begins. */
  #next = 0;

  constructor(parts: ConsoleFeedParts<Console>) {
    this.#parts = parts;
    parts.listen(({ console }) => this.#happened(console));
  }

  /** As `HostPort.watch`. */
  async *watch(after?: FeedPlace, ended?: EndSignal): AsyncGenerator<FeedNews> {
    let wake = (): void => undefined;
    const changed = (): void => wake();
    this.#begin(changed);
    ended?.addEventListener('abort', changed, { once: true });
    try {
      // At once, even if nothing has changed: then the watcher knows that it missed nothing.
      let news: FeedNews | undefined = this.#since(after) ?? this.#changesSince(this.#number);
      for (let place: FeedPlace = news; !ended?.aborted; news = this.#since(place)) {
        if (news) {
          place = news;
          yield news;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      ended?.removeEventListener('abort', changed);
      this.#watchers.delete(changed);
    }
  }

  /** Sends an empty update to all watchers: their rights may have changed. */
  review(): void {
    if (this.#watchers.size > 0) {
      this.#number++;
      this.#tell({ type: 'changes', feed: this.#feed, number: this.#number, changed: [], gone: [] });
    }
  }

  #happened(console: string | undefined): void {
    if (this.#looking) {
      for (const name of console === undefined ? this.#parts.consoles.keys() : [console]) {
        this.#due.add(name);
      }
    }
  }

  #begin(watcher: () => void): void {
    this.#watchers.add(watcher);
    if (!this.#looking) {
      this.#keeping?.cancel();
      this.#look(true);
    }
  }

  #look(all = false): void {
    if (this.#looks++ % SWEEP === 0) {
      void this.#parts.refreshLines();
    }
    this.#compare(all);
    this.#looking = this.#parts.clock.after(LOOK_MS, () => {
      if (this.#watchers.size > 0) {
        this.#look();
      } else {
        this.#rest();
      }
    });
  }

  /** Nobody watches. */
  #rest(): void {
    this.#looking = undefined;
    this.#due.clear();
    this.#keeping = this.#parts.clock.after(KEEP_MS, () => this.#forget(), { ref: false });
  }

  #forget(): void {
    this.#rows.clear();
    this.#gone.clear();
    this.#latest = undefined;
    this.#table = undefined;
    this.#oldest = this.#number + 1;
  }

  #compare(all: boolean): void {
    const number = this.#number + 1;
    const changed = this.#changed(number, all);
    const gone = [...this.#rows.keys()].filter((name) => !this.#parts.consoles.has(name));
    for (const name of gone) {
      this.#rows.delete(name);
      this.#gone.set(name, number);
    }
    if (changed.length === 0 && gone.length === 0) {
      return;
    }
    this.#forgetGone();
    this.#number = number;
    this.#tell({ type: 'changes', feed: this.#feed, number, changed, gone });
  }

  #tell(latest: FeedChanges): void {
    this.#latest = latest;
    this.#table = undefined;
    for (const wake of this.#watchers) {
      wake();
    }
  }

  /** Renews the rows that are due, and gives those that differ. */
  #changed(number: number, all: boolean): ConsoleSummary[] {
    const rowOf = this.#parts.rows();
    const consoles = [...this.#parts.consoles];
    const changed: ConsoleSummary[] = [];
    let room = all ? consoles.length : MOST_ROWS;
    const first = this.#next;
    for (let n = 0; n < consoles.length; n++) {
      const at = (first + n) % consoles.length;
      const [name, console] = consoles[at] as [string, Console];
      const row = this.#rows.get(name);
      const line = this.#parts.line(console);
      const inTurn = all || (this.#looks + at) % SWEEP === 0;
      if (row && row.line === line && !inTurn && !this.#due.has(name)) {
        continue;
      }
      if (room-- === 0) {
        this.#next = at;
        break;
      }
      this.#due.delete(name);
      const summary = rowOf(console);
      const text = JSON.stringify(summary);
      if (text === row?.text) {
        row.line = line;
      } else {
        this.#rows.set(name, { summary, text, line, number });
        this.#gone.delete(name);
        changed.push(summary);
      }
    }
    return changed;
  }

  /** The oldest of too many: who has not heard of them gets the table. */
  #forgetGone(): void {
    for (const [name, number] of this.#gone) {
      if (this.#gone.size <= MOST_GONE) {
        break;
      }
      this.#gone.delete(name);
      this.#oldest = number;
    }
  }

  /** Undefined: there is nothing new. */
  #since(place: FeedPlace | undefined): FeedNews | undefined {
    const known = place?.feed === this.#feed && place.number >= this.#oldest && place.number <= this.#number;
    if (!place || !known) {
      const { consoles } = this.#parts;
      // In the order of the configuration, like a list.
      const rows = [...consoles.keys()].flatMap((name) => this.#rows.get(name)?.summary ?? []);
      this.#table ??= { type: 'table', feed: this.#feed, number: this.#number, consoles: rows };
      return this.#table;
    }
    if (place.number === this.#number) {
      return undefined;
    }
    return place.number === this.#number - 1 && this.#latest ? this.#latest : this.#changesSince(place.number);
  }

  #changesSince(number: number): FeedChanges {
    const changed = [...this.#rows.values()].filter((row) => row.number > number).map(({ summary }) => summary);
    const gone = [...this.#gone].filter(([, since]) => since > number).map(([name]) => name);
    return { type: 'changes', feed: this.#feed, number: this.#number, changed, gone };
  }
}
