import { writeSync } from 'node:fs';

/** Writes a byte string to stdout. Whoever read it may be gone: what the exit code says still counts. */
export function printBytes(text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  try {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(1, bytes, at);
    }
  } catch {
    // EPIPE, EAGAIN: there is nobody to tell.
  }
}
