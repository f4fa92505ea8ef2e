/** Listening sockets that never take an address from a live owner (spec/procserv.md 2, 13.5). */
import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Endpoint } from '../../model/endpoint.ts';
import { errnoText } from '../errno-text.ts';
import { fsPath } from '../files/byte-names.ts';
import { type Folder, inFolder, openedByName, openFolder } from '../files/folder.ts';
import { native } from '../native.ts';
import { listenersOn } from './unix-listeners.ts';

export interface Listening {
  readonly fd: number;
  /** The endpoint with the port that the kernel chose. */
  readonly endpoint: Endpoint;
  /** Removes the socket's file, if it is still ours. */
  unlink(): void;
}

/** Why listening failed, with the errno for the exit status and a text that says what to do. */
export class ListenError extends Error {
  readonly code: string;
  /** Whether the same obstacle is known to remain; asking disturbs nobody. */
  readonly still: () => boolean;
  constructor(code: string, message: string, still = () => false) {
    super(message);
    this.code = code;
    this.still = still;
  }
}

/** Large enough for all clients to reconnect at once after a restart; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 512;
/** A turn takes less than a millisecond. */
const LOCK_PAUSE_MS = 2;
const LOCK_TRIES = 500;
/** Locks that somebody keeps held: not waited for again. */
const kept = new Set<string>();
const NO_UNLINK = (): void => undefined;

/** Opens a listening socket. Owner and group are numbers here; undefined: of this process. */
export function listenOn(endpoint: Endpoint, owner?: { uid: number; gid: number }): Listening {
  if (endpoint.kind === 'tcp') {
    const fd = native.listenTcp(endpoint.host, endpoint.family, endpoint.port, BACKLOG);
    return { fd, endpoint: { ...endpoint, port: native.boundPort(fd) }, unlink: NO_UNLINK };
  }
  const { path } = endpoint;
  if (path.startsWith('@')) {
    return { fd: native.listenUnix(path, BACKLOG), endpoint, unlink: NO_UNLINK };
  }
  return inFolder(folderOf(path), (folder) => {
    const fd = oneAtATime(folder, () => bindOrReplace(folder, path));
    try {
      const made = open(folder, path, endpoint.mode, owner);
      const unlink = () => quietly(() => inFolder(dirname(path), (now) => unlinkIfSame(now, path, made)));
      return { fd, endpoint, unlink };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  });
}

/** The folder of a socket; throws what bind(2) would. */
function folderOf(path: string): Folder {
  try {
    return openFolder(dirname(path));
  } catch (error) {
    const { code = '', errno, message } = error as NodeJS.ErrnoException;
    throw errno === undefined
      ? new ListenError(code, message)
      : Object.assign(new Error(`bind: ${errnoText(errno)}`), { code });
  }
}

/** Sets owner and mode of a socket that was just made, and never of something put in its place meanwhile. */
function open(folder: Folder, path: string, mode: number, owner?: { uid: number; gid: number }): Stats {
  const socket = openedByName(folder.at(basename(path)));
  try {
    const made = fstatSync(socket.fd);
    // It was made with mode 0, so nobody could connect so far.
    const ours = made.isSocket() && made.nlink === 1 && made.uid === process.geteuid?.();
    if (folder.loose && !(ours && (made.mode & 0o777) === 0)) {
      throw new ListenError('EPERM', `${path} was replaced while it was made: who may write to ${dirname(path)}?`);
    }
    const { uid, gid } = owner ?? made;
    // Failures are not reported (spec/procserv.md 2): a user who may not give files away keeps the socket.
    quietly(() => chownSync(socket.path, uid, gid));
    quietly(() => chmodSync(socket.path, mode));
    return made;
  } finally {
    closeSync(socket.fd);
  }
}

/**
 * Between bind(2) and listen(2) a live socket looks like a dead one: servers that start in one directory take turns.
 * An abstract socket serves as the lock, since it disappears with its owner; a server that does not get it in time goes
 * on without.
 */
function oneAtATime(folder: Folder, action: () => number): number {
  const directory = folder.stat();
  if (directory === undefined) {
    return action();
  }
  const lock = takeLock(`@holdfast-listen-${directory.dev}-${directory.ino}`);
  try {
    return action();
  } finally {
    if (lock !== undefined) {
      closeSync(lock);
    }
  }
}

function takeLock(name: string): number | undefined {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = kept.has(name) ? 1 : LOCK_TRIES; tries > 0; tries--) {
    try {
      const lock = native.listenUnix(name, 0);
      kept.delete(name);
      return lock;
    } catch {
      Atomics.wait(pause, 0, 0, LOCK_PAUSE_MS);
    }
  }
  kept.add(name);
  return undefined;
}

function bindOrReplace(folder: Folder, path: string): number {
  const name = folder.at(basename(path));
  try {
    return native.listenUnix(name, BACKLOG);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') {
      throw error;
    }
    removeStale(folder, path);
    return native.listenUnix(name, BACKLOG);
  }
}

/** Removes the socket of a dead server; throws if it is another kind of file, or somebody listens. */
function removeStale(folder: Folder, path: string): void {
  const name = folder.at(basename(path));
  const seen = lstatSync(fsPath(name));
  if (!seen.isSocket()) {
    throw new ListenError('EEXIST', `${path} exists and is not a socket: remove it or name another path`);
  }
  const owner = native.probeUnix(name);
  if (owner !== undefined) {
    const listeners = listenersOn(path);
    throw new ListenError('EADDRINUSE', `${path} is in use by process ${owner}`, () => {
      try {
        return same(lstatSync(fsPath(path)), seen) && listenersOn(path).some((each) => listeners.includes(each));
      } catch {
        return false;
      }
    });
  }
  // Another server may have done the same just now and already listen: the socket is checked again after it is moved
  // away.
  const aside = folder.at(`${basename(path)}.stale.${process.pid}`);
  renameSync(fsPath(name), fsPath(aside));
  const moved = lstatSync(fsPath(aside));
  if (!same(moved, seen)) {
    linkSync(fsPath(aside), fsPath(name));
    unlinkSync(fsPath(aside));
    throw new ListenError('EADDRINUSE', `${path} was taken by another server just now`);
  }
  unlinkSync(fsPath(aside));
}

function unlinkIfSame(folder: Folder, path: string, made: Stats): void {
  const name = fsPath(folder.at(basename(path)));
  if (same(lstatSync(name), made)) {
    unlinkSync(name);
  }
}

/** The time distinguishes a file from its successor, which often gets the inode number that was just freed. */
function same(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.mtimeMs === b.mtimeMs;
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The caller's comment says why this may fail.
  }
}
