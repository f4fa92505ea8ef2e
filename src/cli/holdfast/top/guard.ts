/**
 * Whatever ends this process, SIGKILL too, the terminal is given back: a shell beside it waits for the end of a pipe. It has no terminal
 * of its own, so that neither job control nor signals of the terminal concern it, and changes the settings only if they are still ours:
 * a shell that reads the next command may have been quicker. Decision 112.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** Alternate screen, no cursor, no wrap, pasted text is told apart from keys. */
export const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[H\x1b[2J';
export const LEAVE = '\x1b[?2026l\x1b[m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';

/** A line `in` or `out` says whether the terminal is ours; the settings are taken when it is said. */
const SCRIPT = `
trap '' HUP INT QUIT PIPE TERM TSTP TTIN TTOU
exec 3>&1
normal=$(stty -g <&3)
while read -r word; do
  state=$word
  [ "$word" != in ] || ours=$(stty -g <&3)
done
[ "$state" = in ] || exit 0
printf '${LEAVE.replaceAll('\x1b', '\\033')}'
[ "$(stty -g <&3)" != "$ours" ] || stty "$normal" <&3
`;

export class TerminalGuard {
  readonly #shell: ChildProcess;

  /** Before the settings of the terminal are changed. */
  static async start(): Promise<TerminalGuard> {
    const guard = new TerminalGuard();
    await guard.#ready();
    return guard;
  }

  private constructor() {
    const script = SCRIPT.replace('while', 'echo >&2\nwhile');
    this.#shell = spawn('/bin/sh', ['-c', script, 'holdfast-top-guard'], {
      detached: true,
      stdio: ['pipe', 'inherit', 'pipe'],
    });
    this.#shell.unref();
  }

  /** It has noted the settings. Without a shell there is no guard. */
  #ready(): Promise<void> {
    const { stderr, stdin } = this.#shell;
    stdin?.on('error', () => undefined);
    return new Promise((resolve) => {
      this.#shell.once('error', () => resolve());
      this.#shell.once('exit', () => resolve());
      stderr?.once('data', () => {
        stderr.destroy();
        resolve();
      });
    });
  }

  /** The terminal is ours, or is given back. */
  tell(word: 'in' | 'out'): void {
    this.#shell.stdin?.write(`${word}\n`);
  }

  /** It is needed no longer. */
  end(): void {
    this.#shell.stdin?.end('out\n');
  }
}
