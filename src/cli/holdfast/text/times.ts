/** Times as people type and read them. */
import { UsageError } from '../command/exit-codes.ts';

export { duration, local, untilText, withLocalTimes } from '../../../model/time-text.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Longer than anybody could mean. */
const CENTURY_MS = 36_525 * 86_400_000;

/** `90`, `90s`, `2h`, `1h30m`, in milliseconds; a bare number counts seconds. */
export function parseDuration(text: string, option: string): number {
  const total = milliseconds(text, option);
  if (total > CENTURY_MS) {
    throw new UsageError(`${option}: '${text}' is more than a hundred years`);
  }
  return total;
}

function milliseconds(text: string, option: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return Number(text) * 1000;
  }
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) {
    throw new UsageError(`${option}: '${text}' is not a duration; write 90s, 10m, 2h, 1h30m or 7d`);
  }
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(number) * (UNITS[unit as string] as number);
  }
  return total;
}

/** A point in time: how long ago (`2h`), a local time of day (`03:15`), or a date with or without a time of day. */
export function parseTime(text: string, now: number, option: string): number {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (clock) {
    const day = new Date(now);
    day.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), 0);
    // A time of day in the future means yesterday's.
    return day.getTime() > now ? day.setDate(day.getDate() - 1) : day.getTime();
  }
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = Date.parse(text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T'));
    if (!Number.isNaN(time)) {
      return time;
    }
  }
  if (/^\d+(\.\d+)?(ms|s|m|h|d|w)/.test(text)) {
    return now - parseDuration(text, option);
  }
  throw new UsageError(`${option}: '${text}' is not a time; write 2h (ago), 03:15, 2026-11-21 or 2026-11-21T03:15:00`);
}
