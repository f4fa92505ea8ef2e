/**
 * `holdfast-gateway SOCKET`: the process at the network. It is told everything over that socket of the server, and ends with the server, or with
 * its standard input where the server started it.
 */

import { dirname, join } from 'node:path';
import { Gateway } from '../gateway/gateway.ts';
import type { OpenProvider } from '../gateway/provider-port.ts';
import { Server } from '../gateway/server.ts';
import { WebFiles } from '../gateway/web-files.ts';
import { complain } from '../platform/process/complain.ts';
import { consolesFirst } from '../platform/process/consoles-first.ts';
import { showAs } from '../platform/process/process-title.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { pause } from '../platform/time/pause.ts';
import { beside } from './beside.ts';

/** A server that is about to come is waited for. */
const WAIT_MS = 250;
const EXIT_USAGE = 64;

const loadProvider = async (): Promise<OpenProvider> =>
  beside<{ openProvider: OpenProvider }>('holdfast-oidc.cjs', 'single sign-on').openProvider;

async function main(socket: string): Promise<void> {
  showAs('holdfast-gateway', [socket]);
  passOverStraySignals({ foreground: false });
  const web = WebFiles.read(join(dirname(import.meta.filename), 'web'));
  for (;;) {
    try {
      await new Gateway({ clock, loadProvider, server: new Server(socket), web }).serve();
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') {
        // The server has no door to the network.
        return;
      }
      if (code !== 'ECONNREFUSED') {
        throw new Error(`${socket}: ${message}`);
      }
      await pause(clock, WAIT_MS);
    }
  }
}

const [, , program = 'holdfast-gateway', socket] = process.argv;
if (socket === undefined) {
  process.stderr.write(`usage: ${program} SOCKET\n`);
  process.exit(EXIT_USAGE);
}
if (process.env.INVOCATION_ID === undefined) {
  // Of a unit it is the manager's to say, and the end of the server is that of the connection.
  consolesFirst();
  process.stdin.once('close', () => process.exit(0));
  process.stdin.resume();
}
process.once('SIGTERM', () => process.exit(0));
main(socket).then(
  () => process.exit(0),
  (error: Error) => {
    complain(`holdfast-gateway: ${error.message}\n`);
    process.exit(1);
  },
);
