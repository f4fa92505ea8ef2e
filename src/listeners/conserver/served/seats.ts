/** The users of a console of our own, and the writer. */
import type { HubUser } from '../model/ports.ts';
import { userAtHost } from '../model/rows.ts';
import { type NewSeat, newSeat, type Seat, type SeatStream } from '../model/seat.ts';
import { WriteTurns } from '../model/write-turns.ts';

export interface SeatEvents {
  /** For the console's log. */
  readonly log: (text: string) => void;
  /** The writer is gone; there is no new one yet. */
  readonly writerLeft: () => void;
  /** Additional message for the next writer. */
  readonly remark: () => string;
}

let lastId = 0;

export class Seats extends WriteTurns {
  readonly #events: SeatEvents;
  #writer: Seat | undefined;

  constructor(events: SeatEvents) {
    super();
    this.#events = events;
  }

  get writer(): Seat | undefined {
    return this.#writer;
  }

  all(): readonly Seat[] {
    return this.order;
  }

  join(fresh: NewSeat, stream: SeatStream): Seat {
    const seat = newSeat(fresh, stream, ++lastId, stream.lastInput);
    this.enter(seat);
    return seat;
  }

  leave(seat: Seat): void {
    this.forget(seat);
    if (seat === this.#writer) {
      this.#detach(seat);
      this.#events.writerLeft();
      this.promote();
    }
  }

  /** Takes the right to write; returns the previous writer. */
  force(seat: Seat): Seat | undefined {
    const victim = this.#writer;
    if (victim === undefined || victim === seat) {
      this.want(seat);
      return undefined;
    }
    seat.wantsToWrite = true;
    this.#writer = seat;
    this.toEnd(seat);
    this.toEnd(victim);
    this.#events.log(`${userAtHost(seat)} bumped ${userAtHost(victim)}`);
    victim.bumped();
    victim.tell(`\r\n[forced to \`spy' mode by ${userAtHost(seat)}]\r\n`);
    return victim;
  }

  users(): HubUser[] {
    return this.order.map((seat) => ({
      ...{ id: seat.id, user: seat.user, host: seat.host, since: seat.since, lastInput: seat.stream.lastInput },
      ...{ mayWrite: seat.mayWrite, wantsToWrite: seat.wantsToWrite },
      mode: seat === this.#writer ? 'write' : seat.connected ? 'read' : 'suspended',
    }));
  }

  protected holds(seat: Seat): boolean {
    return seat === this.#writer;
  }

  protected get free(): boolean {
    return this.#writer === undefined;
  }

  protected take(seat: Seat): boolean {
    if (this.#writer !== undefined) {
      return false;
    }
    this.#writer = seat;
    this.#events.log(`${userAtHost(seat)} attached`);
    return true;
  }

  protected release(seat: Seat): void {
    if (seat === this.#writer) {
      this.#detach(seat);
      this.promote();
    }
  }

  protected promote(): void {
    const { next } = this;
    if (next !== undefined && this.take(next)) {
      next.tell(`\r\n[attached${this.#events.remark()}]\r\n`);
    }
  }

  #detach(seat: Seat): void {
    this.#writer = undefined;
    this.#events.log(`${userAtHost(seat)} detached`);
  }
}
