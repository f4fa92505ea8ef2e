/** What there is for all processes, ours and others. */
import { totalmem } from 'node:os';

/** Bytes: of the machine, or of the cgroup that we are in. */
export function machineMemory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}
