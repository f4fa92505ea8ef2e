/** The holds, if the list of holds is incomplete. */

import { readMemo } from '../console/memo.ts';
import type { HoldInfo } from '../model/api.ts';
import type { KeptConsole } from '../model/holder-protocol.ts';

/** The principal of a hold whose author is unknown. */
const NOBODY_KNOWN = 'holdfast';

/** `now`: milliseconds since 1970. */
export function unknownHold(now: number): HoldInfo {
  return {
    reason: 'the list of holds was damaged, and it may have been held',
    by: NOBODY_KNOWN,
    since: new Date(now).toISOString(),
  };
}

/**
 * According to the holder's memo; `doubtful`: the list of holds is incomplete, so that absence from it proves nothing.
 */
export function mayBeHeld({ memo, pid }: Pick<KeptConsole, 'memo' | 'pid'>, doubtful: boolean): boolean {
  // An invalid memo is reported when the console begins.
  const kept = readMemo(memo, () => undefined);
  if (kept === undefined) {
    return doubtful && pid === undefined;
  }
  return kept.state === 'held' || (kept.state === 'stopping' && kept.event === 'hold');
}
