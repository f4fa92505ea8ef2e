/** Where the other end of a connection is. */
import { isIP, type Socket } from 'node:net';

/** IPv4 as such, also where the socket is of both families. Undefined: at a unix socket, or gone. */
export function addressOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string | undefined {
  const plain = remoteAddress?.replace(/^::ffff:/, '');
  return plain !== undefined && isIP(plain) === 4 ? plain : remoteAddress;
}
