/**
 * The person who logged in and acts as another user: by sudo, su or a unit of theirs. It is told beside the user and gives nobody
 * a right: a process that no login has started may name itself anybody (docs/decisions/0099-person-behind.md).
 */
import { readFileSync } from 'node:fs';
import { Aside } from '../platform/aside.ts';
import { native } from '../platform/native.ts';
import { nameOrNumber } from '../platform/process/user-name.ts';

/** Nobody has logged in (audit_loginuid, (uid_t)-1). */
const UNSET = 0xffffffff;
const MAX_ENVIRONMENT_BYTES = 256 << 10;
const ROOT = 0;

/** To read an environment is to look into the memory of a process, which may hang as that does. */
const environments = new Aside({ patience: 1000, waiting: 100 });

export interface Peer {
  readonly pid: number;
  readonly uid: number;
}

/** Undefined: the user itself, or unknown. `isThere`: whether the peer has not ended, so that what was read was of it. */
export async function personBehind(peer: Peer, isThere: () => boolean): Promise<string | undefined> {
  const loginUid = loginUidOf(peer);
  const hasLoggedIn = loginUid !== UNSET && loginUid !== peer.uid;
  const sudoUser = hasLoggedIn ? undefined : await sudoUserOf(peer);
  if (!runsAsBefore(peer) || !isThere()) {
    return undefined;
  }
  return hasLoggedIn ? nameOrNumber(loginUid) : sudoUser;
}

/** A peer may have become another user, with the environment of that one: a kernel tells the user of the time when it connected. */
function runsAsBefore({ pid, uid }: Peer): boolean {
  return Number(/^Uid:\t\d+\t(\d+)/m.exec(read(pid, 'status'))?.[1]) === uid;
}

/** There is none in a kernel without audit. */
function loginUidOf({ pid }: Peer): number {
  return Number(read(pid, 'loginuid') || UNSET);
}

/** Empty if it cannot be read, as of a process in another container. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Only root is believed: it could become that user anyway. */
async function sudoUserOf({ pid, uid }: Peer): Promise<string | undefined> {
  if (uid !== ROOT) {
    return undefined;
  }
  const environment = await environments
    .ask<Buffer>({ place: 'processes', what: `environment of pid ${pid}` }, (done) => {
      native.aside('read', `/proc/${pid}/environ`, MAX_ENVIRONMENT_BYTES, done);
    })
    .catch(() => undefined);
  const name = /(?:^|\0)SUDO_USER=([^\0]*)/.exec(environment?.toString() ?? '')?.[1];
  return name === undefined || !/^[^\p{Cc}]{1,256}$/u.test(name) ? undefined : name;
}
