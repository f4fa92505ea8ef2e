/**
 * Work on logs in a process of its own: unpacking, judging and matching lines costs the server neither time nor memory,
 * and can be ended at any moment, also where a disk hangs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { serialize } from 'node:v8';
import type { SearchItem } from '../model/api.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { LogRange, SearchRequest } from '../model/host-port.ts';
import type { LogPart } from './log-parts.ts';

/** The lines of a log that are in a range; its parts are descriptors from `FIRST_PART` on. Answered with their bytes. */
export interface RangeJob {
  readonly kind: 'range';
  readonly parts: readonly Omit<LogPart, 'file'>[];
  readonly range: LogRange;
}

export interface SearchedLog {
  readonly console: string;
  readonly path: string;
  /** See `DiskLogFiles`. */
  readonly user?: string;
}

/** A search; its logs are opened by the process. Answered with a `SearchItem` as JSON on each line. */
export interface SearchJob {
  readonly kind: 'search';
  readonly logs: readonly SearchedLog[];
  readonly request: SearchRequest;
  /** Reported first. */
  readonly unsearched: readonly SearchItem[];
}

export type LogJob = RangeJob | SearchJob;

/** The descriptor of the first file that is given to the process. */
export const FIRST_PART = 3;
/** At the same time, for all clients. */
const MOST = 8;
/** Characters of its complaint that are kept. */
const COMPLAINT = 1000;

let running = 0;

/** Throws HF_BUSY if no further process may be started. */
export function mustHaveRoom(): void {
  if (running >= MOST) {
    throw new HoldfastError('HF_BUSY', `${MOST} logs are being searched already: try again`);
  }
}

/** The answer to a job; leaving it, or `ended`, ends the process. Throws HF_BUSY if there can be none. */
export async function* inLogProcess(job: LogJob, fds: readonly number[], ended?: EndSignal): AsyncGenerator<Buffer> {
  mustHaveRoom();
  running++;
  try {
    yield* answerOf(await started(fds), job, ended);
  } finally {
    running--;
  }
}

async function started(fds: readonly number[]): Promise<ChildProcess> {
  const folder = dirname(import.meta.filename);
  const script = join(folder, folder.endsWith('/build') ? '' : '../../build', 'holdfast-logs.cjs');
  const child = spawn(process.execPath, [...process.execArgv, script, 'holdfast-logs'], {
    stdio: ['pipe', 'pipe', 'pipe', ...fds],
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new HoldfastError('HF_BUSY', `no process can be started to read logs: ${(error as Error).message}`);
  }
  return child;
}

async function* answerOf(child: ChildProcess, job: LogJob, ended?: EndSignal): AsyncGenerator<Buffer> {
  const [stdin, stdout, stderr] = [child.stdin, child.stdout as Readable, child.stderr as Readable];
  const end = () => void child.kill('SIGKILL');
  const exited = once(child, 'exit');
  ended?.addEventListener('abort', end, { once: true });
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(0, COMPLAINT);
  });
  // It may be gone before it has read its job.
  stdin?.on('error', () => undefined);
  stdin?.end(serialize(job));
  try {
    yield* stdout as AsyncIterable<Buffer>;
    const [code, signal] = (await exited) as [number | null, string | null];
    if (code !== 0 && !ended?.aborted) {
      throw new Error(`the process that reads logs ended early: ${complaint.trim() || (signal ?? `code ${code}`)}`);
    }
  } finally {
    ended?.removeEventListener('abort', end);
    end();
    // A process that hangs in the kernel does not even close its pipes.
    stdout.destroy();
    stderr.destroy();
  }
}
