/** Whether logs can grow without end. */

import { dirname } from 'node:path';
import type { ConsoleConfig } from '../../../model/config.ts';
import { someOf } from '../../../model/counted.ts';
import { memoryText } from '../../../model/size-text.ts';
import { type DiskFault, DiskFiles } from '../../../platform/files/disk-files.ts';
import { mountPointOf } from '../../../platform/mounts.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { clean } from '../text/display.ts';
import { type Finding, ok, warning } from './doctor-checks.ts';

/** Consoles shown by name. */
const SHOWN = 5;
/** Milliseconds a file system has for each answer. */
const LIMIT_MS = 2000;

/** Logs of one file system. */
interface OnDisk {
  readonly first: string;
  readonly bytes: number;
}

/** `consoles`: as the files have them. */
export async function checkLogBounds(
  consoles: readonly Pick<ConsoleConfig, 'name' | 'log'>[],
  clock: Clock,
): Promise<readonly Finding[]> {
  const logged = consoles.filter(({ log }) => log !== undefined);
  const endless = logged.filter(({ log }) => log?.size === undefined && log?.age === undefined);
  if (logged.length === 0) {
    return [];
  }
  if (endless.length === 0) {
    return [ok('size of logs', 'all are bounded')];
  }
  const disk = new DiskFiles(clock, LIMIT_MS);
  const taken = await takenBy(new Set(endless.flatMap(({ log }) => log?.path ?? [])), disk);
  disk.close();
  const names = endless.map(({ name }) => clean(name));
  return [
    warning(
      'size of logs',
      [`nothing bounds those of ${someOf(names, SHOWN)}`, ...taken].join('; '),
      'log.size = "100M", the default, keeps the last 500 MB or more of each; fine if logrotate takes care of them',
    ),
  ];
}

/** A line for each file system; nothing of logs that are not there, or that this user may not read. */
async function takenBy(paths: ReadonlySet<string>, disk: DiskFiles): Promise<readonly string[]> {
  const disks = new Map<string, OnDisk>();
  for (const path of paths) {
    const file = await disk.fetch({ path }).catch((fault: DiskFault) => fault);
    if (file instanceof Error) {
      // One that hangs would be waited for with each of its logs.
      if (file.errno === 0) {
        break;
      }
      continue;
    }
    const { device, size } = file.found;
    const on = disks.get(device) ?? { first: path, bytes: 0 };
    disks.set(device, { ...on, bytes: on.bytes + size });
    file.close();
  }
  const told = [...disks.values()].map(async ({ bytes, first }) => {
    const space = await disk.ask({ verb: 'space', path: dirname(first) }).catch(() => undefined);
    const total = space?.answer?.target ?? 0;
    const share = total === 0 ? '' : `, ${((100 * bytes) / total).toFixed(1)} %`;
    return `they take ${memoryText(bytes)}${share} of the disk at ${clean(mountPointOf(first))}`;
  });
  return await Promise.all(told);
}
