/** The files of one log at one moment, held open so that a rotation meanwhile changes nothing. */

import { pipeline, Readable } from 'node:stream';
import { LF } from '../model/ascii.ts';
import { HoldfastError } from '../model/errors.ts';
import type { LogFile, LogFiles } from '../model/host-port.ts';

/** Bytes of one read. */
const BLOCK = 256 << 10;
/** How often files are reopened because they were renamed meanwhile. */
const ATTEMPTS = 3;

export interface LogPart {
  /** The suffix of its name; empty for the current file. */
  readonly suffix: string;
  readonly file: LogFile;
  /** Bytes of the file when it was opened: later additions belong to `follow`. */
  readonly size: number;
  readonly packed: boolean;
  /** When it was started (the end of the file before it) and last written, milliseconds since 1970. */
  readonly begun: number;
  readonly ended: number;
}

/**
 * Opens the existing files. Throws HF_NO_LOG if one cannot be read, and what `mustKeep` throws.
 */
export async function openParts(files: LogFiles, mustKeep: (fd: number) => void): Promise<LogPart[]> {
  for (let attempt = 1; ; attempt++) {
    // Asked in this order, and together, since a disk that hangs makes each wait.
    const [current, suffixes] = await Promise.all([
      files.identify(''),
      files.list().catch((error: Error) => refuse(files.path, error)),
    ]);
    const { isWhole, parts } = await openListed(files, suffixes, mustKeep);
    const last = parts.at(-1);
    // A file that was moved aside or compressed between the listing and its opening would be missing.
    if (attempt === ATTEMPTS || (isWhole && (last?.suffix === '' ? last.file.found.identity : undefined) === current)) {
      return parts;
    }
    closeParts(parts);
  }
}

async function openListed(
  files: LogFiles,
  suffixes: readonly string[],
  mustKeep: (fd: number) => void,
): Promise<{ readonly parts: LogPart[]; readonly isWhole: boolean }> {
  const parts: LogPart[] = [];
  let isWhole = true;
  try {
    for (const suffix of suffixes) {
      const file = await files.open(suffix).catch((error: Error) => refuse(`${files.path}${suffix}`, error));
      if (file) {
        const { size, modified: ended } = file.found;
        const begun = parts.at(-1)?.ended ?? Number.NEGATIVE_INFINITY;
        parts.push({ suffix, file, size, packed: suffix.endsWith('.gz'), begun, ended });
        mustKeep(file.fd);
      }
      isWhole &&= file !== undefined;
    }
  } catch (error) {
    closeParts(parts);
    throw error;
  }
  return { parts, isWhole };
}

function refuse(path: string, { message }: Error): never {
  throw new HoldfastError('HF_NO_LOG', `${path} cannot be read: ${message}`);
}

export function closeParts(parts: readonly LogPart[]): void {
  for (const { file } of parts) {
    file.close();
  }
}

/** The bytes of one part, unpacked; of a plain file those from `from` to `to`. */
export async function* readPart(part: LogPart, from = 0, to = part.size): AsyncGenerator<Buffer> {
  if (!part.packed) {
    yield* plain(part, from, to);
    return;
  }
  const unpacked = process.getBuiltinModule('node:zlib').createGunzip({ chunkSize: BLOCK });
  // pipeline ends one when the other fails or is abandoned; errors surface in the loop below.
  pipeline(Readable.from(plain(part, 0, part.size)), unpacked, () => undefined);
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
    const bytesRead = await part.file.read(block.subarray(0, end - start), start);
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

async function* plain(part: LogPart, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, to - at));
    const bytesRead = await part.file.read(block, at);
    if (bytesRead === 0) {
      return;
    }
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}
