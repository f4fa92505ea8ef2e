/** The peer of a unix socket as the kernel reports it (SO_PEERCRED); the client is not asked. */

import type { Socket } from 'node:net';
import type { Actor } from '../model/host-port.ts';
import { native } from '../platform/native.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';
import { userName } from '../platform/process/user-name.ts';

const actors = new WeakMap<Socket, Promise<Actor>>();

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
  return { user: (await userName(uid)) ?? `uid ${uid}`, from: `pid ${pid}`, via: 'attach' };
}
