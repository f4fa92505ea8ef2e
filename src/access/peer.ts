/**
 * The user at the other end of a socket. On a unix socket the kernel says so (SO_PEERCRED), and the client is not
 * asked.
 */

import type { Socket } from 'node:net';
import { type Principal, UNKNOWN } from '../model/principal.ts';
import { native } from '../platform/native.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';
import { nameOrNumber } from '../platform/process/user-name.ts';
import { personBehind } from './person-behind.ts';

const principals = new WeakMap<Socket, Promise<Principal>>();

/** The peer of this connection, looked up once: its login name, `uid 1234` where that has no name, or none in time. */
export function principalOf(socket: Socket, channel: Principal['channel']): Promise<Principal> {
  let principal = principals.get(socket);
  if (!principal) {
    principal = lookUp(socket, channel);
    principals.set(socket, principal);
  }
  return principal;
}

async function lookUp(socket: Socket, channel: Principal['channel']): Promise<Principal> {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress !== undefined && remotePort !== undefined) {
    return { user: UNKNOWN, channel, from: remoteAddress, port: remotePort, assurance: 'none' };
  }
  const fd = descriptorOf(socket);
  if (fd === undefined) {
    return { user: UNKNOWN, channel, from: 'localhost', assurance: 'none' };
  }
  const { uid, pid } = native.peerCredentials(fd);
  const [name, behind] = await Promise.all([nameOrNumber(uid), personBehind({ pid, uid }, isThere)]);
  return {
    ...{ user: name, channel, from: 'localhost', assurance: 'kernel', pid, uid },
    ...(behind === undefined || behind === name ? {} : { behind }),
  };

  /** With the connection the kernel keeps the process in mind, also after its pid has become that of another one. */
  function isThere(): boolean {
    const now = descriptorOf(socket);
    return now !== undefined && native.peerLives(now);
  }
}
