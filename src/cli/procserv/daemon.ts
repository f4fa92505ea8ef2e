/**
 * Daemon mode without fork(2), which a JavaScript runtime does not survive: the caller's process opens the endpoints, so
 * that it can report what fails, and hands their descriptors to a second process in a session of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Listening } from '../../platform/listen.ts';
import type { OpenEndpoints } from './endpoints.ts';

/** Carries the endpoints over; removed from the environment before any child sees it. */
const VARIABLE = 'HOLDFAST_PROCSERV_ENDPOINTS';
/** The daemon writes its report to this one when it serves. */
const READY_FD = 3;
const FIRST_FD = 4;

/** What a daemon, which has no standard error, lets its caller say. */
export interface DaemonReport {
  /** Lines about what went wrong without being a reason not to serve. */
  readonly complaints: readonly string[];
  /** Whether the console is logged to a file. */
  readonly logs: boolean;
}

interface Handed {
  readonly control: readonly Endpoint[];
  readonly log?: Endpoint;
}

/**
 * Starts the daemon with the words of this command line. Resolves with its pid and report when it serves, and can be stopped
 * in order; rejects if it ends before that.
 */
export async function handOver(
  { control, log }: OpenEndpoints,
  words: readonly string[],
): Promise<DaemonReport & { readonly pid: number }> {
  const all = [...control, ...(log ? [log] : [])];
  const handed: Handed = {
    control: control.map(({ endpoint }) => endpoint),
    ...(log ? { log: log.endpoint } : {}),
  };
  const script = process.argv[1] as string;
  const daemon = spawn(process.execPath, [...process.execArgv, script, ...words], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', ...all.map(({ fd }) => fd)],
    env: { ...process.env, [VARIABLE]: JSON.stringify(handed) },
  });
  const ended = once(daemon, 'close').then(() => '');
  const report = await Promise.race([text(daemon.stdio[READY_FD] as Readable), ended]);
  if (report === '') {
    await ended;
    throw new Error(`the daemon ended at once, ${daemon.signalCode ?? `status ${daemon.exitCode}`}`);
  }
  daemon.unref();
  return { pid: daemon.pid as number, ...(JSON.parse(report) as DaemonReport) };
}

/** Tells the caller of the daemon that it serves. */
export function serves(report: DaemonReport): void {
  try {
    writeFileSync(READY_FD, JSON.stringify(report));
  } catch {
    // The caller was ended meanwhile: what it asked for is here all the same, as with a fork.
  }
  closeSync(READY_FD);
}

/** The endpoints that `handOver` gave to this process, if it is the daemon. */
export function takeOver(adopt: (endpoint: Endpoint, fd: number) => Listening): OpenEndpoints | undefined {
  const handed = process.env[VARIABLE];
  if (handed === undefined) {
    return undefined;
  }
  delete process.env[VARIABLE];
  const { control, log } = JSON.parse(handed) as Handed;
  return {
    control: control.map((endpoint, index) => adopt(endpoint, FIRST_FD + index)),
    log: log && adopt(log, FIRST_FD + control.length),
  };
}
