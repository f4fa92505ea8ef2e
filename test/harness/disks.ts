/**
 * File systems that do not answer, for tests: each is removed with its test, and undefined if mounting is not
 * permitted.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';
import { isRoot } from './machine.ts';

export interface SilentDisk {
  readonly path: string;
  /** The server is back: pending requests fail, and there is an empty folder. */
  release(): void;
}

/** Like an unreachable file server: no request below `path` gets an answer (FUSE without a server). */
export function silentDisk(t: TestContext): SilentDisk | undefined {
  if (!isRoot) {
    return undefined;
  }
  const path = mkdtempSync(join(tmpdir(), 'holdfast-silent-'));
  let fd: number;
  try {
    fd = openSync('/dev/fuse', 'r+');
  } catch {
    rmdirSync(path);
    return undefined;
  }
  const options = `fd=3,rootmode=40000,user_id=0,group_id=0`;
  const mount = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'silent', path], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  let mounted = mount.status === 0;
  const release = () => {
    if (mounted) {
      mounted = false;
      spawnSync('umount', ['-f', '-l', path]);
      closeSync(fd);
    }
  };
  atEnd(t, () => {
    release();
    rmSync(path, { recursive: true });
  });
  return mounted ? { path, release } : undefined;
}

export interface FreezableDisk {
  readonly path: string;
  /** Writing and creating files hangs, uninterruptibly; reading does not. */
  freeze(): void;
  thaw(): void;
}

/** An ext4 of its own (fsfreeze). */
export function freezableDisk(t: TestContext): FreezableDisk | undefined {
  if (!isRoot) {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-freeze-'));
  const [image, path] = [join(folder, 'image'), join(folder, 'mounted')];
  writeFileSync(image, '');
  truncateSync(image, 32 << 20);
  const run = (program: string, ...words: string[]) => spawnSync(program, words, { stdio: 'ignore' }).status === 0;
  let frozen = false;
  const thaw = () => {
    if (frozen) {
      frozen = false;
      run('fsfreeze', '-u', path);
    }
  };
  const mounted = run('mkfs.ext4', '-q', image) && run('mkdir', path) && run('mount', '-o', 'loop', image, path);
  atEnd(t, () => {
    thaw();
    if (mounted) {
      run('umount', '-l', path);
    }
    rmSync(folder, { recursive: true });
  });
  const freeze = () => {
    frozen = run('fsfreeze', '-f', path);
  };
  return mounted ? { path, freeze, thaw } : undefined;
}
