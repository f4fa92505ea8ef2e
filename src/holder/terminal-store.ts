/** Keeps terminals beyond the death of the holder: an interface to systemd's descriptor store. */
import { uptime } from '../platform/process/boot.ts';

export interface TerminalStore {
  /**
   * Keeps these descriptors under the key, with those already there. They stay ours, and open until they are dropped.
   * `taken` is called, perhaps at once, when they would outlive us.
   */
  put(key: string, fds: readonly number[], taken?: () => void): void;
  drop(key: string): void;
}

const NAMES = 36 ** 5;

/**
 * A new key for the child of a console. It is short because all names are one environment variable of the next holder,
 * which Linux limits to 128 KiB: 14 characters for each of the 8192 descriptors of the unit.
 */
export function newKey(console: string): string {
  return `${prefixOf(console)}${Math.trunc(uptime()).toString(36)}`;
}

/** The prefix of every key of a console, and hardly of another one's. */
export function prefixOf(console: string): string {
  let sum = 0;
  for (let at = 0; at < console.length; at++) {
    sum = (sum * 31 + console.charCodeAt(at)) % NAMES;
  }
  return `${sum.toString(36)}-`;
}

/** The key of older holders, which could not keep a child ahead of its start. */
export function oldKeyOf(child: { readonly pid: number; readonly startTime: string }): string {
  return `${child.pid.toString(36)}-${Number(child.startTime).toString(36)}`;
}
