/** The output of a command that has ended and left something running. */
import type { ChildProcess } from 'node:child_process';

/** Milliseconds to listen to pipes that a background process may still hold open. */
const TIMEOUT_MS = 1000;

/** Makes sure that `close` follows `exit`. */
export function closeLeftPipes(child: ChildProcess): void {
  child.once('exit', () => {
    const patience = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, TIMEOUT_MS).unref();
    child.once('close', () => clearTimeout(patience));
  });
}
