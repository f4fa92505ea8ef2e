/**
 * One lookup for all connections to one host: if the resolver does not answer, lookups occupy the two threads that
 * Node has for them, and other hosts have to wait.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

const asked = new Map<string, Answer[]>();

/** As `dns.lookup`, for the `lookup` of `net.connect`. */
export function sharedLookup(host: string, options: LookupOptions, answer: Answer): void {
  const question = JSON.stringify([host, options]);
  const waiting = asked.get(question);
  if (waiting) {
    waiting.push(answer);
    return;
  }
  const all = [answer];
  asked.set(question, all);
  lookup(host, options, (error, address, family) => {
    asked.delete(question);
    for (const each of all) {
      each(error, address, family);
    }
  });
}
