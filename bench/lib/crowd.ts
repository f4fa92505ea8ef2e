import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Connections of one crowd. */
export const CROWD = 5000;
/** Connections that are begun before the loop goes round. */
const AT_ONCE = 50;

/** Begins with another crowd when one is in, until it is told to stop. */
export function comeIn(where: NetConnectOpts): { stop(): Promise<void> } {
  let stopped = false;
  const coming = (async () => {
    while (!stopped) {
      const sockets: Socket[] = [];
      while (!stopped && sockets.length < CROWD) {
        for (let n = 0; n < AT_ONCE; n++) {
          sockets.push(connect(where).on('error', () => undefined));
        }
        await delay(1);
      }
      for (const socket of sockets) {
        socket.destroy();
      }
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await coming;
    },
  };
}
