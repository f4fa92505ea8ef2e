import { lookupService } from 'node:dns/promises';
import { Gate } from '../time/gate.ts';

/** Milliseconds a name service has to answer. */
const TIMEOUT_MS = 3000;
/** Cache lifetime in milliseconds, and size; failures are cached too. */
const VALID_FOR = 30_000;
const MAX_KNOWN = 1000;

/** A lookup takes a thread of the pool that also reads files: a crowd from many addresses must leave some free. */
const questions = new Gate(2, 256);

const known = new Map<string, { readonly name: Promise<string | undefined>; readonly until: number }>();

/** The name of the address on this machine or in the DNS; undefined if there is none, or none in time. */
export function peerName(address: string): Promise<string | undefined> {
  const now = performance.now();
  const answer = known.get(address);
  if (answer !== undefined && now < answer.until) {
    return answer.name;
  }
  // Connections of one peer share one lookup.
  const name = lookup(address);
  known.delete(address);
  known.set(address, { name, until: now + VALID_FOR });
  if (known.size > MAX_KNOWN) {
    known.delete(known.keys().next().value as string);
  }
  return name;
}

async function lookup(address: string): Promise<string | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), TIMEOUT_MS);
  const found = questions
    .run(async () => await lookupService(address, 0))
    .then(
      (answer) => (answer?.hostname === address ? undefined : answer?.hostname),
      () => undefined,
    );
  const name = await Promise.race([found, late]);
  clearTimeout(timer);
  return name;
}
