/** What was held, where the list of holds does not say it. */

import { readMemo } from '../console/memo.ts';
import type { HoldInfo } from '../model/api.ts';
import type { KeptConsole } from '../model/holder-protocol.ts';

/** Who holds what somebody unknown may have held. */
const NOBODY_KNOWN = 'holdfast';

/** `now`: milliseconds since 1970. */
export function unknownHold(now: number): HoldInfo {
  return {
    reason: 'the list of holds was damaged, and it may have been held',
    by: NOBODY_KNOWN,
    since: new Date(now).toISOString(),
  };
}

/** By what the holder has kept; `doubtful`: the list of holds is not whole, so that not to be on it says nothing. */
export function mayBeHeld({ memo, pid }: Pick<KeptConsole, 'memo' | 'pid'>, doubtful: boolean): boolean {
  // A memo that makes no sense is told of when the console begins.
  const kept = readMemo(memo, () => undefined);
  return kept ? kept.state === 'held' : doubtful && pid === undefined;
}
