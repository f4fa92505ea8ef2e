/** Moves a log aside: `log` becomes `log.1`, `log.1` becomes `log.2`, and so on; the oldest beyond `keep` is overwritten. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** By log: the next rotation must not move the file, nor take its place, also if the console has got its log anew meanwhile. */
const compressing = new Map<string, Promise<void>>();

/** Resolves when the name is free; throws where the log itself cannot be moved. */
export async function rotateFiles(path: string, keep: number): Promise<void> {
  await compressing.get(path);
  for (const suffix of ['', '.gz']) {
    await rm(`${path}.${keep}${suffix}`, { force: true });
    for (let n = keep - 1; n >= 1; n--) {
      await rename(`${path}.${n}${suffix}`, `${path}.${n + 1}${suffix}`).catch(() => undefined);
    }
  }
  await rename(path, `${path}.1`);
}

/** Compresses the newest rotated file; until that is whole, the plain one stays. */
export function compressNewest(path: string): Promise<void> {
  const done = compress(path).finally(() => compressing.delete(path));
  compressing.set(
    path,
    done.catch(() => undefined),
  );
  return done;
}

async function compress(path: string): Promise<void> {
  const plain = `${path}.1`;
  const unfinished = `${plain}.gz.tmp`;
  // Loaded when it is needed: not at every start of a procServ.
  const { createGzip } = await import('node:zlib');
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(unfinished, { mode: 0o644 }));
  await rename(unfinished, `${plain}.gz`);
  await rm(plain);
}
