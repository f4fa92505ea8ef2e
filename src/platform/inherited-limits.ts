/** What Node changes of the limits under which this program was started. */
import { native } from './native.ts';

/**
 * Node raises the soft limit of descriptors as far as it may. bin/launch notes what it was as a condition: a word of which
 * Node takes any, and which goes with `process.execArgv` to every other process of ours.
 */
const NOTE = /^--conditions=soft-nofile-(\d+|unlimited)$/;

type Limit = readonly [resource: number, soft: number | null, hard: number | null];

/** The limits that a child gets unless it is told others: programs that use select(2) break above 1024 descriptors. */
export const INHERITED_LIMITS: readonly Limit[] = process.execArgv.flatMap((word) => {
  const [, soft] = NOTE.exec(word) ?? [];
  return soft === undefined ? [] : [[native.rlimit.nofile as number, soft === 'unlimited' ? -1 : Number(soft), null]];
});
