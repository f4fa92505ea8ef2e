/** The files of one log as they are at one moment: opened, so that a rotation meanwhile takes nothing away. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HoldfastError } from '../../model/errors.ts';

/** Bytes of one read. */
const BLOCK = 65536;
const LF = 10;

export interface LogPart {
  readonly path: string;
  readonly handle: FileHandle;
  /** Bytes of the file when it was opened: what is added later belongs to `follow`. */
  readonly size: number;
  readonly packed: boolean;
  /** When it was begun (the end of the file before it) and last written, milliseconds since 1970. */
  readonly begun: number;
  readonly ended: number;
}

/**
 * A file of a log to read. Without waiting for whoever writes into a FIFO: that, or anything else that is no regular file, is
 * refused with an error, since what is read of it is gone.
 */
export async function openLogFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (!(await handle.stat()).isFile()) {
    await handle.close();
    throw new Error('no regular file');
  }
  return handle;
}

/**
 * Opens what is there; a file that was deleted since it was listed is left out. Throws HF_NO_LOG for one that cannot be read, and
 * what `mustKeep` throws about a descriptor.
 */
export async function openParts(paths: readonly string[], mustKeep: (fd: number) => void): Promise<LogPart[]> {
  const parts: LogPart[] = [];
  try {
    for (const path of paths) {
      const handle = await openLogFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') {
          return undefined;
        }
        throw new HoldfastError('HF_NO_LOG', `${path} cannot be read: ${error.message}`);
      });
      if (handle) {
        const { size, mtimeMs: ended } = await handle.stat();
        const begun = parts.at(-1)?.ended ?? Number.NEGATIVE_INFINITY;
        parts.push({ path, handle, size, packed: path.endsWith('.gz'), begun, ended });
        mustKeep(handle.fd);
      }
    }
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
  return parts;
}

export async function closeParts(parts: readonly LogPart[]): Promise<void> {
  await Promise.all(parts.map(({ handle }) => handle.close()));
}

/** The bytes of one part from `from` on, unpacked. */
export async function* readPart(part: LogPart, from = 0): AsyncGenerator<Buffer> {
  if (!part.packed) {
    yield* plain(part, from);
    return;
  }
  const unpacked = createGunzip();
  // pipeline ends the one when the other fails or is left; what went wrong comes out of the loop below.
  pipeline(Readable.from(plain(part, 0)), unpacked, () => undefined);
  try {
    yield* unpacked as AsyncIterable<Buffer>;
  } finally {
    unpacked.destroy();
  }
}

/** Where the last `lines` lines of a plain file begin, and how many of them are in it. An unfinished line counts. */
export async function findTail(part: LogPart, lines: number): Promise<{ from: number; found: number }> {
  const block = Buffer.allocUnsafe(BLOCK);
  let found = 0;
  let end = part.size;
  while (end > 0) {
    const start = Math.max(0, end - BLOCK);
    const { bytesRead } = await part.handle.read(block, 0, end - start, start);
    // The line end of the last line closes it and begins no other.
    let before = Math.min(bytesRead, part.size - 1 - start);
    while (before > 0) {
      before = block.subarray(0, before).lastIndexOf(LF);
      if (before >= 0 && ++found === lines) {
        return { from: start + before + 1, found };
      }
    }
    end = start;
  }
  return { from: 0, found: part.size > 0 ? found + 1 : 0 };
}

async function* plain(part: LogPart, from: number): AsyncGenerator<Buffer> {
  for (let at = from; at < part.size; ) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, part.size - at));
    const { bytesRead } = await part.handle.read(block, 0, block.length, at);
    if (bytesRead === 0) {
      return;
    }
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}
