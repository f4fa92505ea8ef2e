/** What Node changes of the limits under which this program was started. */
import { native } from '../native.ts';

/**
 * Node raises the soft limit of descriptors as far as it may. bin/launch notes what it was as a condition: a word of which
 * Node takes any, and which goes with `process.execArgv` to every other process of ours.
 */
const NOTE = /^--conditions=soft-nofile-(\d+|unlimited)$/;

const [soft] = process.execArgv.flatMap((word) => {
  const [, text] = NOTE.exec(word) ?? [];
  return text === undefined ? [] : [text === 'unlimited' ? -1 : Number(text)];
});

type Limit = readonly [resource: number, soft: number | null, hard: number | null];

/** The limits that a child gets unless it is told others: programs that use select(2) break above 1024 descriptors. */
export const INHERITED_LIMITS: readonly Limit[] =
  soft === undefined ? [] : [[native.rlimit.nofile as number, soft, null]];

/** Gives this process itself, which is to become another program, the limits that it was started with. */
export function restoreLimits(): void {
  if (soft !== undefined) {
    native.limitDescriptors(soft);
  }
}
