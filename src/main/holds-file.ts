/** Holds, kept in a file of the state directory: a console that is held stays so over a restart of the machine. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HoldInfo } from '../model/api.ts';

const NAME = 'holds.json';

export function readHolds(stateDir: string): Readonly<Record<string, HoldInfo>> {
  try {
    return JSON.parse(readFileSync(join(stateDir, NAME), 'utf8'));
  } catch {
    return {};
  }
}

export function writeHolds(
  stateDir: string,
  holds: Readonly<Record<string, HoldInfo>>,
  trouble: (message: string) => void,
): void {
  const path = join(stateDir, NAME);
  try {
    writeFileSync(`${path}.tmp`, `${JSON.stringify(holds, null, 2)}\n`);
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    trouble(`holds are not kept over a restart of the machine: ${(error as Error).message}`);
  }
}
