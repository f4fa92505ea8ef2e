/** The timestamp at the start of a log line, in the forms that loggers use. */

const ISO = /^\W{0,3}(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?)\s?(Z|[+-]\d{2}:?\d{2})?/;
/** `%c` of the C locale: `Sat Nov 21 10:24:22 2026`. */
const C_LOCALE = /^\W{0,3}[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})/;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Milliseconds since 1970; undefined for a line without one. A time without a zone is local. */
export function stampOf(line: string): number | undefined {
  const iso = ISO.exec(line);
  if (iso) {
    const zone = iso[3] === undefined ? '' : iso[3].length === 5 ? `${iso[3].slice(0, 3)}:${iso[3].slice(3)}` : iso[3];
    return valid(Date.parse(`${iso[1]}T${(iso[2] as string).replace(',', '.')}${zone}`));
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

function valid(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
