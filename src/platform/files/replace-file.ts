/** A small file that is replaced as a whole, so that a crash of whatever kind leaves the old one or the new one. */
import { open, rename } from 'node:fs/promises';

/** A file of this mode. Its name is safe only after `syncFolder`. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const file = await open(`${path}.tmp`, 'w', mode);
  try {
    await file.writeFile(text);
    // The new name must not be on the disk before its content.
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}

/** The new names too, if the file system supports it. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') {
      throw error;
    }
  } finally {
    await folder.close();
  }
}
