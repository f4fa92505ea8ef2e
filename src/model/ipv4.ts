const PART = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const QUAD = new RegExp(`^${PART}\\.${PART}\\.${PART}\\.${PART}$`);

/**
 * An IPv4 address in four decimal parts as a signed number of 32 bits, as a socket's tables have it; undefined if it
 * is not one. A part with a leading zero is refused, as by inet_pton(3): some programs read it as octal.
 */
export function ipv4Number(text: string): number | undefined {
  return QUAD.exec(text)
    ?.slice(1)
    .reduce((sum, part) => (sum << 8) | Number(part), 0);
}

/** Whether `text` is an IPv4 address in four decimal parts. */
export function isDottedQuad(text: string): boolean {
  return QUAD.test(text);
}

/** The address of `ipv4Number`. */
export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
