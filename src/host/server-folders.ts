/** The folders of a server, created if missing. */
import { HoldfastError } from '../model/errors.ts';
import { type DiskFault, DiskFiles } from '../platform/files/disk-files.ts';
import { inFolder } from '../platform/files/folder.ts';
import type { Clock } from '../platform/time/clock.ts';

const EEXIST = 17;
/** Milliseconds for a file system to answer. */
const LIMIT_MS = 2000;

/** Mode of the folders created here: logs are not public. */
const MODES = { runtime_dir: 0o755, state_dir: 0o755, log_dir: 0o750 } as const;

export async function makeFolders(folders: Readonly<Record<keyof typeof MODES, string>>, clock: Clock): Promise<void> {
  const disk = new DiskFiles(clock, LIMIT_MS);
  for (const key of Object.keys(MODES) as (keyof typeof MODES)[]) {
    const path = folders[key];
    await disk.ask({ verb: 'folder', path, mode: MODES[key] }).catch(({ errno, message }: DiskFault) => {
      // Each log says by itself that its file system hangs.
      if (errno !== 0 || key !== 'log_dir') {
        const reason = errno === EEXIST ? 'something else has this name' : message;
        throw new HoldfastError('HF_BAD_CONFIG', `server.${key}: ${path} cannot be made: ${reason}`);
      }
    });
  }
  disk.close();
  for (const key of ['runtime_dir', 'state_dir'] as const) {
    const loose = inFolder(folders[key], (folder) => folder.loose);
    if (loose) {
      throw new HoldfastError(
        'HF_BAD_CONFIG',
        `server.${key}: others than root may write to ${folders[key]}, or to a folder above it, and could put a link in the place ` +
          `of what root's server writes there: chown it to root and chmod go-w, or name another one`,
      );
    }
  }
}
