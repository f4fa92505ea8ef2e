/**
 * The users of a console of the host server, as conserver sees them: the session registry has one keyboard for all
 * channels; this adds the queue for it (spec/conserver.md 6.1).
 */
import type { SessionInfo } from '../../model/api.ts';
import type { ConsolePort, SessionEntry, SessionsPort } from '../../model/console-port.ts';
import { type Principal, self, userText } from '../../model/principal.ts';
import type { Session } from '../../model/session.ts';
import type { HubUser } from './model/ports.ts';
import { userAtHost } from './model/rows.ts';
import { type NewSeat, newSeat, type Seat } from './model/seat.ts';
import type { Occupant, SeatTable, SharedLog } from './model/shared-console.ts';

type Person = Pick<HubUser, 'user' | 'host'>;

interface Place {
  readonly seat: Seat;
  readonly session: Session;
  isWriter: boolean;
}

/** Tells people of other channels what conserver tells its own. */
const ANNOUNCER = self('conserver');

/** One writer, the others wait or watch. */
export class Seats implements SeatTable {
  readonly #registry: SessionsPort;
  readonly #console: Pick<ConsolePort, 'act'>;
  readonly #log: Pick<SharedLog, 'remark'>;
  readonly #places = new Map<Seat, Place>();
  /** Newest first; the next writer is the last one that wants to write. */
  #order: readonly Seat[] = [];
  #promotion = false;

  /** `log`: its remark is what the next writer is told besides. */
  constructor(console: Pick<ConsolePort, 'registry' | 'act'>, log: Pick<SharedLog, 'remark'>) {
    this.#console = console;
    this.#registry = console.registry;
    this.#log = log;
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
    this.#toEnd(seat);
    // As in 8.2.7, everybody who may write wants to from the start; watchers say so (`spy`).
    if (seat.mayWrite) {
      this.want(seat);
    }
    place.isWriter = this.#holds(seat);
    return seat;
  }

  leave(seat: Seat): void {
    this.#order = this.#order.filter((other) => other !== seat);
    this.#places.delete(seat);
  }

  /** Takes the keyboard; returns the previous writer. */
  force(seat: Seat): Person | undefined {
    const victim = this.#holds(seat) ? undefined : this.writer;
    const place = this.#places.get(seat);
    if (place) {
      seat.wantsToWrite = true;
      this.#toEnd(seat);
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
    const turn = ({ id }: HubUser) => this.#order.findIndex((seat) => seat.id === id);
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

  #holds(seat: Seat): boolean {
    return this.#registry.writer?.id === seat.id;
  }

  get #isFree(): boolean {
    return this.#registry.writer === undefined;
  }

  /** Takes the keyboard if it is free. Returns whether it did. */
  #take(seat: Seat): boolean {
    return this.#places.get(seat)?.session.take(false) ?? false;
  }

  /** To the end of the queue. */
  #toEnd(seat: Seat): void {
    this.#order = [seat, ...this.#order.filter((other) => other !== seat)];
  }

  /** Requests to write, at the end of the queue. Returns whether it may now. */
  want(seat: Seat): boolean {
    if (this.#holds(seat)) {
      return true;
    }
    seat.wantsToWrite = true;
    this.#toEnd(seat);
    return this.#take(seat);
  }

  /** Gives the right to write away, and the wish for it. */
  spy(seat: Seat): void {
    seat.wantsToWrite = false;
    this.#places.get(seat)?.session.release();
  }

  /** A user is suspended. One that waits keeps its place; a writer stops writing, and does not wait. */
  suspend(seat: Seat): void {
    seat.connected = false;
    if (this.#holds(seat)) {
      this.spy(seat);
      seat.wrote = true;
    }
  }

  /** A user is back. One that was writing, or is waiting to, writes if nobody else does. */
  back(seat: Seat): void {
    seat.connected = true;
    const wants = seat.wantsToWrite || seat.wrote;
    seat.wrote = false;
    if (wants && seat.mayWrite && this.#isFree) {
      this.want(seat);
    }
  }

  /** Output goes to this session from now on. */
  connect(seat: Seat): void {
    seat.connected = true;
    this.#promote();
  }

  /** The rights of a session have changed with the configuration. One that may write now still has to ask for it. */
  setMayWrite(seat: Seat, may: boolean): void {
    seat.mayWrite = may;
    if (!may) {
      this.spy(seat);
    }
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
      this.#toEnd(seat);
      seat.bumped();
      const by = this.#person(writer.id) ?? personOf(writer);
      seat.tell(`\r\n[forced to \`spy' mode by ${userAtHost(by)}]\r\n`);
    } else if (writer === undefined) {
      this.#promote();
    }
  }

  /** A user of another channel. */
  #stranger({ info: { id }, principal }: SessionEntry): Occupant {
    return {
      ...personOf(principal),
      id,
      connected: true,
      hear: ({ words }) => this.#console.act(ANNOUNCER, 'tell', [id], words.trim()),
    };
  }

  #person(id: number): Person | undefined {
    const entry = this.#registry.entries.find(({ info }) => info.id === id);
    return entry && (this.#seatOf(entry) ?? personOf(entry.principal));
  }

  /** The one that has waited longest and is present gets it, after everybody has been told that it is free. */
  #promote(): void {
    if (this.#promotion) {
      return;
    }
    this.#promotion = true;
    queueMicrotask(() => {
      this.#promotion = false;
      const next = this.#order.findLast((seat) => seat.connected && seat.wantsToWrite);
      if (next !== undefined && this.#isFree && this.#take(next)) {
        next.tell(`\r\n[attached${this.#log.remark}]\r\n`);
      }
    });
  }
}

/** The protocol separates its fields with blanks. */
function personOf(principal: Pick<Principal, 'user' | 'behind' | 'from'>): Person {
  return { user: userText(principal).replaceAll(' ', '-'), host: principal.from };
}
