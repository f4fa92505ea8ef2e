/**
 * What systemd runs when the holder has ended (`ExecStopPost=`). With `KillMode=process` nobody else looks after the children:
 * if the holder was told to end, what it has left is killed; if it died, they live on for the next one.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownPath } from '../platform/own-cgroup.ts';

/** How a holder ends that was told to; any other result is a death (systemd.exec(5), SERVICE_RESULT). */
const TOLD: readonly string[] = ['success', 'timeout'];
const SIGKILL = 9;
const CONTROL = '.control';

export function afterHolder(result: string): void {
  const own = ownPath();
  // In a cgroup of its own below that of the service, which is there for this.
  if (own === undefined || !own.endsWith(`/${CONTROL}`)) {
    return;
  }
  const service = dirname(own);
  if (TOLD.includes(result)) {
    killAll(service);
    return;
  }
  // A cgroup that hands controllers down may have no processes: systemd could not start the next holder in it.
  for (const controller of read(join(service, 'cgroup.subtree_control')).split(/\s+/).filter(Boolean)) {
    write(join(service, 'cgroup.subtree_control'), `-${controller}`);
  }
}

/** Everything in the tree but what the manager itself runs. */
function killAll(folder: string): void {
  for (const pid of read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)) {
    try {
      process.kill(pid, SIGKILL);
    } catch {
      // Gone meanwhile.
    }
  }
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== CONTROL) {
      killAll(join(folder, entry.name));
    }
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
    process.stderr.write(`holdfast-holder: ${path}: ${(error as Error).message}\n`);
  }
}
