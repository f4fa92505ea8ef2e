/** Commands without a terminal of their own, run by the shell. */
import { isUtf8 } from 'node:buffer';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ExitStatus } from '../../model/process.ts';
import { closeLeftPipes } from './left-pipes.ts';

export interface ShellCommand {
  readonly pid: number;
  /** To its standard input; nowhere when it has none. False: it does not read, `drained` follows unless it ends. */
  write(bytes: Uint8Array): boolean;
  /** Whether its output waits in its pipes. */
  pause(paused: boolean): void;
  /** To its process group. */
  kill(signal: number): void;
}

export interface ShellRequest {
  /** For `/bin/sh -ce`; a byte string. */
  readonly cmd: string;
  /** With standard input, or with none. */
  readonly input: boolean;
  readonly uid?: number;
  readonly gid?: number;
}

/** Node's arguments are text: a command that is not UTF-8 is passed in octal and decoded by the shell. */
function scriptOf(cmd: string): string {
  const bytes = Buffer.from(cmd, 'latin1');
  return isUtf8(bytes)
    ? bytes.toString()
    : `exec /bin/sh -ce "$(printf '${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}')"`;
}

/**
 * `output` gets its standard output and error; `ended` is called once, after the last of it. Throws the system's error.
 */
export function runShell(
  { cmd, input, uid, gid }: ShellRequest,
  output: (bytes: Uint8Array) => void,
  ended: (status: ExitStatus) => void,
  drained: () => void = () => undefined,
): ShellCommand {
  const child = spawn('/bin/sh', ['-ce', scriptOf(cmd)], {
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: true,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  if (child.pid === undefined) {
    child.on('error', () => undefined);
    throw new Error('no process could be created');
  }
  const { pid } = child;
  child.stdout?.on('data', output);
  child.stderr?.on('data', output);
  // A command that does not read may close its end at any time.
  child.stdin?.on('error', () => undefined);
  child.stdin?.on('drain', drained);
  closeLeftPipes(child);
  child.on('close', (code, signal) =>
    ended({ code, signal: signal === null ? null : constants.signals[signal], coreDumped: false }),
  );
  return {
    pid,
    write: (bytes) => !child.stdin?.writable || child.stdin.write(Uint8Array.from(bytes)),
    pause: (paused) => {
      for (const pipe of [child.stdout, child.stderr]) {
        if (paused) {
          pipe?.pause();
        } else {
          pipe?.resume();
        }
      }
    },
    kill: (signal) => {
      try {
        process.kill(-pid, signal);
      } catch {
        // It is gone.
      }
    },
  };
}
