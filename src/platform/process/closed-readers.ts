/** Whoever reads what a program prints may go away early (`| head`, a window that is closed): that is not an error of the program. */
import { writeSync } from 'node:fs';

/** Until a full pipe is tried again. Milliseconds. */
const PAUSE = 5;

/** What is printed to standard output and error by their streams is lost where nobody reads it any more. */
export function bearClosedReaders(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A full disk keeps somebody from reading it.
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
      // Somebody has made the pipe non-blocking for all who share it.
      Atomics.wait(clock, 0, 0, PAUSE);
    }
  }
}
