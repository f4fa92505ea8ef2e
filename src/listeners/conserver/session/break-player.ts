/** Plays a break sequence on a line. */

import { toBytes } from '../../../codec/byte-string.ts';
import { parseBreak } from '../../../grammar/conserver/break.ts';
import type { BreakLine } from '../../../model/console-acts.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { pause } from '../../../platform/time/pause.ts';

/**
 * `delay`: milliseconds of one `\d`. Resolves with the parts that the line does not support (line breaks); the rest is
 * sent.
 */
export async function sendBreak(
  string: string,
  delay: number,
  source: BreakLine,
  clock: Clock,
): Promise<'no break' | undefined> {
  let missing: 'no break' | undefined;
  for (const step of parseBreak(string)) {
    if (step.kind === 'text') {
      source.write(toBytes(step.text));
    } else if (step.kind === 'break') {
      if (source.sendBreak === undefined) {
        missing = 'no break';
      } else {
        await source.sendBreak();
      }
    } else {
      await pause(clock, delay);
    }
  }
  return missing;
}
