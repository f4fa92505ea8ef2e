/** An IPv4 address in four decimal parts as a signed number of 32 bits, as a socket's tables have it; undefined: it is none. */
export function ipv4Number(text: string): number | undefined {
  const parts = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split('.').map(Number) : [256];
  return parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => (sum << 8) | part, 0);
}

/** The address of `ipv4Number`. */
export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
