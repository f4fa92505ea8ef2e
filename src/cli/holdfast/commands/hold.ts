import { text } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { givenReason } from '../parts/reason.ts';
import { SELECTION, untilDone, WAITING, waitsHelp } from '../parts/verbs.ts';
import { parseDuration, parseTime } from '../text/times.ts';

/** When a hold ends, milliseconds since 1970: after `--for`, or at `--until`; undefined: when somebody releases it. */
export function holdEnd(forText: string | undefined, untilText: string | undefined, now: number): number | undefined {
  if (forText !== undefined && untilText !== undefined) {
    throw new UsageError('hold: --for and --until exclude each other');
  }
  if (forText !== undefined) {
    return now + parseDuration(forText, '--for');
  }
  if (untilText === undefined) {
    return undefined;
  }
  const at = parseTime(untilText, now, '--until');
  // A bare time of day is normally the most recent one; here it means the next one.
  const end = at <= now && /^\d{1,2}:/.test(untilText) ? new Date(at).setDate(new Date(at).getDate() + 1) : at;
  if (end <= now) {
    throw new UsageError(`--until: '${untilText}' has passed`);
  }
  return end;
}

export const hold: Command = {
  name: 'hold',
  usage: 'NAME or PATTERN ... --reason TEXT',
  summary: 'stop it on purpose: it stays down, says why, and comes back when released',
  help: waitsHelp('Everybody who looks at the console sees the reason, who held it and until when.'),
  options: [
    { name: 'reason', short: 'r', value: 'TEXT', help: 'why: shown to everybody' },
    { name: 'for', value: 'DURATION', help: 'end the hold after 90s, 30m, 2h, 1d' },
    { name: 'until', value: 'TIME', help: 'end it at 06:00 or 2026-11-22T06:00:00' },
    ...WAITING,
    ...SELECTION,
  ],
  completes: 'console',
  operands: [0, Number.POSITIVE_INFINITY],
  async run(context) {
    const { io, client, values } = context;
    const reason = givenReason(context);
    if (reason === undefined) {
      throw new UsageError('hold: --reason TEXT is missing: the person called at night wants to know why it is down');
    }
    const until = holdEnd(text(values, 'for'), text(values, 'until'), io.now());
    return untilDone(context, 'hold', ({ name }) => client.hold(name, reason, until));
  },
};
