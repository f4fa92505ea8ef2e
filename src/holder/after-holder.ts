/**
 * Run by systemd when the holder has ended (`ExecStopPost=`). With `KillMode=process` nothing else handles the
 * children: if the holder was told to end, the remaining ones are killed; if it died, they live on for the next one.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SIGKILL } from '../model/signals.ts';
import { complain } from '../platform/process/complain.ts';
import { ownPath } from '../platform/process/own-cgroup.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Records } from './records.ts';

/** The result of a holder that was told to end; any other is a death (systemd.exec(5), SERVICE_RESULT). */
const TOLD: readonly string[] = ['success', 'timeout'];
/** The cgroup of systemd for commands beside the service itself. */
const CONTROL = '.control';

export function afterHolder(result: string, records: () => Records): void {
  const own = ownPath();
  const service = own?.endsWith(`/${CONTROL}`) ? dirname(own) : undefined;
  if (TOLD.includes(result)) {
    if (service === undefined) {
      killRecorded(records());
    } else {
      killAll(service);
    }
    return;
  }
  if (service === undefined) {
    return;
  }
  // A cgroup that enables controllers for its children may have no processes: systemd could not start the next holder
  // in it.
  for (const controller of read(join(service, 'cgroup.subtree_control')).split(/\s+/).filter(Boolean)) {
    write(join(service, 'cgroup.subtree_control'), `-${controller}`);
  }
}

/** Without cgroup v2: the process groups in the records of the holder. */
function killRecorded(records: Records): void {
  for (const { saved, record } of records.take().found) {
    const { child } = saved;
    if (child && startTimeOf(child.pid) === child.startTime) {
      kill(-child.pid);
    }
    record.remove();
  }
}

/** Everything in the tree except the manager's own commands. */
function killAll(folder: string): void {
  for (const pid of read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)) {
    kill(pid);
  }
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== CONTROL) {
      killAll(join(folder, entry.name));
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, SIGKILL);
  } catch {
    // Gone meanwhile.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    complain(`holdfast-holder: ${path}: ${(error as Error).message}\n`);
  }
}
