/**
 * The history of the host: every event, in bounded files that outlive everything except the disk. Connections have
 * separate files, so that they push out nothing else; the newest death of every console is kept longer than the rest.
 */

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../model/counted.ts';
import { type HostEvent, SESSION_EVENTS } from '../model/events.ts';
import { eventLine, readEvent } from './event-line.ts';
import { HistoryFile } from './history-file.ts';
import { linesBackwards } from './lines-backwards.ts';

/** Events kept in memory, for which the files need not be read. */
const RECENT = 2000;
/** Last lines of a death that is kept beyond its time, as shown by `why`. */
const LAST_LINES = 12;

/** Types that clients can cause without limit, by connecting. */
const PASSING: ReadonlySet<HostEvent['type']> = new Set([...SESSION_EVENTS, 'conserver', 'login']);

type Ended = Extract<HostEvent, { readonly type: 'ended' }>;

export class EventLog {
  readonly #lasting: HistoryFile;
  readonly #passing: HistoryFile;
  readonly #deathsPath: string;
  readonly #limit: () => number;
  readonly #trouble: (message: string) => void;
  #recent: HostEvent[] = [];
  /** The newest death of every console, oldest first. */
  readonly #deaths = new Map<string, Ended>();
  #seq = 0;
  /** The files are read by one at a time, so that others are not held up however many look for something old. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * `limit`: bytes of history; `trouble` is called once when it cannot be written, and for lines that cannot be read.
   */
  constructor(folder: string, limit: () => number, trouble: (message: string) => void) {
    const path = join(folder, 'events.jsonl');
    this.#limit = limit;
    this.#trouble = trouble;
    this.#deathsPath = join(folder, 'deaths.jsonl');
    this.#lasting = new HistoryFile(
      path,
      () => limit() / 2,
      trouble,
      () => this.#putAside(),
    );
    this.#passing = new HistoryFile(join(folder, 'sessions.jsonl'), () => limit() / 4, trouble);
  }

  /** Reads and returns the events of earlier servers, oldest first; torn or damaged lines are skipped. */
  async open(): Promise<readonly HostEvent[]> {
    await Promise.all([this.#lasting.open(), this.#passing.open()]);
    const { events, damaged } = await this.#read(() => true, Number.POSITIVE_INFINITY);
    if (damaged > 0) {
      this.#trouble(`${counted(damaged, 'damaged line')} of the event history passed over`);
    }
    this.#recent = events.slice(-RECENT);
    // The damaged ones had numbers too, which clients may have seen.
    this.#seq = (events.at(-1)?.seq ?? 0) + damaged;
    for (const event of events) {
      this.#noteDeath(event);
    }
    return events;
  }

  /** Records an event; a listener of `Events`. */
  add(event: HostEvent): void {
    this.#seq = event.seq;
    this.#recent.push(event);
    if (this.#recent.length > RECENT * 1.5) {
      this.#recent = this.#recent.slice(-RECENT);
    }
    this.#noteDeath(event);
    (PASSING.has(event.type) ? this.#passing : this.#lasting).add(eventLine(event));
  }

  /** The events in memory. */
  get recent(): readonly HostEvent[] {
    return this.#recent;
  }

  /** Number of the newest event; 0 if there was none. */
  get newest(): number {
    return this.#seq;
  }

  /** How far back the events of the consoles are known, ISO 8601; connections may reach less far. */
  get since(): string | undefined {
    return readEvent(this.#lasting.oldest ?? '')?.time;
  }

  /** The newest `limit` matching events, oldest first. Only numbers above `after` can match. */
  async find(matches: (event: HostEvent) => boolean, limit: number, after = 0): Promise<readonly HostEvent[]> {
    if (limit === 0) {
      return [];
    }
    const found = this.#recent.filter(matches).slice(-limit);
    const { seq: oldest = Number.POSITIVE_INFINITY } = this.#recent[0] ?? {};
    if (found.length >= limit || oldest <= after + 1) {
      return found;
    }
    const isOlder = (event: HostEvent): boolean => event.seq < oldest && matches(event);
    const read = this.#turn.then(() => this.#read(isOlder, limit - found.length, after));
    this.#turn = read.catch(() => undefined);
    return [...(await read).events, ...found];
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await Promise.all([this.#lasting.flush(), this.#passing.flush()]);
  }

  #noteDeath(event: HostEvent): void {
    if (event.console !== undefined && event.type === 'ended') {
      this.#deaths.delete(event.console);
      this.#deaths.set(event.console, event);
    }
  }

  /**
   * The older half of the history is about to be dropped: its deaths stay, the newest first, as far as there is room.
   */
  async #putAside(): Promise<void> {
    let room = this.#limit() / 4;
    const kept: string[] = [];
    for (const event of [...this.#deaths.values()].reverse()) {
      const { death } = event;
      const line = eventLine({ ...event, death: { ...death, lastLines: death.lastLines.slice(-LAST_LINES) } });
      room -= Buffer.byteLength(line);
      if (room < 0) {
        break;
      }
      kept.unshift(line);
    }
    await writeFile(`${this.#deathsPath}.tmp`, kept.join(''), { mode: 0o640 });
    await rename(`${this.#deathsPath}.tmp`, this.#deathsPath);
  }

  /** The newest of the written events, oldest first, and the number of invalid lines that were passed over. */
  async #read(
    matches: (event: HostEvent) => boolean,
    limit: number,
    after = 0,
  ): Promise<{ readonly events: readonly HostEvent[]; readonly damaged: number }> {
    let damaged = 0;
    async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<HostEvent> {
      for await (const line of lines) {
        const event = readEvent(line);
        if (event) {
          yield event;
        } else {
          damaged += line === '' ? 0 : 1;
        }
      }
    }
    // Of an event that is there twice the first is taken: in `#deaths` it is shorter.
    const files = [this.#lasting.newestFirst(), this.#passing.newestFirst(), linesBackwards(this.#deathsPath)];
    const bySeq = new Map<number, HostEvent>();
    const events: HostEvent[] = [];
    for await (const event of merged(files.map(eventsOf))) {
      if (events.length === limit || event.seq <= after) {
        break;
      }
      const known = bySeq.get(event.seq);
      // A line that was written in part, then again, is there twice.
      if (matches(event) && (known?.time !== event.time || known.type !== event.type)) {
        bySeq.set(event.seq, event);
        events.push(event);
      }
    }
    return { events: events.sort((a, b) => a.seq - b.seq), damaged };
  }
}

/** Each of them has its newest first, and so has the whole. */
async function* merged(sources: readonly AsyncGenerator<HostEvent>[]): AsyncGenerator<HostEvent> {
  try {
    const heads = await Promise.all(sources.map((source) => source.next()));
    for (;;) {
      let newest: { readonly at: number; readonly event: HostEvent } | undefined;
      for (const [at, { done, value }] of heads.entries()) {
        if (!done && (newest === undefined || value.seq > newest.event.seq)) {
          newest = { at, event: value };
        }
      }
      if (newest === undefined) {
        return;
      }
      yield newest.event;
      heads[newest.at] = await (sources[newest.at] as AsyncGenerator<HostEvent>).next();
    }
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)));
  }
}
