/** The server's access to its holder: over a unix socket, and in tests in this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { native } from '../platform/native.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';

/** More than the kernel keeps for us. */
const READ_BYTES = 256 << 10;

export interface HolderAccess {
  /**
   * Opens a connection. `received` gets the input, in memory that is valid until it returns; `reached` the pid of the
   * process that listens, which may never answer. Rejects with the code of an errno.
   */
  connect(received: (bytes: Uint8Array) => void, reached: (pid: number) => void): Promise<Duplex>;
  /** Starts a holder if there is none, and resolves when it listens. Absent: systemd does that. */
  readonly start?: () => Promise<void>;
}

/** A holder at the unix socket `path`; `logDelayMs`: how long holders started here gather log output. */
export function holderAt(path: string, logDelayMs?: number): HolderAccess {
  const start = logDelayMs === undefined ? {} : { start: () => startHolder(path, logDelayMs) };
  return { connect: (received, reached) => connectTo(path, received, reached), ...start };
}

function connectTo(
  path: string,
  received: (bytes: Uint8Array) => void,
  reached: (pid: number) => void,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const callback = (count: number, buffer: Uint8Array): boolean => {
      received(buffer.subarray(0, count));
      return true;
    };
    // One buffer for all reads: input is handled at once, and an echo does not wait for memory.
    const socket = connect({ path, onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback } });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      const fd = descriptorOf(socket);
      if (fd !== undefined) {
        reached(native.peerCredentials(fd).pid);
      }
      resolve(socket);
    });
  });
}

/** Starts a holder in its own session and waits until it listens. */
async function startHolder(socket: string, logDelayMs: number): Promise<void> {
  const script = join(dirname(process.argv[1] as string), 'holdfast-holder.cjs');
  const holder = spawn(process.execPath, [...process.execArgv, script, 'holdfast-holder', socket, String(logDelayMs)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
  });
  // If none can be started (EMFILE, EAGAIN) it may have no pipes either.
  await once(holder, 'spawn');
  let said = '';
  holder.stderr.on('data', (text) => {
    said += text;
  });
  const ready = once(holder.stdout, 'data').then(() => true);
  const died = once(holder, 'exit').then(() => false);
  if (!(await Promise.race([ready, died]))) {
    throw new Error(`the holder did not start: ${said.trim()}`);
  }
  holder.stdout.destroy();
  holder.stderr.destroy();
  holder.unref();
}
