/** The history of the host: every event, in a bounded, append-only file that outlives everything but the disk. */
import { appendFile, readFile, rename } from 'node:fs/promises';
import type { HostEvent } from '../model/api.ts';

const LF = 10;
/** Events kept at hand, and for which the files need not be read. */
const RECENT = 2000;
/** Kept for a disk that does not take them now. Characters. */
const PATIENT = 1 << 20;

export class EventLog {
  readonly #path: string;
  readonly #limit: () => number;
  readonly #trouble: (message: string) => void;
  readonly #handlers = new Set<(event: HostEvent) => void>();
  #recent: HostEvent[] = [];
  #seq = 0;
  #size = 0;
  #queue = '';
  #writing: Promise<void> | undefined;
  #failed = false;
  /** The file ends within a line: a power cut, a full disk. */
  #torn = false;

  /** `limit`: bytes of history, in two files of half that size; `trouble` is told once when it cannot be written. */
  constructor(path: string, limit: () => number, trouble: (message: string) => void) {
    this.#path = path;
    this.#limit = limit;
    this.#trouble = trouble;
  }

  /** Reads and returns what earlier servers wrote, oldest first; a torn last line (power cut) is passed over. */
  async open(): Promise<readonly HostEvent[]> {
    const events = await this.#read();
    this.#recent = events.slice(-RECENT);
    this.#seq = events.at(-1)?.seq ?? 0;
    const written = await readFile(this.#path).catch(() => Buffer.alloc(0));
    this.#size = written.length;
    this.#torn = written.length > 0 && written.at(-1) !== LF;
    return events;
  }

  /** Notes what happened. */
  add(event: Omit<HostEvent, 'seq' | 'time'> & { readonly time?: string }): HostEvent {
    const full: HostEvent = { seq: ++this.#seq, time: new Date().toISOString(), ...event };
    this.#recent.push(full);
    if (this.#recent.length > RECENT * 1.5) {
      this.#recent = this.#recent.slice(-RECENT);
    }
    this.#queue += `${JSON.stringify(full)}\n`;
    this.#writing ??= this.#write();
    for (const handler of this.#handlers) {
      handler(full);
    }
    return full;
  }

  listen(handler: (event: HostEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** The events at hand. */
  get recent(): readonly HostEvent[] {
    return this.#recent;
  }

  /** The newest `limit` events that match, the oldest of them first. */
  async find(matches: (event: HostEvent) => boolean, limit: number): Promise<readonly HostEvent[]> {
    if (limit === 0) {
      return [];
    }
    const found = this.#recent.filter(matches);
    if (found.length >= limit || this.#recent[0]?.seq === 1) {
      return found.slice(-limit);
    }
    await this.flush();
    return (await this.#read()).filter(matches).slice(-limit);
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    while (this.#writing) {
      await this.#writing;
    }
  }

  async #write(): Promise<void> {
    // One turn later: what happens together is written together.
    await Promise.resolve();
    let text = '';
    try {
      while (this.#queue !== '') {
        const most = this.#limit() / 2;
        text = firstLines(this.#queue, most);
        this.#queue = this.#queue.slice(text.length);
        const bytes = Buffer.byteLength(text);
        if (this.#size > 0 && this.#size + bytes > most) {
          await rename(this.#path, `${this.#path}.1`).catch(passNotThere);
          this.#size = 0;
        }
        await appendFile(this.#path, this.#torn ? `\n${text}` : text, { mode: 0o640 });
        this.#size += bytes;
        this.#failed = false;
        this.#torn = false;
      }
    } catch (error) {
      // Again with the next event, behind what part of it may stand there.
      this.#torn = true;
      this.#queue = text.length + this.#queue.length > PATIENT ? this.#queue : text + this.#queue;
      if (!this.#failed) {
        this.#failed = true;
        this.#trouble(`the event history cannot be written: ${(error as Error).message}`);
      }
    } finally {
      this.#writing = undefined;
    }
  }

  async #read(): Promise<HostEvent[]> {
    const events: HostEvent[] = [];
    for (const path of [`${this.#path}.1`, this.#path]) {
      const text = await readFile(path, 'utf8').catch(() => '');
      for (const line of text.split('\n')) {
        const event = parsed(line);
        // What was written in part, then again, is there twice.
        if (event && event.seq > (events.at(-1)?.seq ?? 0)) {
          events.push(event);
        }
      }
    }
    return events;
  }
}

/** As many whole lines as `most` characters hold, but at least one. */
function firstLines(text: string, most: number): string {
  if (text.length <= most) {
    return text;
  }
  const last = text.lastIndexOf('\n', most - 1);
  return text.slice(0, (last < 0 ? text.indexOf('\n') : last) + 1);
}

/** Somebody has deleted it: there is nothing to put aside. */
function passNotThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') {
    throw error;
  }
}

function parsed(line: string): HostEvent | undefined {
  try {
    const event = JSON.parse(line);
    return typeof event?.seq === 'number' ? event : undefined;
  } catch {
    return undefined;
  }
}
