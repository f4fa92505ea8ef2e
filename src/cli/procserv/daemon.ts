/**
 * Daemon mode without fork(2), which a JavaScript runtime does not survive: the caller's process opens the endpoints, so
 * that it can report what fails, and hands their descriptors to a second process in a session of its own.
 */
import { spawn } from 'node:child_process';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Listening } from '../../platform/listen.ts';
import type { OpenEndpoints } from './endpoints.ts';

/** Carries the endpoints over; removed from the environment before any child sees it. */
const VARIABLE = 'HOLDFAST_PROCSERV_ENDPOINTS';
const FIRST_FD = 3;

interface Handed {
  readonly control: readonly Endpoint[];
  readonly log?: Endpoint;
}

/** Starts the daemon with the words of this command line; returns its pid. */
export function handOver({ control, log }: OpenEndpoints, words: readonly string[]): number {
  const all = [...control, ...(log ? [log] : [])];
  const handed: Handed = {
    control: control.map(({ endpoint }) => endpoint),
    ...(log ? { log: log.endpoint } : {}),
  };
  const script = process.argv[1] as string;
  const daemon = spawn(process.execPath, [...process.execArgv, script, ...words], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', ...all.map(({ fd }) => fd)],
    env: { ...process.env, [VARIABLE]: JSON.stringify(handed) },
  });
  daemon.unref();
  return daemon.pid as number;
}

/** The endpoints that `handOver` gave to this process, if it is the daemon. */
export function takeOver(adopt: (endpoint: Endpoint, fd: number) => Listening): OpenEndpoints | undefined {
  const text = process.env[VARIABLE];
  if (text === undefined) {
    return undefined;
  }
  delete process.env[VARIABLE];
  const { control, log } = JSON.parse(text) as Handed;
  return {
    control: control.map((endpoint, index) => adopt(endpoint, FIRST_FD + index)),
    log: log && adopt(log, FIRST_FD + control.length),
  };
}
