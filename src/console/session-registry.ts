/** The sessions of a console, and which of them has the keyboard. */
import type { SessionInfo } from '../model/api.ts';
import { type Principal, placeOf } from '../model/principal.ts';
import type { Clock } from '../platform/time/clock.ts';

let nextId = 1;

export interface Entry {
  readonly principal: Principal;
  info: SessionInfo;
  /** Time of its last input, or of its arrival, in milliseconds since 1970. */
  lastInput: number;
  /** The keyboard has changed hands. */
  readonly writerChanged: (writer: SessionInfo | undefined) => void;
  /** The console is removed, or the session is evicted: it must leave. */
  readonly evicted: (reason: string) => void;
  /** Shows what a user of the console, or with `notice` the console itself, says. */
  readonly tell: (text: string, notice?: boolean) => void;
  /** Its principal may have other rights now. */
  readonly rightsChanged: () => void;
}

/** Called for a session that is entering when its console is removed. */
type Evicted = (reason: string) => void;

/**
 * Of `writer`, `entry` undefined: no session has the keyboard. `before`: who had it, and gave it up, or lost it to `entry`. `by`: who
 * did it, and why.
 */
export type SessionsChanged = (
  what: 'attached' | 'detached' | 'writer',
  entry: Entry | undefined,
  before?: Entry,
  by?: Principal,
) => void;

export class SessionRegistry {
  readonly #clock: Clock;
  /** Sessions that are entering: not visible yet. */
  readonly #expected = new Set<Evicted>();
  readonly #entries = new Map<number, Entry>();
  readonly #changed: SessionsChanged;
  #writer: Entry | undefined;
  /** Why all sessions were evicted; undefined: the console exists. */
  #closed: string | undefined;

  /** `changed` is called for everything, for the history. */
  constructor(clock: Clock, changed: SessionsChanged) {
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

  /** A session is entering, and is evicted like the others, until the returned function is called. */
  expect(evicted: Evicted): () => void {
    this.#expected.add(evicted);
    if (this.#closed !== undefined) {
      const reason = this.#closed;
      queueMicrotask(() => this.#expected.has(evicted) && evicted(reason));
    }
    return () => this.#expected.delete(evicted);
  }

  /** `mode` is `write` for sessions that may always write, such as those of procServ endpoints. */
  enter(
    principal: Principal,
    mode: SessionInfo['mode'],
    callbacks: Omit<Entry, 'principal' | 'info' | 'lastInput'>,
  ): Entry {
    const now = this.#clock.now();
    const info: SessionInfo = {
      ...{ id: nextId++, user: principal.user, from: placeOf(principal), via: viaOf(principal), mode },
      ...(principal.behind === undefined ? {} : { behind: principal.behind }),
      since: new Date(now).toISOString(),
    };
    const entry: Entry = { principal, info, lastInput: now, ...callbacks };
    this.#entries.set(info.id, entry);
    this.#changed('attached', entry);
    return entry;
  }

  leave(entry: Entry): void {
    this.release(entry);
    if (this.#entries.delete(entry.info.id)) {
      this.#changed('detached', entry);
    }
  }

  /** This session has sent input. */
  heard(entry: Entry): void {
    entry.lastInput = this.#clock.now();
  }

  isWriter(entry: Entry): boolean {
    return this.#writer === entry;
  }

  /** Gives the keyboard to a session, from another one only with `force`; returns whether it has it now. `by`: its principal, and why. */
  take(entry: Entry, force: boolean, by = entry.principal): boolean {
    if (this.#writer === entry) {
      return true;
    }
    if ((this.#writer && !force) || !this.#entries.has(entry.info.id)) {
      return false;
    }
    this.#hand(entry, by);
    return true;
  }

  setMode(entry: Entry, mode: SessionInfo['mode']): void {
    entry.info = { ...entry.info, mode };
  }

  rightsChanged(): void {
    for (const { rightsChanged } of this.entries) {
      rightsChanged();
    }
  }

  release(entry: Entry): void {
    if (this.#writer === entry) {
      this.#hand(undefined);
    }
  }

  /** Evicts all sessions, including those that are entering. */
  close(reason: string): void {
    this.#closed = reason;
    for (const evicted of [...this.#expected]) {
      evicted(reason);
    }
    for (const entry of this.entries) {
      entry.evicted(reason);
    }
  }

  #hand(entry: Entry | undefined, by?: Principal): void {
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
    this.#changed('writer', entry, before, by);
  }
}

/** The channel as the API has always named it. */
function viaOf({ channel }: Principal): SessionInfo['via'] {
  return channel === 'procserv' || channel === 'conserver' ? channel : 'attach';
}
