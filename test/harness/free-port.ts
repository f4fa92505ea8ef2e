/**
 * Ports of 127.0.0.1 for servers that cannot be told to take any. They lie below those that the kernel gives to connections, and each
 * process of tests has some of its own: nothing takes one between the question and the server.
 */
import { createServer } from 'node:net';

const FIRST = 20_000;
const PER_PROCESS = 16;
const PROCESSES = 750;

const first = FIRST + (process.pid % PROCESSES) * PER_PROCESS;
let asked = 0;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (asked++ % PER_PROCESS);
    if (await isFree(port)) {
      return port;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
