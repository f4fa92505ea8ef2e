import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** The first line that a program prints for `args`, or why there is none. */
export function firstLine(command: string, ...args: string[]): string {
  const { stdout, error } = spawnSync(command, args, { encoding: 'utf8' });
  return error?.message ?? stdout.split('\n')[0]?.trim() ?? '';
}

/** The conditions of the figures, in one line. */
export function describeMachine(): string {
  const cores = cpus();
  return [
    `${cores.length} cores (${cores[0]?.model ?? 'unknown'})`,
    `${Math.round(totalmem() / 1e9)} GB`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    firstLine('cc', '--version'),
    `load ${loadavg()[0]?.toFixed(1)} at the start`,
  ].join(', ');
}
