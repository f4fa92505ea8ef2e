/** The gateway as a child of the server, where no unit runs it: started again when it ends, later each time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Clock, Timer } from '../../platform/time/clock.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** One that lived so long did not end because of how it was started. */
const LONG_LIFE_MS = 60_000;
/** How long it has to end by itself. */
const PATIENCE_MS = 2000;
/** MiB: a process that strangers feed takes no more. */
const HEAP = 256;

export interface GatewayUser {
  /** Absent: as this process. */
  readonly uid?: number;
  readonly gid?: number;
}

export interface GatewayProcessParts {
  readonly clock: Clock;
  /** It ended unasked. */
  readonly ended: (how: string) => void;
  readonly start?: (socket: string, user: GatewayUser) => ChildProcess;
}

export class GatewayProcess {
  readonly #parts: GatewayProcessParts;
  readonly #socket: string;
  readonly #user: GatewayUser;
  #child: ChildProcess | undefined;
  #retry: Timer | undefined;
  #waitMs = FIRST_WAIT_MS;
  #closed = false;

  /** `socket`: that of the server for it. */
  constructor(parts: GatewayProcessParts, socket: string, user: GatewayUser) {
    this.#parts = parts;
    this.#socket = socket;
    this.#user = user;
    this.#begin();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    const child = this.#child;
    if (child === undefined) {
      return;
    }
    const patience = this.#parts.clock.after(PATIENCE_MS, () => child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    await ended;
    patience.cancel();
  }

  #begin(): void {
    const { clock, start = started } = this.#parts;
    const since = clock.monotonic();
    let child: ChildProcess;
    try {
      child = start(this.#socket, this.#user);
    } catch (error) {
      this.#again((error as Error).message);
      return;
    }
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) => this.#over(child, since, error.message));
    child.once('exit', (code, signal) => this.#over(child, since, signal ?? `status ${code}`));
  }

  #over(child: ChildProcess, since: number, how: string): void {
    if (this.#child !== child) {
      return;
    }
    this.#child = undefined;
    if (this.#parts.clock.monotonic() - since > LONG_LIFE_MS) {
      this.#waitMs = FIRST_WAIT_MS;
    }
    this.#again(how);
  }

  #again(how: string): void {
    if (this.#closed) {
      return;
    }
    this.#parts.ended(how);
    this.#retry = this.#parts.clock.after(this.#waitMs, () => this.#begin());
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }
}

/** Its standard input ends with this process. */
function started(socket: string, user: GatewayUser): ChildProcess {
  const folder = dirname(import.meta.filename);
  const script = join(folder, folder.endsWith('/build') ? '' : '../../../build', 'holdfast-gateway.cjs');
  const flags = ['--disable-sigusr1', '--max-semi-space-size=1', `--max-old-space-size=${HEAP}`];
  return spawn(process.execPath, [...flags, script, 'holdfast-gateway', socket], {
    ...user,
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}
