/** Holds, kept in a file of the state directory: a console that is held stays so over a restart of the machine. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { HoldInfo } from '../model/api.ts';

const NAME = 'holds.json';

type Holds = Readonly<Record<string, HoldInfo>>;

/** What cannot be read is told, and the file is put aside: somebody may stand at what is started now. */
export function readHolds(stateDir: string, trouble: (message: string) => void): Holds {
  const path = join(stateDir, NAME);
  try {
    const holds: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isHolds(holds)) {
      throw new Error('that is no list of holds');
    }
    return Object.fromEntries(
      Object.entries(holds).map(([name, hold]) => {
        const { until, ...endless } = hold;
        if (until === undefined || !Number.isNaN(Date.parse(until))) {
          return [name, hold];
        }
        // Somebody may stand at it: rather held for too long.
        trouble(`${path}: '${until}' is no time, so ${name} is held until it is released`);
        return [name, endless];
      }),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      trouble(`${path} cannot be read, so nothing is held; it is ${NAME}.bad now: ${(error as Error).message}`);
      putAside(path);
    }
    return {};
  }
}

export function writeHolds(stateDir: string, holds: Holds, trouble: (message: string) => void): void {
  const path = join(stateDir, NAME);
  try {
    const fd = openSync(`${path}.tmp`, 'w', 0o640);
    try {
      writeSync(fd, `${JSON.stringify(holds, null, 2)}\n`);
      // The new name must not be on the disk before what it names.
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    trouble(`holds are not kept over a restart of the machine: ${(error as Error).message}`);
  }
}

function putAside(path: string): void {
  try {
    renameSync(path, `${path}.bad`);
  } catch {
    // It stays where it is until the next hold.
  }
}

function isHolds(value: unknown): value is Holds {
  return (
    isTable(value) &&
    Object.values(value).every(
      (hold) => isTable(hold) && [hold.reason, hold.by, hold.since].every((text) => typeof text === 'string'),
    )
  );
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
