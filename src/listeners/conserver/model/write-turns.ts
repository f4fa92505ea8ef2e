/** Who would write on a console, and in what order: one writer, the others wait or watch (spec/conserver.md 6.1). */
import type { Seat } from './seat.ts';

/** The turns; who holds the right to write, and how it changes hands, is for the heirs to say. */
export abstract class WriteTurns {
  /** Who came or asked last is first: of those who would write the last one is next. */
  protected order: readonly Seat[] = [];

  protected abstract holds(seat: Seat): boolean;
  protected abstract get free(): boolean;
  /** Whether it was free and is this one's now. */
  protected abstract take(seat: Seat): boolean;
  /** Takes it from this one, if it has it, for the next one. */
  protected abstract release(seat: Seat): void;
  /** Gives it to `next`, if it is free. */
  protected abstract promote(): void;

  /** As in 8.2.7, everybody who may write would, from the start; who came to watch says so (`spy`). */
  protected enter(seat: Seat): void {
    this.toEnd(seat);
    if (seat.mayWrite) {
      this.want(seat);
    }
  }

  protected forget(seat: Seat): void {
    this.order = this.order.filter((other) => other !== seat);
  }

  /** To the end of the queue. */
  protected toEnd(seat: Seat): void {
    this.order = [seat, ...this.order.filter((other) => other !== seat)];
  }

  /** The one who waits longest and is there. */
  protected get next(): Seat | undefined {
    return this.order.findLast((seat) => seat.connected && seat.wantsToWrite);
  }

  /** Marks the wish to write, at the end of the queue; whether it came true. */
  want(seat: Seat): boolean {
    if (this.holds(seat)) {
      return true;
    }
    seat.wantsToWrite = true;
    this.toEnd(seat);
    return this.take(seat);
  }

  /** Gives the right to write away, and the wish for it. */
  spy(seat: Seat): void {
    seat.wantsToWrite = false;
    this.release(seat);
  }

  /** Somebody is away. Who waits keeps the place; who writes does so no more, and does not wait. */
  suspend(seat: Seat): void {
    seat.connected = false;
    if (this.holds(seat)) {
      this.spy(seat);
      seat.wrote = true;
    }
  }

  /** Somebody is back. Who wrote, or waits to, writes if nobody else does. */
  back(seat: Seat): void {
    seat.connected = true;
    const wants = seat.wantsToWrite || seat.wrote;
    seat.wrote = false;
    if (wants && seat.mayWrite && this.free) {
      this.want(seat);
    }
  }

  /** Output goes to this session from now on. */
  connect(seat: Seat): void {
    seat.connected = true;
    this.promote();
  }

  /** The rights of a session have changed with the configuration. Who may write now still has to ask for it. */
  setMayWrite(seat: Seat, may: boolean): void {
    seat.mayWrite = may;
    if (!may) {
      this.spy(seat);
    }
  }
}
