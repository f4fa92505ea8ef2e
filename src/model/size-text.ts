/** Sizes as people read them. Pure. */

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `12.3 MiB`. */
export function memoryText(bytes: number): string {
  let [value, unit] = [bytes / 1024, 0];
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}
