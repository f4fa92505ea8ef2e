/** Who is on a console, and which of them has the keyboard. */
import type { SessionInfo } from '../model/api.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Actor } from '../model/host-port.ts';
import type { Clock } from '../platform/time/clock.ts';

let nextId = 1;

export interface Entry {
  info: SessionInfo;
  /** Time of its last input, or of its coming, milliseconds since 1970. */
  lastInput: number;
  /** The keyboard has changed hands. */
  readonly writerChanged: (writer: SessionInfo | undefined) => void;
  /** The console goes away, or the session is thrown out: it is to leave. */
  readonly evicted: (reason: string) => void;
  /** Shows what somebody said to the people on the console. */
  readonly tell: (text: string) => void;
}

export class SessionRegistry {
  readonly #clock: Pick<Clock, 'now'>;
  /** On their way in: nobody sees them yet. */
  readonly #expected = new Set<Entry>();
  readonly #entries = new Map<number, Entry>();
  readonly #changed: (what: 'attached' | 'detached' | 'writer', session: SessionInfo | undefined) => void;
  #writer: Entry | undefined;
  /** Everybody was thrown out: there is no console any more. */
  #closed = false;

  /** `changed` hears of everything, for the history. */
  constructor(
    clock: Pick<Clock, 'now'>,
    changed: (what: 'attached' | 'detached' | 'writer', session: SessionInfo | undefined) => void,
  ) {
    this.#clock = clock;
    this.#changed = changed;
  }

  get list(): readonly SessionInfo[] {
    return this.entries.map(({ info }) => info);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Oldest first. */
  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  get writer(): SessionInfo | undefined {
    return this.#writer?.info;
  }

  /**
   * Somebody is on the way in, and thrown out like the others; `admit` follows, or `leave`. `mode` is `write` for sessions that may
   * always write, as those of procServ endpoints do. Throws where there is no console any more.
   */
  expect(actor: Actor, mode: SessionInfo['mode'], callbacks: Omit<Entry, 'info' | 'lastInput'>): Entry {
    if (this.#closed) {
      throw new HoldfastError('HF_NO_CONSOLE', 'the console was removed meanwhile');
    }
    const now = this.#clock.now();
    const info: SessionInfo = { ...actor, id: nextId++, mode, since: new Date(now).toISOString() };
    const entry: Entry = { info, lastInput: now, ...callbacks };
    this.#expected.add(entry);
    return entry;
  }

  admit(entry: Entry): void {
    if (this.#expected.delete(entry)) {
      this.#entries.set(entry.info.id, entry);
      this.#changed('attached', entry.info);
    }
  }

  enter(actor: Actor, mode: SessionInfo['mode'], callbacks: Omit<Entry, 'info' | 'lastInput'>): Entry {
    const entry = this.expect(actor, mode, callbacks);
    this.admit(entry);
    return entry;
  }

  leave(entry: Entry): void {
    this.release(entry);
    this.#expected.delete(entry);
    if (this.#entries.delete(entry.info.id)) {
      this.#changed('detached', entry.info);
    }
  }

  isWriter(entry: Entry): boolean {
    return this.#writer === entry;
  }

  hasInput(entry: Entry): void {
    entry.lastInput = this.#clock.now();
  }

  /** Gives the keyboard to a session, from another one only with `force`; whether it has it now. */
  take(entry: Entry, force: boolean): boolean {
    if (this.#writer === entry) {
      return true;
    }
    if ((this.#writer && !force) || !this.#entries.has(entry.info.id)) {
      return false;
    }
    this.#hand(entry);
    return true;
  }

  release(entry: Entry): void {
    if (this.#writer === entry) {
      this.#hand(undefined);
    }
  }

  /** Throws everybody out, those on their way in too. */
  close(reason: string): void {
    this.#closed = true;
    for (const entry of [...this.#expected, ...this.entries]) {
      entry.evicted(reason);
    }
  }

  #hand(entry: Entry | undefined): void {
    const before = this.#writer;
    if (before) {
      before.info = { ...before.info, mode: 'read' };
    }
    this.#writer = entry;
    if (entry) {
      entry.info = { ...entry.info, mode: 'write' };
    }
    for (const each of this.entries) {
      each.writerChanged(entry?.info);
    }
    this.#changed('writer', entry?.info);
  }
}
