/** The current state of this machine and its processes, and the parts that a test may use. */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';

export const isRoot = process.getuid?.() === 0;

/** A directory that is removed with the test. */
export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  // A thread that was left with a write may still make a file in it (ENOTEMPTY).
  atEnd(t, () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }));
  return path;
}

/** A small tmpfs that is removed with the test; undefined if mounting is not permitted. */
export function smallDisk(t: TestContext, bytes: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'holdfast-test', path]).status === 0;
  atEnd(t, () => {
    if (mounted) {
      spawnSync('umount', ['-l', path]);
    }
    rmdirSync(path);
  });
  return mounted ? path : undefined;
}

/** The skip reason of a test that needs these programs; false if all are there. */
export function missing(...programs: readonly string[]): string | false {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  const lacking = programs.filter((program) => !folders.some((folder) => isExecutable(join(folder, program))));
  return lacking.length > 0 && `not installed: ${lacking.join(', ')}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Bytes of a file; 0 while there is none of this name, as at the moment when one is moved aside. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Number of open descriptors. */
export function descriptors(pid: number | 'self' = 'self'): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Their targets. One that is closed meanwhile is left out. */
export function targetsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** One line of /proc/PID/status, without its name. */
export function status(pid: number | 'self', name: string): string {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return (line ?? '').slice(name.length + 1).trim();
}

/** Whether the process is there and not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !status(pid, 'State').startsWith('Z');
  } catch {
    return false;
  }
}
