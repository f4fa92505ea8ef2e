/**
 * The history of the host: every event, in bounded files that outlive everything except the disk. Connections have
 * separate files, so that they push out nothing else; the newest death of every console is kept longer than the rest.
 */

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../model/counted.ts';
import { type HostEvent, SESSION_EVENTS } from '../model/events.ts';
import { eventLine, readEvent } from './event-line.ts';
import { HistoryFile } from './history-file.ts';

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
    const { events, damaged } = await this.#read();
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
    const found = this.#recent.filter(matches);
    const [oldest] = this.#recent;
    if (found.length >= limit || (oldest !== undefined && oldest.seq <= after + 1)) {
      return found.slice(-limit);
    }
    return (await this.#read()).events.filter(matches).slice(-limit);
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

  /** The written events, oldest first, and the number of invalid lines. */
  async #read(): Promise<{ readonly events: readonly HostEvent[]; readonly damaged: number }> {
    const deaths = await readFile(this.#deathsPath, 'utf8').catch(() => '');
    const lasting = await this.#lasting.lines();
    const passing = await this.#passing.lines();
    const bySeq = new Map<number, HostEvent>();
    const events: HostEvent[] = [];
    let damaged = 0;
    for (const line of [...lasting, ...passing, ...deaths.split('\n')]) {
      const event = readEvent(line);
      const known = event && bySeq.get(event.seq);
      if (!event) {
        damaged += line === '' ? 0 : 1;
      } else if (known?.time !== event.time || known.type !== event.type) {
        // A line that was written in part, then again, is there twice.
        bySeq.set(event.seq, event);
        events.push(event);
      }
    }
    return { events: events.sort((a, b) => a.seq - b.seq), damaged };
  }
}
