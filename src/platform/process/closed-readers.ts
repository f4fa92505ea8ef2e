/** The reader of a program's output may leave early (`| head`, a closed window): that is not an error. */
import { writeSync } from 'node:fs';

/** Until a full pipe is tried again. */
const PAUSE_MS = 5;

/** Output to standard output and error is dropped once nobody reads it. */
export function bearClosedReaders(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // With a full disk, nobody can read it.
    if (code !== 'EPIPE' && code !== 'EIO') {
      process.exit(1);
    }
  });
}

/** Prints at once, before the process ends or becomes another program. */
export function printNow(fd: 1 | 2, bytes: Uint8Array): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        return;
      }
      // Another process has made the shared pipe non-blocking.
      Atomics.wait(clock, 0, 0, PAUSE_MS);
    }
  }
}
