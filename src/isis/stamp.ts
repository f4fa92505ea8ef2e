let second = -1;
let text = '';

/** `YYYY-MM-DDThh:mm:ss.uuuuuu`, UTC, of microseconds since 1970. */
export function stamp(micros: number): string {
  const now = Math.floor(micros / 1e6);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toISOString().slice(0, 20);
  }
  return text + String(Math.floor(micros) - now * 1e6).padStart(6, '0');
}
