/** Who is at the other end of a unix socket: the kernel says so (SO_PEERCRED), the client is not asked. */

import type { Socket } from 'node:net';
import type { Actor } from '../../console/host-port.ts';
import { native } from '../../platform/native.ts';
import { descriptorOf } from '../../platform/socket-descriptor.ts';

const actors = new WeakMap<Socket, Actor>();

/** The peer of this connection, looked up once: its login name, `uid 1234` where that has no name. */
export function actorOf(socket: Socket): Actor {
  let actor = actors.get(socket);
  if (!actor) {
    actor = lookUp(socket);
    actors.set(socket, actor);
  }
  return actor;
}

function lookUp(socket: Socket): Actor {
  const fd = descriptorOf(socket);
  if (fd === undefined) {
    return { user: 'unknown', from: 'unknown', via: 'attach' };
  }
  const { uid, pid } = native.peerCredentials(fd);
  return { user: native.userById(uid)?.name ?? `uid ${uid}`, from: `pid ${pid}`, via: 'attach' };
}
