/** TCP to a server, trying every address of its name. */
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import type { Client } from './client.ts';
import { Link } from './link.ts';

const LOOKUP_TEXTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
};

/** Undefined, after a message on stderr, if nobody answers there. */
export async function openLink(client: Client, host: string, port: number): Promise<Link | undefined> {
  let addresses: readonly { address: string }[];
  try {
    addresses = await lookup(host, { all: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    client.warn(`getaddrinfo(${host}): ${LOOKUP_TEXTS[code ?? ''] ?? message}`);
    client.failed('unreachable');
    return undefined;
  }
  for (const { address } of addresses) {
    const socket = await tryConnect(address, port);
    if (socket !== undefined) {
      return new Link(host, socket, client.trace);
    }
  }
  for (const { address } of addresses) {
    client.warn(`Unable to connect to ${address}:${port}`);
  }
  client.failed('unreachable');
  return undefined;
}

function tryConnect(address: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true, keepAlive: true });
    socket.once('connect', () => {
      socket.removeAllListeners();
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}
