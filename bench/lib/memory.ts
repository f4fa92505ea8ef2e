import { readdirSync, readFileSync } from 'node:fs';

function children(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((word) => word !== '')
    .map(Number);
}

/** `pid` and its descendants, without the branches that start at `without`. */
export function processTree(pid: number, without: readonly number[] = []): number[] {
  const below = children(pid).filter((child) => !without.includes(child));
  return [pid, ...below.flatMap((child) => processTree(child, without))];
}

/** Proportional set size of a process in MB (10^6 bytes), from /proc/PID/smaps_rollup. */
export function proportionalMegabytes(pid: number): number {
  const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  if (found === null) {
    throw new Error(`bench: /proc/${pid}/smaps_rollup has no Pss line`);
  }
  return (Number(found[1]) * 1024) / 1e6;
}
