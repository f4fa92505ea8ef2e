/** Closes a file that was written: the kernel lets go of the descriptor even where it says (NFS) that something went wrong. */
import { closeSync } from 'node:fs';

export function closeFile(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The number may be another file's by now: there is nothing to do a second time.
  }
}
