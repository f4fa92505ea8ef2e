/**
 * Detects what a connection does not report by itself: that its peer is gone or has stopped writing while it is not
 * read, and, once it has stopped writing, whether it still reads.
 */
import type { Socket } from 'node:net';
import { isHalfClosed, isHungUp } from '../../platform/net/hung-up.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { type Delivery, Farewell } from './farewell.ts';

/** Milliseconds between checks of a peer that stopped writing; the last value repeats. */
const LOOKS = [10, 50, 150, 250] as const;
/** Milliseconds between checks of a connection that is not read. */
const PAUSED_LOOK_MS = 1000;
/** Milliseconds for which input of a peer that is done waits for a child that takes nothing. */
const PAUSED_LIMIT_MS = 4000;
/** Telnet NOP: a peer that is gone answers with a reset, one that only stopped writing does not answer. */
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
 * A peer whose input waits for the child is not read, so its end would not be noticed. One that is cut off is closed at
 * once, except on a unix socket, where a hang-up may follow commands that were sent completely. One that is done is
 * closed when the child has taken nothing for a while: its last input is lost then.
 */
function watchPaused(socket: Socket, tcp: boolean, session: Watched, clock: Clock): void {
  let timer: Timer | undefined;
  let done: number | undefined;
  const look = (): void => {
    timer = clock.after(PAUSED_LOOK_MS, () => {
      timer = undefined;
      if (!socket.isPaused()) {
        return;
      }
      if (tcp && isHungUp(socket)) {
        socket.destroy();
        return;
      }
      done ??= isHalfClosed(socket) ? clock.monotonic() : undefined;
      if (done !== undefined && clock.monotonic() - done >= PAUSED_LIMIT_MS) {
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
 * A peer that has shut down its writing side still reads (`nc`, `telnet </dev/null`), one that has closed completely
 * does not: TCP distinguishes them only by the fate of bytes sent to them.
 */
function watchHalfClosed(socket: Socket, tcp: boolean, session: Watched, clock: Clock): void {
  // After our end it would break the stream, and with it the pending output.
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
