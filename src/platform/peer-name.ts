import { lookupService } from 'node:dns/promises';

/** A name service that does not answer holds nobody up longer than this. Milliseconds. */
const PATIENCE = 3000;

/** The name that the address has on this machine or in the DNS; undefined when there is none, or none in time. */
export async function peerName(address: string): Promise<string | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE);
  const found = lookupService(address, 0).then(
    ({ hostname }) => (hostname === address ? undefined : hostname),
    () => undefined,
  );
  const name = await Promise.race([found, late]);
  clearTimeout(timer);
  return name;
}
