/** Keeps terminals beyond the death of the holder: systemd's descriptor store, behind an interface. */

export interface TerminalStore {
  /** Keeps these descriptors under the key. They stay ours, and open until they are dropped. */
  put(key: string, fds: readonly number[]): void;
  drop(key: string): void;
}

/**
 * Both name one process for good. Short, as the names of all that is kept are one variable of the next holder's environment,
 * which Linux limits to 128 KiB: 14 characters for each of the 8192 descriptors of the unit.
 */
export function keyOf(child: { readonly pid: number; readonly startTime: string }): string {
  return `${child.pid.toString(36)}-${Number(child.startTime).toString(36)}`;
}
