/** The memory available to all processes, ours and others. */
import { totalmem } from 'node:os';

/** Bytes: of the machine, or of our cgroup. */
export function machineMemory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}
