/** The limits under which this program was started, before Node changes them. */
import { native } from '../native.ts';

/**
 * Node raises the soft limit of descriptors as far as it can. bin/launch records the original as a condition
 * (--conditions): Node accepts any word there, and `process.execArgv` passes it on to our other processes.
 */
const NOTE = /^--conditions=soft-nofile-(\d+|unlimited)$/;

const [soft] = process.execArgv.flatMap((word) => {
  const [, text] = NOTE.exec(word) ?? [];
  return text === undefined ? [] : [text === 'unlimited' ? -1 : Number(text)];
});

type Limit = readonly [resource: number, soft: number | null, hard: number | null];

/** The default limits of a child: programs that use select(2) break above 1024 descriptors. */
export const INHERITED_LIMITS: readonly Limit[] =
  soft === undefined ? [] : [[native.rlimit.nofile as number, soft, null]];

/** Restores the limits this process was started with, before it becomes another program. */
export function restoreLimits(): void {
  if (soft !== undefined) {
    native.limitDescriptors(soft);
  }
}
