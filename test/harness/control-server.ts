/**
 * The control API in front of a host, on a unix socket of its own HTTP server, and the ways in which a server goes
 * away.
 */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { createControl } from '../../src/listeners/control/control.ts';
import type { NearHost } from '../../src/model/host-port.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { openDoor } from '../fakes/open-door.ts';

export interface ControlServer {
  /** Exceptions of the API that are defects of its own. */
  readonly faults: unknown[];
  /** Ends without a word to anyone, as a killed server does. */
  kill(): Promise<void>;
  /** Shuts down cleanly. */
  close(): Promise<void>;
}

export async function serveControl(host: NearHost, path: string): Promise<ControlServer> {
  const faults: unknown[] = [];
  const sockets = new Set<Socket>();
  const control = createControl({ door: openDoor(host), clock: systemClock, fault: (error) => faults.push(error) });
  const server = createServer();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  control.attachTo(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    faults,
    async kill() {
      const gone = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of sockets) {
        socket.destroy();
      }
      await Promise.all(gone);
      await control.close();
    },
    close: () => control.close(),
  };
}
