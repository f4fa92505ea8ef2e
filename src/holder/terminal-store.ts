/** Keeps terminals beyond the death of the holder: systemd's descriptor store, behind an interface. */

export interface TerminalStore {
  /** Keeps these descriptors under the key. They stay ours, and open until they are dropped. */
  put(key: string, fds: readonly number[]): void;
  drop(key: string): void;
}

/** Both name one process for good; neither has a colon, which separates names in `LISTEN_FDNAMES`. */
export function keyOf(child: { readonly pid: number; readonly startTime: string }): string {
  return `child-${child.pid}-${child.startTime}`;
}
