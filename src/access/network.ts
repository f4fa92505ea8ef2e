/** Networks as rules name them: an address, or a network as ADDRESS/BITS, of IPv4 or IPv6. */
import { BlockList, isIP } from 'node:net';

const networks = new Map<string, BlockList | undefined>();

/** `address` as a principal has it: numeric, or `localhost`; the name of a host is in no network. */
export function isInNetwork(network: string, address: string): boolean {
  if (!networks.has(network)) {
    networks.set(network, parseNetwork(network));
  }
  const numeric = address === 'localhost' ? '127.0.0.1' : address;
  const family = isIP(numeric);
  return family !== 0 && (networks.get(network)?.check(numeric, family === 6 ? 'ipv6' : 'ipv4') ?? false);
}

/** Undefined for anything else. */
export function parseNetwork(text: string): BlockList | undefined {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (family === 0 || prefix > most) {
    return undefined;
  }
  const list = new BlockList();
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return list;
}
