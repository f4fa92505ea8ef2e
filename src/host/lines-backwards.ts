/** Lines of a file, the last one first. However long it is, nothing waits for more of it than a block. */
import { open } from 'node:fs/promises';
import { LF } from '../model/ascii.ts';

const BLOCK_BYTES = 64 * 1024;

/** Of the file as it is now, also if it is renamed meanwhile; none if it cannot be read. */
export async function* linesBackwards(path: string): AsyncGenerator<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) {
    return;
  }
  try {
    let { size: at } = await file.stat();
    /** Of a line, from somewhere in it to its end. */
    let begun: Buffer[] = [];
    while (at > 0) {
      const length = Math.min(BLOCK_BYTES, at);
      at -= length;
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, at);
      let end = buffer.length;
      for (let lf = buffer.lastIndexOf(LF); lf >= 0; lf = buffer.subarray(0, end).lastIndexOf(LF)) {
        yield Buffer.concat([buffer.subarray(lf + 1, end), ...begun]).toString();
        begun = [];
        end = lf;
      }
      begun.unshift(buffer.subarray(0, end));
    }
    yield Buffer.concat(begun).toString();
  } catch {
    // A disk that fails: what was read is what there is.
  } finally {
    await file.close();
  }
}
