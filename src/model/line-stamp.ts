/** The time stamp at the start of a log line, in the forms that loggers use. Pure. */

/** `2026-03-01T03:00:00.123Z`, `[2026-03-01 03:00:00,123456 +0100]`. */
const ISO = /^\W{0,4}(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?/;
/** `%c` of the C locale: `Sat Nov 21 10:24:22 2026`. */
const C_LOCALE = /^\W{0,4}[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})/;
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')' };
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Milliseconds since 1970; undefined for a line without one. A time without a zone is local. */
export function stampOf(line: string): number | undefined {
  const iso = ISO.exec(line);
  if (iso) {
    const [, day, time, fraction = '', zone = ''] = iso;
    const colon = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
    return valid(Date.parse(`${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${colon}`));
  }
  const c = C_LOCALE.exec(line);
  if (c) {
    const month = MONTHS.indexOf(c[1] as string) / 3;
    const [day, hours, minutes, seconds, year] = c.slice(2).map(Number) as [number, number, number, number, number];
    return Number.isInteger(month) && month >= 0
      ? valid(new Date(year, month, day, hours, minutes, seconds).getTime())
      : undefined;
  }
  return undefined;
}

/** The line without its stamp and the brackets around it, for views that show the time elsewhere. */
export function withoutStamp(line: string): string {
  const [stamp = ''] = ISO.exec(line) ?? C_LOCALE.exec(line) ?? [];
  const closing = CLOSING[stamp.charAt(0)] ?? '';
  if (/^\W/.test(stamp.slice(closing.length))) {
    return line;
  }
  const rest = line.slice(stamp.length);
  return (closing !== '' && rest.startsWith(closing) ? rest.slice(1) : rest).replace(/^[ \t]/, '');
}

function valid(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
