/** Plays a break sequence on a line. */
import { toBytes } from '../../codec/byte-string.ts';
import { parseBreak } from '../../grammar/conserver-break.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Source } from './ports.ts';

/** `delay`: milliseconds of one `\d`. A line without breaks of its own passes `\z` over. */
export async function sendBreak(
  string: string,
  delay: number,
  source: Pick<Source, 'write' | 'sendBreak'>,
  clock: Clock,
): Promise<void> {
  for (const step of parseBreak(string)) {
    if (step.kind === 'text') {
      source.write(toBytes(step.text));
    } else if (step.kind === 'break') {
      await source.sendBreak?.();
    } else {
      await new Promise<void>((resolve) => clock.after(delay, resolve));
    }
  }
}
