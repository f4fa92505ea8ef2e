/**
 * A folder, opened before something is created or removed in it. As root, nobody may redirect us meanwhile: folders
 * are opened one inside the other, a link is followed only if root alone can have made it, and names are looked up
 * relative to the descriptor.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { textOf } from '../../model/byte-text.ts';
import { errnoText } from '../errno-text.ts';
import { fsPath } from './byte-names.ts';

/** Of <fcntl.h>, the same on all machines that we run on; Node does not have O_PATH. */
const O_PATH = 0o10000000;
const O_NOFOLLOW = 0o400000;
const MAX_LINKS = 40;
const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

export class Folder {
  readonly #path: string;
  readonly #fd: number | undefined;
  /** We are root, and others may change its contents or replace it. */
  readonly loose: boolean;

  constructor(path: string, fd?: number, loose = false) {
    this.#path = path;
    this.#fd = fd;
    this.loose = loose;
  }

  /** A path of this name in the folder, even if the folder is renamed meanwhile. */
  at(name: string): string {
    return this.#fd !== undefined && this.loose ? `/proc/self/fd/${this.#fd}/${name}` : join(this.#path, name);
  }

  /** Undefined if there is none: never as root, which has opened it. */
  stat(): Stats | undefined {
    return this.#fd === undefined ? statSync(fsPath(this.#path), { throwIfNoEntry: false }) : fstatSync(this.#fd);
  }

  close(): void {
    if (this.#fd !== undefined) {
      closeSync(this.#fd);
    }
  }
}

/**
 * Opens a folder; `make`: creates missing parts with this mode. Throws the file system's error, or EPERM for a link
 * that others may have made.
 */
export function openFolder(path: string, make?: number): Folder {
  if (process.geteuid?.() !== 0) {
    if (make !== undefined) {
      mkdirSync(fsPath(path), { recursive: true, mode: make });
    }
    return new Folder(path);
  }
  const walk = new Walk(path);
  try {
    while (walk.step(make)) {
      // One folder, or one link, at a time.
    }
    return walk.end();
  } catch (error) {
    walk.close();
    throw error;
  }
}

/** Opens the folder for `work`, unless it is open already, and always closes it. */
export function inFolder<T>(place: string | Folder, work: (folder: Folder) => T): T {
  const folder = typeof place === 'string' ? openFolder(place) : place;
  try {
    return work(folder);
  } finally {
    folder.close();
  }
}

/** `/proc/self/fd/N` of an entry that was opened by its name, and not through a link. */
export function openedByName(path: string): { readonly fd: number; readonly path: string } {
  const fd = openSync(fsPath(path), O_PATH | O_NOFOLLOW);
  return { fd, path: `/proc/self/fd/${fd}` };
}

/** Whether others than root may create entries. */
function isOpen({ uid, mode }: Stats): boolean {
  return uid !== 0 || (mode & OTHERS_WRITE) !== 0 || (mode & GROUP_WRITES) !== 0;
}

/** Whether others than root may replace this entry. In a sticky folder, such as /tmp, only its owner may. */
function mayChange(folder: Stats, entry: Stats): boolean {
  const sticky = folder.uid === 0 && (folder.mode & STICKY) !== 0;
  return isOpen(folder) && !(sticky && entry.uid === 0);
}

class Walk {
  readonly #path: string;
  readonly #rest: string[];
  #fd: number;
  #links = 0;
  #loose = false;

  constructor(path: string) {
    this.#path = path;
    this.#rest = path.split('/');
    this.#fd = openSync(path.startsWith('/') ? '/' : '.', O_PATH);
  }

  /** Whether there was anything to do. */
  step(make: number | undefined): boolean {
    const name = this.#rest.shift();
    if (name === undefined || name === '' || name === '.') {
      return name !== undefined;
    }
    const { fd: next } = this.#open(name, make);
    const found = fstatSync(next);
    const strange = mayChange(fstatSync(this.#fd), found);
    if (found.isSymbolicLink()) {
      closeSync(next);
      this.#follow(name, strange);
      return true;
    }
    closeSync(this.#fd);
    this.#fd = next;
    this.#loose ||= strange;
    return true;
  }

  end(): Folder {
    const found = fstatSync(this.#fd);
    if (!found.isDirectory()) {
      throw fault('ENOTDIR', this.#path);
    }
    return new Folder(this.#path, this.#fd, this.#loose || isOpen(found));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #open(name: string, make: number | undefined): { readonly fd: number } {
    const path = `/proc/self/fd/${this.#fd}/${name}`;
    try {
      return openedByName(path);
    } catch (error) {
      if (make === undefined || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw named(error, this.#path);
      }
    }
    try {
      mkdirSync(fsPath(path), { mode: make });
    } catch (error) {
      throw named(error, this.#path);
    }
    return openedByName(path);
  }

  #follow(name: string, strange: boolean): void {
    if (strange) {
      const where = join(textOf(readlinkSync(`/proc/self/fd/${this.#fd}`, 'buffer')), name);
      const text = `${where} is a link in a folder that others than root may write to: root does not follow it; name the folder itself`;
      throw Object.assign(new Error(text), { code: 'EPERM' });
    }
    this.#links += 1;
    if (this.#links > MAX_LINKS) {
      throw fault('ELOOP', this.#path);
    }
    const target = textOf(readlinkSync(fsPath(`/proc/self/fd/${this.#fd}/${name}`), 'buffer'));
    this.#rest.unshift(...target.split('/'));
    if (target.startsWith('/')) {
      const root = openSync('/', O_PATH);
      closeSync(this.#fd);
      this.#fd = root;
    }
  }
}

function fault(code: 'ENOTDIR' | 'ELOOP', path: string): Error {
  const errno = constants.errno[code];
  return Object.assign(new Error(`${code}: ${errnoText(errno)}, open '${path}'`), { code, errno });
}

/** With the caller's path in place of the descriptor's. */
function named(error: unknown, path: string): unknown {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  return Object.assign(new Error(message.replace(/'\/proc\/self\/fd\/.*'/, `'${path}'`)), { code, errno });
}
