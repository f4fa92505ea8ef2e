/**
 * Strangers at a TLS port, as a program of its own: strangers.ts PORT. Five in ten begin a handshake, three send what is none, one sends the
 * head of its request byte by byte, one has nothing to say. Prints a line when there were 5,000; who was cut off comes again. Ends with its input.
 */
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

const CROWD = 5000;
/** Of loopback: one has ports for them all, but not again and again. */
const ADDRESSES = 125;
/** 1,000 in a second. */
const AT_ONCE = 20;
const PAUSE_MS = 20;
const DRIP_MS = 1000;

const HALF_HELLO = Buffer.from('16030100f8010000f40303', 'hex');
const HEAD = 'GET /v1/consoles HTTP/1.1\r\nHost: localhost\r\nX-Slow: ';

const port = Number(process.argv[2]);
const crowd = new Set<Socket>();
const slow = new Set<Socket>();

function come(n: number): void {
  const where = { port, host: '127.0.0.1', localAddress: `127.0.${1 + (n % ADDRESSES)}.1` };
  const kind = n % 10;
  const socket = kind < 8 ? connect(where) : connectTls({ ...where, rejectUnauthorized: false } as object);
  crowd.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    crowd.delete(socket);
    slow.delete(socket);
  });
  if (kind < 5) {
    socket.write(HALF_HELLO);
  } else if (kind < 8) {
    socket.write('nonsense\r\n\r\n');
  } else if (kind === 8) {
    socket.once('secureConnect', () => {
      socket.write(HEAD);
      slow.add(socket);
    });
  }
}

// In place of machines elsewhere: what they do is not to keep anybody here from the processor.
setPriority(19);
process.stdin.once('end', () => process.exit(0)).resume();
setInterval(() => {
  for (const socket of slow) {
    socket.write('x');
  }
}, DRIP_MS);
for (let n = 0; ; await delay(PAUSE_MS)) {
  for (let more = 0; more < AT_ONCE && crowd.size < CROWD; more++) {
    come(n++);
    if (n === CROWD) {
      process.stdout.write('here\n');
    }
  }
}
