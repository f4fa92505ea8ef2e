/** Drops a WebSocket client that shows no sign of life. */
import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../../platform/time/clock.ts';

/** How often a client is pinged; without a sign of life by the next ping it is dropped. */
const PING_INTERVAL_MS = 20_000;

export class SignOfLife {
  readonly #ws: WebSocket;
  readonly #clock: Clock;
  readonly #canGive: () => boolean;
  #given = true;
  #ping: Timer;

  /** `canGive`: whether the client can give one at all. */
  constructor(ws: WebSocket, clock: Clock, canGive: () => boolean = () => true) {
    this.#ws = ws;
    this.#clock = clock;
    this.#canGive = canGive;
    this.#ping = this.#later();
    ws.on('pong', () => this.given());
  }

  given(): void {
    this.#given = true;
  }

  /** The client is gone. */
  close(): void {
    this.#ping.cancel();
  }

  #later(): Timer {
    return this.#clock.after(PING_INTERVAL_MS, () => this.#ask());
  }

  #ask(): void {
    if (!this.#given && this.#canGive()) {
      this.#ws.terminate();
      return;
    }
    this.#given = false;
    this.#ping = this.#later();
    if (this.#ws.readyState === this.#ws.OPEN) {
      this.#ws.ping();
    }
  }
}
