/** Compresses the newest rotated file of a log (`log.1`); until that is whole, the plain one stays. */
import { once } from 'node:events';
import type { Begin, DiskCrew } from '../platform/files/disk-crew.ts';
import { diskWords } from '../platform/files/disk-words.ts';
import type { FileAnswer } from '../platform/native.ts';
import type { LogPath } from './log-place.ts';

/** Of one read. */
const BLOCK_BYTES = 256 << 10;

/**
 * By log: the next rotation must neither move the file nor take its place, even if the console has reopened its log
 * meanwhile.
 */
const compressing = new Map<string, Promise<void>>();

/** Resolves when no file of this log is being compressed; undefined: none is. */
export function compressed(path: string): Promise<void> | undefined {
  return compressing.get(path);
}

export function compressNewest(log: LogPath, crew: DiskCrew): Promise<void> {
  const done = compress(log, crew).finally(() => compressing.delete(log.path));
  compressing.set(
    log.path,
    done.catch(() => undefined),
  );
  return done;
}

async function compress(log: LogPath, crew: DiskCrew): Promise<void> {
  const ask = (begin: Begin): Promise<{ result: number; answer: FileAnswer | undefined }> => {
    const { promise, reject, resolve } = Promise.withResolvers<{ result: number; answer: FileAnswer | undefined }>();
    // A separate key among the errands: those of the log must not wait for a large file.
    crew.send(`${log.path}/pack`, begin, (result, errno, answer) =>
      errno === 0 ? resolve({ result, answer }) : reject(new Error(diskWords(errno, answer))),
    );
    return promise;
  };
  const { result: plain, answer } = await ask((thread, heard) => thread.ask({ ...log, verb: 'pack' }, heard));
  const target = (answer as FileAnswer).target;
  try {
    // Loaded when needed, not at every start of a procServ.
    const { createGzip } = await import('node:zlib');
    const gzip = createGzip();
    const packed = (async () => {
      for await (const block of gzip) {
        await ask((thread, heard) => thread.write(target, block, heard));
      }
    })();
    // It is waited for below.
    packed.catch(() => gzip.destroy());
    const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    for (let at = 0; ; ) {
      const { result: count } = await ask((thread, heard) => thread.read(plain, block, at, heard));
      if (count === 0) {
        break;
      }
      at += count;
      if (!gzip.write(Buffer.from(block.subarray(0, count)))) {
        await Promise.race([once(gzip, 'drain'), packed]);
      }
    }
    gzip.end();
    await packed;
  } finally {
    await ask((thread, heard) => thread.closeFile(plain, heard)).catch(() => undefined);
    await ask((thread, heard) => thread.closeFile(target, heard));
  }
  await ask((thread, heard) => thread.ask({ ...log, verb: 'packed' }, heard));
}
