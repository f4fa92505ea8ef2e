/**
 * Who is on a console of the host server, as conserver sees it: the session registry has one keyboard for all ways in, this adds
 * the queue of those who would have it (spec/conserver.md 6.1).
 */
import type { Entry, SessionRegistry } from '../../../console/session-registry.ts';
import type { SessionInfo } from '../../../model/api.ts';
import type { Principal } from '../../../model/principal.ts';
import type { HubUser } from '../model/ports.ts';
import { userAtHost } from '../model/rows.ts';
import type { NewSeat, Seat } from '../model/seat.ts';
import type { Occupant, SeatTable } from '../model/shared-console.ts';
import { WriteTurns } from '../model/write-turns.ts';

type Person = Pick<HubUser, 'user' | 'host'>;

interface Place {
  readonly seat: Seat;
  readonly entry: Entry;
  holds: boolean;
}

export class HostedSeats extends WriteTurns implements SeatTable {
  readonly #registry: SessionRegistry;
  readonly #places = new Map<Seat, Place>();
  #promotion = false;

  constructor(registry: SessionRegistry) {
    super();
    this.#registry = registry;
  }

  get writer(): Person | undefined {
    const { writer } = this.#registry;
    return writer && this.#person(writer.id);
  }

  /** Sessions of this listener. */
  get seats(): readonly Seat[] {
    return this.#own.map(({ seat }) => seat);
  }

  all(): readonly Occupant[] {
    return this.#registry.entries.map(
      (entry) => this.#own.find((place) => place.entry === entry)?.seat ?? stranger(entry),
    );
  }

  join(fresh: NewSeat): Seat {
    const entry = this.#registry.enter(fresh.principal, 'read', {
      writerChanged: (writer) => this.#heard(place, writer),
      evicted: (reason) => {
        seat.tell(`[-- ${reason} --]\r\n`);
        seat.closed();
      },
      tell: (text) => seat.connected && seat.tell(`[${text}]\r\n`),
    });
    const seat: Seat = {
      ...fresh,
      ...{ user: fresh.principal.user, host: fresh.principal.from },
      ...{ id: entry.info.id, since: entry.lastInput, connected: false, wantsToWrite: false, wrote: false },
      get lastInput() {
        return entry.lastInput;
      },
      set lastInput(time) {
        entry.lastInput = time;
      },
    };
    const place: Place = { seat, entry, holds: false };
    this.#places.set(seat, place);
    this.enter(seat);
    return seat;
  }

  leave(seat: Seat): void {
    const place = this.#places.get(seat);
    this.forget(seat);
    this.#places.delete(seat);
    if (place) {
      this.#registry.leave(place.entry);
    }
  }

  /** Takes the keyboard; who had it. */
  force(seat: Seat): Person | undefined {
    const victim = this.holds(seat) ? undefined : this.writer;
    const place = this.#places.get(seat);
    if (place) {
      seat.wantsToWrite = true;
      this.toEnd(seat);
      this.#registry.take(place.entry, true);
    }
    return victim;
  }

  /** All ways in; who has the keyboard first, then those of procServ endpoints, who may type at any time. */
  users(): readonly HubUser[] {
    const { writer, entries } = this.#registry;
    const users = entries.map((entry): HubUser => {
      const seat = this.#own.find((place) => place.entry === entry)?.seat;
      const { info, lastInput } = entry;
      const mode = info.mode === 'write' ? 'write' : seat && !seat.connected ? 'suspended' : 'read';
      const { mayWrite = true, wantsToWrite = false } = seat ?? {};
      return {
        ...{ id: info.id, since: Date.parse(info.since), lastInput, mode, mayWrite, wantsToWrite },
        ...(seat ? { user: seat.user, host: seat.host } : personOf(entry.principal)),
      };
    });
    return [...users.filter(({ id }) => id === writer?.id), ...users.filter(({ id }) => id !== writer?.id)];
  }

  get #own(): readonly Place[] {
    return [...this.#places.values()];
  }

  protected holds(seat: Seat): boolean {
    return this.#registry.writer?.id === seat.id;
  }

  protected get free(): boolean {
    return this.#registry.writer === undefined;
  }

  protected take(seat: Seat): boolean {
    const place = this.#places.get(seat);
    return place !== undefined && this.#registry.take(place.entry, false);
  }

  protected release(seat: Seat): void {
    const place = this.#places.get(seat);
    if (place) {
      this.#registry.release(place.entry);
    }
  }

  /** Whatever way in the new holder uses: who had the keyboard is told, and waits for it. */
  #heard(place: Place, writer: SessionInfo | undefined): void {
    const { seat } = place;
    const lost = place.holds && writer !== undefined && writer.id !== seat.id;
    place.holds = writer?.id === seat.id;
    if (lost) {
      this.toEnd(seat);
      seat.bumped();
      const by = this.#person(writer.id) ?? { user: writer.user, host: writer.from };
      seat.tell(`\r\n[forced to \`spy' mode by ${userAtHost(by)}]\r\n`);
    } else if (writer === undefined) {
      this.promote();
    }
  }

  #person(id: number): Person | undefined {
    const entry = this.#registry.entries.find(({ info }) => info.id === id);
    return entry && (this.#own.find((place) => place.entry === entry)?.seat ?? personOf(entry.principal));
  }

  /** When everybody has heard that the keyboard is free. */
  protected promote(): void {
    if (this.#promotion) {
      return;
    }
    this.#promotion = true;
    queueMicrotask(() => {
      this.#promotion = false;
      const { next } = this;
      if (next !== undefined && this.free && this.take(next)) {
        next.tell('\r\n[attached]\r\n');
      }
    });
  }
}

/** Somebody who came in another way. */
function stranger(entry: Entry): Occupant {
  return {
    ...personOf(entry.principal),
    connected: true,
    tell: (text) => entry.tell?.(text.trim().replace(/^\[(-- )?|( --)?\]$/g, '')),
    closed: () => entry.evicted('thrown out by an administrator'),
  };
}

/** The protocol separates its fields by blanks. */
function personOf({ user, from }: Principal): Person {
  return { user: user.replaceAll(' ', '-'), host: from };
}
