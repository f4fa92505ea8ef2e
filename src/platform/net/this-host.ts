/** The names of this machine, and the ports of its services. */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** Milliseconds a name service has to answer. */
const TIMEOUT_MS = 5000;

/** Milliseconds for which the list of interfaces is used. */
const VALID_FOR_MS = 10_000;
let own: { readonly addresses: ReadonlySet<string>; readonly at: number } | undefined;

/** Whether an interface that is up has the address; one added within the last seconds may be missing. */
export function isOwnAddress(address: string): boolean {
  const now = performance.now();
  if (own === undefined || now - own.at > VALID_FOR_MS) {
    own = { addresses: ownAddresses(), at: now };
  }
  return own.addresses.has(address);
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)));
}

/** The names among these that resolve to an address of an interface that is up. Unknown names are left out. */
export async function ownNames(names: readonly string[]): Promise<ReadonlySet<string>> {
  const addressesHere = ownAddresses();
  const found = await Promise.all(
    [...new Set(names)].map(async (name) =>
      (await addresses(name)).some((address) => addressesHere.has(address)) ? [name] : [],
    ),
  );
  return new Set(found.flat());
}

async function addresses(name: string): Promise<string[]> {
  const { promise: late, resolve } = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => resolve([]), TIMEOUT_MS);
  const found = lookup(name, { all: true }).then(
    (list) => list.map(({ address }) => address),
    () => [],
  );
  const list = await Promise.race([found, late]);
  clearTimeout(timer);
  return list;
}

/** A TCP service of /etc/services. */
export function servicePort(name: string): number | undefined {
  let text: string;
  try {
    text = readFileSync('/etc/services', 'utf8');
  } catch {
    return undefined;
  }
  for (const line of text.split('\n')) {
    const [service, port = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [number, protocol] = port.split('/');
    if (protocol === 'tcp' && (service === name || aliases.includes(name))) {
      return Number(number);
    }
  }
  return undefined;
}
