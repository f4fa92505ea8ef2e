/** How this process appears to others. */
import { writeFileSync } from 'node:fs';

/**
 * `ps` shows the command line of the program that a user started, and not that of the runtime; `killall`, `pidof` and
 * `ps -C` find it by its bare name, of which the kernel keeps 15 bytes.
 */
export function showAs(name: string, words: readonly string[]): void {
  process.title = [name, ...words].join(' ');
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // Without /proc nobody looks either.
  }
}
