/** An open file that its process may read without caring how long that takes. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { LogFile, LogFileStatus } from '../model/host-port.ts';

export function fileAt(fd: number): LogFile {
  const status = (): LogFileStatus => {
    const { dev, ino, mtimeMs, size } = fstatSync(fd);
    return { size, modified: mtimeMs, identity: `${dev}:${ino}` };
  };
  return {
    fd,
    found: status(),
    read: async (into, position) => readSync(fd, into, 0, into.length, position),
    status: async () => status(),
    close: () => closeSync(fd),
  };
}
