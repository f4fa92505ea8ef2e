/** Write turns of a console: one writer, the others wait or watch (spec/conserver.md 6.1). */
import type { Seat } from './seat.ts';

/** The turns; subclasses define who has the right to write, and how it changes hands. */
export abstract class WriteTurns {
  /** Newest first; the next writer is the last entry that wants to write. */
  protected order: readonly Seat[] = [];

  protected abstract holds(seat: Seat): boolean;
  protected abstract get free(): boolean;
  /** Takes it if it is free. Returns whether it did. */
  protected abstract take(seat: Seat): boolean;
  /** Passes it from this one, if it has it, to the next. */
  protected abstract release(seat: Seat): void;
  /** Gives it to `next`, if it is free. */
  protected abstract promote(): void;

  /** As in 8.2.7, everybody who may write wants to from the start; watchers say so (`spy`). */
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

  /** The one that has waited longest and is present. */
  protected get next(): Seat | undefined {
    return this.order.findLast((seat) => seat.connected && seat.wantsToWrite);
  }

  /** Requests to write, at the end of the queue. Returns whether it may now. */
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

  /** A user is suspended. One that waits keeps its place; a writer stops writing, and does not wait. */
  suspend(seat: Seat): void {
    seat.connected = false;
    if (this.holds(seat)) {
      this.spy(seat);
      seat.wrote = true;
    }
  }

  /** A user is back. One that was writing, or is waiting to, writes if nobody else does. */
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

  /** The rights of a session have changed with the configuration. One that may write now still has to ask for it. */
  setMayWrite(seat: Seat, may: boolean): void {
    seat.mayWrite = may;
    if (!may) {
      this.spy(seat);
    }
  }
}
