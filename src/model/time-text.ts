/** Times as people read them. Pure. */

/** `42s`, `12m`, `5h12m`, `3d4h`: at most two units. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) {
    return `${seconds}s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return minutes < 10 && seconds % 60 > 0 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return minutes % 60 > 0 ? `${hours}h${minutes % 60}m` : `${hours}h`;
  }
  const days = Math.floor(hours / 24);
  return hours % 24 > 0 && days < 100 ? `${days}d${hours % 24}h` : `${days}d`;
}

/** Local time of an ISO 8601 text as `2026-11-21 03:15:07`; other text is returned unchanged. */
export function local(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) {
    return iso;
  }
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** A message of the server with its times, which are ISO 8601 for programs, in local time. */
export function withLocalTimes(text: string): string {
  return text.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, local);
}

const DAY_MS = 86_400_000;

/** When something is over: `06:00` if that is within a day from `now`, otherwise `2026-11-22`. */
export function untilText(iso: string, now: number): string {
  const [date = '', time = ''] = local(iso).split(' ');
  return Date.parse(iso) - now < DAY_MS ? time.slice(0, 5) : date;
}
