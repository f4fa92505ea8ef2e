/** Who is on a console and who writes: one writer, the others wait or watch (conserver.md 6.1). */
import type { HubUser } from './ports.ts';
import { acid } from './rows.ts';

export interface NewSeat {
  readonly user: string;
  readonly host: string;
  readonly mayWrite: boolean;
  /** Says something to this session; a byte string with its line ends. */
  readonly tell: (text: string) => void;
  /** Somebody else has taken the right to write. */
  readonly bumped: () => void;
  /** The console is no longer for this session, which has been told why. */
  readonly closed: () => void;
}

export interface Seat extends NewSeat {
  readonly id: number;
  readonly since: number;
  lastInput: number;
  mayWrite: boolean;
  wantsToWrite: boolean;
  /** Gets output: not before `^Ec;`, and not while suspended. */
  connected: boolean;
}

let lastId = 0;

export class Seats {
  readonly #log: (text: string) => void;
  #seats: Seat[] = [];
  /** Who would write, in the order of their turns. */
  #waiting: Seat[] = [];
  #writer: Seat | undefined;

  /** `log` gets the lines about who writes. */
  constructor(log: (text: string) => void) {
    this.#log = log;
  }

  get writer(): Seat | undefined {
    return this.#writer;
  }

  all(): readonly Seat[] {
    return this.#seats;
  }

  /** In 8.2.7 everybody who may write would, from the start. */
  join(fresh: NewSeat, now: number): Seat {
    const seat: Seat = {
      ...fresh,
      ...{ id: ++lastId, since: now, lastInput: now, connected: false, wantsToWrite: fresh.mayWrite },
    };
    this.#seats.push(seat);
    if (seat.mayWrite) {
      this.#ask(seat);
    }
    return seat;
  }

  leave(seat: Seat): void {
    this.#seats = this.#seats.filter((other) => other !== seat);
    this.#release(seat);
  }

  /** Marks the wish to write, at the end of the queue; whether it came true. */
  want(seat: Seat): boolean {
    if (seat !== this.#writer) {
      this.#ask(seat);
    }
    return seat === this.#writer;
  }

  /** Takes the right to write; who had it. */
  force(seat: Seat): Seat | undefined {
    const victim = this.#writer;
    if (victim === undefined || victim === seat) {
      this.want(seat);
      return undefined;
    }
    this.#waiting = this.#waiting.filter((other) => other !== seat);
    seat.wantsToWrite = true;
    this.#writer = seat;
    this.#waiting.push(victim);
    this.#log(`${acid(seat)} bumped ${acid(victim)}`);
    victim.bumped();
    victim.tell(`\r\n[forced to \`spy' mode by ${acid(seat)}]\r\n`);
    return victim;
  }

  /** Gives the right to write away, and the wish for it. */
  spy(seat: Seat): void {
    seat.wantsToWrite = false;
    this.#release(seat);
  }

  /** Gives it away for as long as the session is away. */
  suspend(seat: Seat): void {
    seat.connected = false;
    this.#release(seat);
  }

  /** Output goes to this session from now on; it writes again if nobody else does. */
  connect(seat: Seat): void {
    seat.connected = true;
    if (seat.wantsToWrite && this.#writer !== seat && !this.#waiting.includes(seat)) {
      this.#ask(seat);
    } else if (this.#writer === undefined) {
      this.#promote();
    }
  }

  /** The rights of a session have changed with the configuration. */
  setMayWrite(seat: Seat, may: boolean): void {
    seat.mayWrite = may;
    if (may) {
      seat.wantsToWrite = true;
      this.#waiting.push(seat);
    } else {
      this.spy(seat);
    }
  }

  users(): HubUser[] {
    return this.#seats.map((seat) => ({
      ...{ id: seat.id, user: seat.user, host: seat.host, since: seat.since, lastInput: seat.lastInput },
      ...{ mayWrite: seat.mayWrite, wantsToWrite: seat.wantsToWrite },
      mode: seat === this.#writer ? 'write' : seat.connected ? 'read' : 'suspended',
    }));
  }

  #ask(seat: Seat): void {
    seat.wantsToWrite = true;
    this.#waiting = this.#waiting.filter((other) => other !== seat);
    if (this.#writer === undefined) {
      this.#writer = seat;
      this.#log(`${acid(seat)} attached`);
    } else {
      this.#waiting.push(seat);
    }
  }

  #release(seat: Seat): void {
    this.#waiting = this.#waiting.filter((other) => other !== seat);
    if (seat === this.#writer) {
      this.#writer = undefined;
      this.#log(`${acid(seat)} detached`);
      this.#promote();
    }
  }

  /** The one who waits longest and is there. */
  #promote(): void {
    const next = this.#waiting.find(({ connected }) => connected);
    if (next !== undefined) {
      this.#ask(next);
      next.tell('\r\n[attached]\r\n');
    }
  }
}
