/** Closes a written file: the kernel releases the descriptor even if it reports an error (NFS). */
import { closeSync } from 'node:fs';

export function closeFile(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The number may belong to another file by now: do not close twice.
  }
}
