import { lookupService } from 'node:dns/promises';
import { Gate } from '../time/gate.ts';

/** A name service that does not answer holds nobody up longer than this. Milliseconds. */
const PATIENCE = 3000;
/** An answer, also that there is none, is good for so long, and for so many addresses. Milliseconds. */
const GOOD_FOR = 30_000;
const MOST_KNOWN = 1000;

/** A question takes a thread of the pool that reads files too: a crowd from many addresses leaves some of them free. */
const questions = new Gate(2, 256);

const known = new Map<string, { readonly name: Promise<string | undefined>; readonly until: number }>();

/** The name that the address has on this machine or in the DNS; undefined when there is none, or none in time. */
export function peerName(address: string): Promise<string | undefined> {
  const now = performance.now();
  const answer = known.get(address);
  if (answer !== undefined && now < answer.until) {
    return answer.name;
  }
  // Many connections of one peer are one question.
  const name = lookup(address);
  known.delete(address);
  known.set(address, { name, until: now + GOOD_FOR });
  if (known.size > MOST_KNOWN) {
    known.delete(known.keys().next().value as string);
  }
  return name;
}

async function lookup(address: string): Promise<string | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE);
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
