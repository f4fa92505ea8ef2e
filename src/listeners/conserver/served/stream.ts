/** One client's part of the stream of a line of our own. */
import type { OutputStream } from '../../../model/output-stream.ts';
import type { Subscription } from '../../../model/subscription.ts';
import type { NewSeat, SeatStream } from '../model/seat.ts';

/** The line of the stream. */
export interface StreamLine {
  readonly stream: OutputStream;
  write(bytes: Uint8Array): void;
  readonly full: boolean;
  whenRoom(action: () => void): void;
  forget(action: () => void): void;
}

export class ServedStream implements SeatStream {
  lastInput: number;
  readonly #line: StreamLine;
  readonly #client: Pick<NewSeat, 'output' | 'missed' | 'room'>;
  #subscription: Subscription | undefined;

  constructor(line: StreamLine, client: Pick<NewSeat, 'output' | 'missed' | 'room'>, now: number) {
    this.#line = line;
    this.#client = client;
    this.lastInput = now;
  }

  subscribe(offset?: number): void {
    const { output, missed } = this.#client;
    this.unsubscribe();
    this.#subscription = this.#line.stream.subscribe({ write: output, missed }, offset);
  }

  unsubscribe(): number | undefined {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription) {
      this.#line.stream.leave(subscription);
    }
    return subscription?.offset;
  }

  get place(): SeatStream['place'] {
    return this.#subscription;
  }

  resume(): void {
    this.#subscription?.resume();
  }

  write(bytes: Uint8Array): boolean {
    this.#line.write(bytes);
    return true;
  }

  get full(): boolean {
    return this.#line.full;
  }

  awaitRoom(): void {
    this.#line.whenRoom(this.#client.room);
  }

  end(): void {
    this.unsubscribe();
    this.#line.forget(this.#client.room);
  }
}
