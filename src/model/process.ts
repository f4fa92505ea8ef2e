/** The words for a supervised process: its states as users see them, what can happen to it, how it ended. */

export const PROCESS_STATES = [
  'stopped',
  'starting',
  'running',
  'ready',
  'stopping',
  'waiting',
  'held',
  'crash-looping',
  'failed',
] as const;

/**
 * - `stopped`: down, and nobody wants it up
 * - `starting`: being started, or up but not yet seen ready
 * - `running`: up; it has no readiness to wait for, or was not seen ready in time
 * - `ready`: up and seen ready
 * - `stopping`: told to stop, not down yet
 * - `waiting`: down, a restart is due later
 * - `held`: down on purpose until somebody releases it
 * - `crash-looping`: down; it ended too often, and waits for a person
 * - `failed`: down with an error, and its policy is not to try again
 */
export type ProcessState = (typeof PROCESS_STATES)[number];

export const PROCESS_EVENTS = [
  'start',
  'stop',
  'restart',
  'hold',
  'release',
  'enable',
  'disable',
  'spawned',
  'up',
  'ready',
  'overdue',
  'due',
  'ended-again',
  'ended-brake',
  'ended-rest',
  'ended-failed',
  'ended-held',
] as const;

/**
 * Commands: `start`, `stop`, `restart`, `hold`, `release`; `enable` and `disable` of the automatic restart.
 * Facts: `spawned` (readiness is awaited), `up` (there is none to await), `ready`, `overdue` (readiness
 * not seen in time), `due` (the wait is over), and `ended-` with what the policy makes of it.
 */
export type ProcessEvent = (typeof PROCESS_EVENTS)[number];

/** How a child ended. Exactly one of `code` and `signal` is not null. */
export interface ExitStatus {
  readonly code: number | null;
  /** Signal number. */
  readonly signal: number | null;
  readonly coreDumped: boolean;
}

export function isUp(state: ProcessState): boolean {
  return state === 'starting' || state === 'running' || state === 'ready' || state === 'stopping';
}
