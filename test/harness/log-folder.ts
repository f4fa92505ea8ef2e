// A log on disk, made by a test, and its files opened as a server does.
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DiskLogFiles } from '../../src/logs/disk-log-files.ts';
import { closeParts, type LogPart, openParts } from '../../src/logs/log-parts.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { temporaryDirectory } from './machine.ts';

export interface LogOnDisk {
  readonly files: DiskLogFiles;
  /** Each is written to by its time `modified`, milliseconds since 1970. */
  write(suffix: string, bytes: Buffer, modified?: number): void;
  /** They are closed at the end of the test. `read` is called with the bytes of every read. */
  open(read?: (bytes: number) => void): Promise<readonly LogPart[]>;
}

export function logOnDisk(t: TestContext, name = 'log'): LogOnDisk {
  const path = join(temporaryDirectory(t), name);
  const disk = new DiskFiles(systemClock);
  t.after(() => disk.close());
  const files = new DiskLogFiles(disk, path);
  return {
    files,
    write(suffix, bytes, modified) {
      writeFileSync(`${path}${suffix}`, suffix.endsWith('.gz') ? gzipSync(bytes) : bytes);
      if (modified !== undefined) {
        utimesSync(`${path}${suffix}`, modified / 1000, modified / 1000);
      }
    },
    async open(read = () => undefined) {
      const parts = await openParts(files, () => undefined);
      t.after(() => closeParts(parts));
      return parts.map((part) => {
        const counted = async (into: Uint8Array, position: number) => {
          const bytes = await part.file.read(into, position);
          read(bytes);
          return bytes;
        };
        return { ...part, file: { ...part.file, read: counted } };
      });
    },
  };
}
