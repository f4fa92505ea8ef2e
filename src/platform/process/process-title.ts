/** How this process appears to others. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { native } from '../native.ts';

/**
 * `ps`, `pgrep -f` and /proc/PID/cmdline show the command line word by word as the user typed it, not that of the
 * runtime; `killall`, `pidof` and `ps -C` find it by the last part of `program`, of which the kernel keeps 15 bytes.
 */
export function showAs(program: string, words: readonly string[]): void {
  if (!native.setCommandLine([program, ...words])) {
    process.title = [program, ...words].join(' ');
  }
  try {
    writeFileSync('/proc/self/comm', basename(program));
  } catch {
    // Without /proc nobody looks either.
  }
}
