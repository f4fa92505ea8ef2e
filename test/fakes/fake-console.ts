/** One console of a FakeHost: a real ring, real sessions and one keyboard; the test is its source. */

import type { ConsoleDetail, ConsoleSummary, SessionInfo } from '../../src/model/api.ts';
import type { AttachHandlers, Attachment } from '../../src/model/host-port.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { type Principal, placeOf } from '../../src/model/principal.ts';

/** Bytes of output that are kept for history and for readers that lag. */
const RING = { keep: 65536, most: 1 << 20 };

interface Reader {
  session: SessionInfo;
  readonly handlers: AttachHandlers;
  offset: number;
  blocked: boolean;
}

export class FakeConsole {
  readonly name: string;
  /** Laid over the defaults of a running console. */
  overrides: Partial<ConsoleDetail>;
  /** Files of the log, oldest first. */
  logs: string[] = [];
  /** Everything that was typed, as text of bytes. */
  input = '';
  /** Window sizes that sessions told, `80x24`. */
  readonly sizes: string[] = [];
  readonly #ring: OutputRing;
  readonly #readers: Reader[] = [];
  #writer: Reader | undefined;
  #full = false;
  #waiting: (() => void)[] = [];
  #nextId = 1;

  /** `start`: the offset of the first byte that the source will say. */
  constructor(name: string, overrides: Partial<ConsoleDetail> = {}, start = 0) {
    this.name = name;
    this.overrides = overrides;
    this.#ring = new OutputRing(RING, undefined, start);
  }

  /** Offset of the first byte that is still kept. */
  get tail(): number {
    return this.#ring.tail;
  }

  get head(): number {
    return this.#ring.head;
  }

  get writer(): SessionInfo | undefined {
    return this.#writer?.session;
  }

  get sessions(): readonly SessionInfo[] {
    return this.#readers.map(({ session }) => session);
  }

  /** The source says something. */
  say(what: string | Uint8Array): void {
    this.#ring.append(typeof what === 'string' ? Buffer.from(what) : what);
    for (const reader of [...this.#readers]) {
      this.#pump(reader);
    }
    this.#trim();
  }

  /** Whether the source reads: while `full`, input is to be held back. */
  set full(full: boolean) {
    this.#full = full;
    if (!full) {
      for (const action of this.#waiting.splice(0)) {
        action();
      }
    }
  }

  get full(): boolean {
    return this.#full;
  }

  /** Throws everybody out. */
  close(reason: string): void {
    for (const reader of this.#readers.splice(0)) {
      reader.handlers.closed(reason);
    }
    this.#writer = undefined;
  }

  summary(): ConsoleSummary {
    const { command: _c, address: _a, chdir: _f, user: _u, restartMode: _r, ...rest } = this.detail();
    const { endpoints: _e, sessionList: _s, deaths: _d, ...summary } = rest;
    return summary;
  }

  detail(): ConsoleDetail {
    return {
      name: this.name,
      kind: 'run',
      state: 'running',
      since: '2026-03-01T02:00:00.000Z',
      pid: 4711,
      restarts: { hour: 0, total: 0 },
      ...(this.#writer ? { writer: this.#writer.session } : {}),
      sessions: this.#readers.length,
      lastLine: '',
      groups: [],
      description: '',
      labels: {},
      command: ['./st.cmd'],
      restartMode: 'always',
      endpoints: [],
      sessionList: this.sessions,
      deaths: [],
      ...this.overrides,
    };
  }

  attach(by: Principal, from: { lines: number } | { offset: number }, handlers: AttachHandlers): Attachment {
    const live = this.#ring.head;
    const wanted = 'offset' in from ? from.offset : (this.#ring.lastLines(from.lines)[0]?.start ?? live);
    const offset = Math.max(this.#ring.tail, Math.min(wanted, live));
    const session: SessionInfo = {
      id: this.#nextId++,
      user: by.user,
      from: placeOf(by),
      via: 'attach',
      mode: 'read',
      since: new Date().toISOString(),
    };
    // Nothing is said before the caller has seen the attachment.
    const reader: Reader = { session, handlers, offset, blocked: true };
    this.#readers.push(reader);
    return this.#attachment(reader, offset, live);
  }

  #attachment(reader: Reader, offset: number, live: number): Attachment {
    const source = this;
    setImmediate(() => {
      reader.blocked = false;
      this.#pump(reader);
    });
    return {
      get session() {
        return reader.session;
      },
      offset,
      live,
      get writer() {
        return source.writer;
      },
      get full() {
        return source.#full;
      },
      get sessions() {
        return source.sessions.length;
      },
      take: (force) => this.#take(reader, force),
      release: () => this.#giveUp(reader),
      write: (bytes) => this.#type(reader, bytes),
      whenRoom: (action) => void this.#waiting.push(action),
      resize: (columns, rows) => void this.sizes.push(`${columns}x${rows}`),
      resume: () => {
        reader.blocked = false;
        this.#pump(reader);
      },
      detach: () => this.#detach(reader),
    };
  }

  #pump(reader: Reader): void {
    while (!reader.blocked && this.#readers.includes(reader)) {
      if (reader.offset < this.#ring.tail) {
        reader.handlers.missed(this.#ring.tail - reader.offset);
        reader.offset = this.#ring.tail;
      }
      const bytes = this.#ring.read(reader.offset);
      if (bytes.length === 0) {
        return;
      }
      const { offset } = reader;
      reader.offset += bytes.length;
      reader.blocked = !reader.handlers.output(bytes, offset);
    }
  }

  #trim(): void {
    this.#ring.trim(Math.min(this.#ring.head, ...this.#readers.map(({ offset }) => offset)));
  }

  #take(reader: Reader, force: boolean): boolean {
    if (this.#writer && this.#writer !== reader && !force) {
      return false;
    }
    if (this.#writer !== reader) {
      if (this.#writer) {
        this.#writer.session = { ...this.#writer.session, mode: 'read' };
      }
      reader.session = { ...reader.session, mode: 'write' };
      this.#writer = reader;
      this.#tellWriter();
    }
    return true;
  }

  #giveUp(reader: Reader): void {
    if (this.#writer === reader) {
      reader.session = { ...reader.session, mode: 'read' };
      this.#writer = undefined;
      this.#tellWriter();
    }
  }

  #tellWriter(): void {
    for (const { handlers } of [...this.#readers]) {
      handlers.writer(this.writer);
    }
  }

  #type(reader: Reader, bytes: Uint8Array): boolean {
    if (this.#writer !== reader) {
      return false;
    }
    this.input += Buffer.from(bytes).toString('latin1');
    return true;
  }

  #detach(reader: Reader): void {
    const at = this.#readers.indexOf(reader);
    if (at >= 0) {
      this.#readers.splice(at, 1);
      this.#giveUp(reader);
    }
  }
}
