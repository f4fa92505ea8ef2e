/** Output that is to arrive before this process exits. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Resolves when the last piece is with the system: what a slow reader has left in the memory of this process ends with it. */
export async function writeAll(pieces: AsyncIterable<Uint8Array | string>, to: Writable): Promise<void> {
  for await (const piece of pieces) {
    if (!to.write(piece)) {
      await once(to, 'drain');
    }
  }
  await new Promise<void>((resolve, reject) => {
    to.write('', (error) => (error ? reject(error) : resolve()));
  });
}
