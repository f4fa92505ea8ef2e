/** The peer behind an address: limits count one peer, whatever addresses it controls. */

/** As the kernel writes them, and with the same meaning in hexadecimal. */
const MAPPED = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i;

/**
 * The address; all of 127.0.0.0/8 is one peer, as is a /64 of IPv6. An IPv4 address within IPv6 is that IPv4 address.
 */
export function peerNetwork(address: string): string {
  const ipv4 = unmapped(address);
  if (!ipv4.includes(':')) {
    return /^127\.\d+\.\d+\.\d+$/.test(ipv4) ? '127.0.0.0/8' : ipv4;
  }
  // The first four groups, with `::` expanded.
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length);
  const network = [...groups, ...Array<string>(zeros).fill('0'), ...behind].slice(0, 4);
  return `${network.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

function unmapped(address: string): string {
  const [, dotted, high, low] = MAPPED.exec(address) ?? [];
  if (high === undefined || low === undefined) {
    return dotted ?? address;
  }
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}
