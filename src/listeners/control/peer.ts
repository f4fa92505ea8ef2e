/** Who is at the other end of a unix socket: the kernel says so (SO_PEERCRED), the client is not asked. */

import type { Socket } from 'node:net';
import type { Actor } from '../../console/host-port.ts';
import { aside } from '../../platform/aside.ts';
import { native } from '../../platform/native.ts';
import { descriptorOf } from '../../platform/socket-descriptor.ts';

/** A user directory that does not answer holds no request up for longer than this. Milliseconds. */
const PATIENCE = 1000;
/** A name that is older is used too, and asked for again. Milliseconds. */
const GOOD_FOR = 60_000;
const MOST_KNOWN = 1000;

const actors = new WeakMap<Socket, Promise<Actor>>();
const names = new Map<number, { readonly name: string | undefined; readonly until: number }>();

/** The peer of this connection, looked up once: its login name, `uid 1234` where that has no name, or none in time. */
export function actorOf(socket: Socket): Promise<Actor> {
  let actor = actors.get(socket);
  if (!actor) {
    actor = lookUp(socket);
    actors.set(socket, actor);
  }
  return actor;
}

async function lookUp(socket: Socket): Promise<Actor> {
  const fd = descriptorOf(socket);
  if (fd === undefined) {
    return { user: 'unknown', from: 'unknown', via: 'attach' };
  }
  const { uid, pid } = native.peerCredentials(fd);
  return { user: (await nameOf(uid)) ?? `uid ${uid}`, from: `pid ${pid}`, via: 'attach' };
}

async function nameOf(uid: number): Promise<string | undefined> {
  const known = names.get(uid);
  if (known !== undefined && performance.now() < known.until) {
    return known.name;
  }
  const asked = aside.userById(uid).then(
    (user) => {
      remember(uid, user?.name);
      return user?.name;
    },
    () => known?.name,
  );
  if (known !== undefined) {
    return known.name;
  }
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE);
  const name = await Promise.race([asked, late]);
  clearTimeout(timer);
  return name;
}

function remember(uid: number, name: string | undefined): void {
  names.delete(uid);
  names.set(uid, { name, until: performance.now() + GOOD_FOR });
  if (names.size > MOST_KNOWN) {
    names.delete(names.keys().next().value as number);
  }
}
