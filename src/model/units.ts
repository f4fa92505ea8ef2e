/** Durations, sizes and limits as the configuration writes them. Pure. */

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Milliseconds of a number of seconds or of a text such as `500ms`, `5s`, `10m`, `2h`, `7d`; the schema has checked its form. */
export function milliseconds(duration: string | number): number {
  if (typeof duration === 'number') {
    return Math.round(duration * 1000);
  }
  const [, number, unit] = /^([\d.]+)(ms|s|m|h|d)$/.exec(duration) as unknown as [string, string, string];
  return Math.round(Number(number) * (MILLISECONDS[unit] as number));
}

/** Bytes of a number or of a text such as `64k`, `10M`, `1G` (powers of 1024); the schema has checked its form. */
export function bytes(size: string | number): number {
  if (typeof size === 'number') {
    return size;
  }
  const [, number, unit] = /^([\d.]+)([kKMG]?)$/.exec(size) as unknown as [string, string, string];
  return Math.round(Number(number) * (BYTES[unit] as number));
}

export const UNLIMITED = -1;

/** The soft and the hard limit of `N`, `SOFT:HARD`, each a size or `unlimited`; the schema has checked its form. */
export function limitPair(limit: string | number): { readonly soft: number; readonly hard: number } {
  const [soft, hard = soft] = String(limit)
    .split(':')
    .map((part) => (part === 'unlimited' ? UNLIMITED : bytes(part))) as [number, number?];
  return { soft, hard };
}
