/**
 * The users of a console of the host server, as conserver sees them: the session registry has one keyboard for all
 * channels; this adds the queue for it (spec/conserver.md 6.1).
 */
import type { SessionInfo } from '../../model/api.ts';
import type { SessionEntry, SessionsPort } from '../../model/console-port.ts';
import type { Principal } from '../../model/principal.ts';
import type { Session } from '../../model/session.ts';
import type { HubUser } from './model/ports.ts';
import { userAtHost } from './model/rows.ts';
import { type NewSeat, newSeat, type Seat } from './model/seat.ts';
import type { Occupant, SeatTable } from './model/shared-console.ts';
import { WriteTurns } from './model/write-turns.ts';

type Person = Pick<HubUser, 'user' | 'host'>;

interface Place {
  readonly seat: Seat;
  readonly session: Session;
  isWriter: boolean;
}

export class Seats extends WriteTurns implements SeatTable {
  readonly #registry: SessionsPort;
  readonly #remark: () => string;
  readonly #tell: (session: number, words: string) => void;
  readonly #places = new Map<Seat, Place>();
  #promotion = false;

  /** `remark`: what the next writer is told besides; `tell` says something to a session of another channel. */
  constructor(registry: SessionsPort, remark: () => string, tell: (session: number, words: string) => void) {
    super();
    this.#registry = registry;
    this.#remark = remark;
    this.#tell = tell;
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
    return this.#registry.entries.map((entry) => this.#seatOf(entry) ?? this.#stranger(entry));
  }

  /** A client of this listener has entered. */
  join(fresh: NewSeat, session: Session): Seat {
    const seat = newSeat(fresh, session, session.info.id, session.lastInput);
    const place: Place = { seat, session, isWriter: false };
    this.#places.set(seat, place);
    this.enter(seat);
    place.isWriter = this.holds(seat);
    return seat;
  }

  leave(seat: Seat): void {
    this.forget(seat);
    this.#places.delete(seat);
  }

  /** Takes the keyboard; returns the previous writer. */
  force(seat: Seat): Person | undefined {
    const victim = this.holds(seat) ? undefined : this.writer;
    const place = this.#places.get(seat);
    if (place) {
      seat.wantsToWrite = true;
      this.toEnd(seat);
      place.session.take(true);
    }
    return victim;
  }

  /** By any channel: those of this listener, then the others, of whom users of procServ endpoints may type at any time. */
  users(): readonly HubUser[] {
    const { writer, entries } = this.#registry;
    const users = entries.map((entry): HubUser => {
      const seat = this.#seatOf(entry);
      const { info, lastInput } = entry;
      const mode = info.mode === 'write' ? 'write' : seat && !seat.connected ? 'suspended' : 'read';
      const { mayWrite = true, wantsToWrite = false } = seat ?? {};
      return {
        ...{ id: info.id, since: Date.parse(info.since), lastInput, mode, mayWrite, wantsToWrite },
        ...(seat ? { user: seat.user, host: seat.host } : personOf(entry.principal)),
      };
    });
    // Those of this listener as conserver shows them: who waits longest comes last.
    const turn = ({ id }: HubUser) => this.order.findIndex((seat) => seat.id === id);
    const own = users.filter((user) => turn(user) >= 0).sort((one, other) => turn(one) - turn(other));
    const others = users.filter((user) => turn(user) < 0);
    const isWriter = ({ id }: HubUser) => id === writer?.id;
    return [...others.filter(isWriter), ...own, ...others.filter((user) => !isWriter(user))];
  }

  get #own(): readonly Place[] {
    return [...this.#places.values()];
  }

  #seatOf({ info }: SessionEntry): Seat | undefined {
    return this.#own.find(({ seat }) => seat.id === info.id)?.seat;
  }

  protected holds(seat: Seat): boolean {
    return this.#registry.writer?.id === seat.id;
  }

  protected get free(): boolean {
    return this.#registry.writer === undefined;
  }

  protected take(seat: Seat): boolean {
    const place = this.#places.get(seat);
    return place?.session.take(false) ?? false;
  }

  protected release(seat: Seat): void {
    this.#places.get(seat)?.session.release();
  }

  /** The keyboard has changed hands: the previous writer is told by whom, whatever the channel, and waits for it. */
  heard(seat: Seat, writer: SessionInfo | undefined): void {
    const place = this.#places.get(seat);
    if (!place) {
      return;
    }
    const lost = place.isWriter && writer !== undefined && writer.id !== seat.id;
    place.isWriter = writer?.id === seat.id;
    if (lost) {
      this.toEnd(seat);
      seat.bumped();
      const by = this.#person(writer.id) ?? { user: writer.user, host: writer.from };
      seat.tell(`\r\n[forced to \`spy' mode by ${userAtHost(by)}]\r\n`);
    } else if (writer === undefined) {
      this.promote();
    }
  }

  /** A user of another channel. */
  #stranger({ info: { id }, principal }: SessionEntry): Occupant {
    return { ...personOf(principal), id, connected: true, hear: ({ words }) => this.#tell(id, words.trim()) };
  }

  #person(id: number): Person | undefined {
    const entry = this.#registry.entries.find(({ info }) => info.id === id);
    return entry && (this.#seatOf(entry) ?? personOf(entry.principal));
  }

  /** After everybody has been told that the keyboard is free. */
  protected promote(): void {
    if (this.#promotion) {
      return;
    }
    this.#promotion = true;
    queueMicrotask(() => {
      this.#promotion = false;
      const { next } = this;
      if (next !== undefined && this.free && this.take(next)) {
        next.tell(`\r\n[attached${this.#remark()}]\r\n`);
      }
    });
  }
}

/** The protocol separates its fields with blanks. */
function personOf({ user, from }: Principal): Person {
  return { user: user.replaceAll(' ', '-'), host: from };
}
