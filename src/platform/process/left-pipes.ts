/** The output of a command that has ended and left something running. */
import type { ChildProcess } from 'node:child_process';

/** What was left running may hold the pipes open; they are not listened to for longer than this. Milliseconds. */
const PATIENCE = 1000;

/** Sees to it that `close` follows `exit`. */
export function closeLeftPipes(child: ChildProcess): void {
  child.once('exit', () => {
    const patience = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, PATIENCE).unref();
    child.once('close', () => clearTimeout(patience));
  });
}
