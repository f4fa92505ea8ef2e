/** How this process appears to others. */
import { writeFileSync } from 'node:fs';

/**
 * `ps` shows the command line as the user typed it, and not that of the runtime; `killall`, `pidof` and `ps -C` find the
 * program by its bare name, of which the kernel keeps 15 bytes.
 */
export function showAs(name: string, line: readonly string[]): void {
  process.title = line.join(' ');
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // Without /proc nobody looks either.
  }
}
