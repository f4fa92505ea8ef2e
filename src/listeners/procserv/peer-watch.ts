/**
 * Finds out about a peer what its connection does not tell by itself: that it is gone or writes no more while nobody reads from it,
 * and, once it writes no more, whether it still reads.
 */
import type { Socket } from 'node:net';
import { isHalfClosed, isHungUp } from '../../platform/net/hung-up.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { type Delivery, Farewell } from './farewell.ts';

/** From one look after a peer that stopped writing to the next; the last one again and again. Milliseconds. */
const LOOKS = [10, 50, 150, 250] as const;
/** How often a connection that is not read is looked after. Milliseconds. */
const PAUSED_LOOK = 1000;
/** How long input of a peer that is done waits for a child that takes nothing. Milliseconds. */
const PAUSED_LIMIT = 4000;
/** Telnet NOP: a peer that is gone answers it with a reset, one that only stopped writing with nothing. */
const NOP = Uint8Array.of(255, 241);

export interface Watched {
  readonly delivery: Delivery;
  end(): void;
}

/** Until the socket is closed. `tcp`: it is not a unix socket. */
export function watchPeer(socket: Socket, tcp: boolean, session: Watched, clock: Clock): void {
  if (socket.readableEnded) {
    watchHalfClosed(socket, tcp, session, clock);
  } else {
    socket.once('end', () => watchHalfClosed(socket, tcp, session, clock));
    watchPaused(socket, tcp, session, clock);
  }
}

/**
 * A peer whose input waits for the child is not read, so its end would not be heard. One that is cut off goes at once, but not
 * by a unix socket, where a hang-up may follow commands that were sent completely. One that is done goes when the child has
 * taken nothing for a while: what it sent last is lost then.
 */
function watchPaused(socket: Socket, tcp: boolean, session: Watched, clock: Clock): void {
  let timer: Timer | undefined;
  let done: number | undefined;
  const look = (): void => {
    timer = clock.after(PAUSED_LOOK, () => {
      timer = undefined;
      if (!socket.isPaused()) {
        return;
      }
      if (tcp && isHungUp(socket)) {
        socket.destroy();
        return;
      }
      done ??= isHalfClosed(socket) ? clock.monotonic() : undefined;
      if (done !== undefined && clock.monotonic() - done >= PAUSED_LIMIT) {
        session.end();
      } else {
        look();
      }
    });
  };
  if (socket.isPaused()) {
    look();
  }
  socket.on('pause', () => timer ?? look());
  socket.on('resume', () => {
    done = undefined;
  });
  socket.on('close', () => timer?.cancel());
}

/**
 * A peer that has shut down its writing side still reads (`nc`, `telnet </dev/null`), one that has closed altogether does not:
 * TCP tells them apart only by what happens to bytes sent to it.
 */
function watchHalfClosed(socket: Socket, tcp: boolean, session: Watched, clock: Clock): void {
  // After our end it would break the stream, and with it what is still on its way.
  if (tcp && socket.writable) {
    socket.write(NOP);
  }
  const farewell = new Farewell(clock.monotonic());
  const look = (nth: number): void => {
    if (isHungUp(socket)) {
      socket.destroy();
    } else if (farewell.isOver(clock.monotonic(), session.delivery)) {
      session.end();
    } else if (!socket.destroyed) {
      clock.after(LOOKS[nth] ?? (LOOKS.at(-1) as number), () => look(nth + 1));
    }
  };
  look(0);
}
