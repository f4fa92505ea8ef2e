/** The vocabulary of a supervised process: its states as users see them, its events, its ends. */

/** Every state with its meaning; the words that users see. */
export const STATE_MEANING = {
  stopped: 'down, and not wanted up',
  starting: 'being started, or up but not yet ready',
  running: 'up; it has no readiness check, or did not become ready in time',
  ready: 'up and ready',
  stopping: 'told to stop, not down yet',
  waiting: 'down, a restart is due later',
  held: 'down on purpose until it is released',
  'crash-looping': 'down; it ended too often, and stays down until a user starts it',
  failed: 'down with an error, and its policy is not to try again',
} as const;

export type ProcessState = keyof typeof STATE_MEANING;

export const PROCESS_STATES = /* @__PURE__ */ Object.keys(STATE_MEANING) as readonly ProcessState[];

/** Everything that can happen to a process: commands, then facts. `ended-`: an end, with the policy's verdict. */
export const PROCESS_EVENT_MEANING = {
  start: 'a user, or the server at its start, wants it up',
  stop: 'a user wants it down',
  restart: 'a user wants it down and up again',
  hold: 'a user wants it down until a release',
  release: 'a hold is over',
  enable: 'the automatic restart is switched on',
  disable: 'the automatic restart is switched off',
  spawned: 'there is a child, which is not ready yet',
  up: 'there is a child, without a readiness check',
  ready: 'the child became ready',
  overdue: 'the child did not become ready in time',
  due: 'the wait for a restart is over',
  'ended-again': 'the child ended, and is to be started again',
  'ended-brake': 'the child ended, once too often',
  'ended-rest': 'the child ended, and is to stay down',
  'ended-failed': 'the child ended with an error, and is to stay down',
  'ended-held': 'the child ended, and is held',
} as const;

export type ProcessEvent = keyof typeof PROCESS_EVENT_MEANING;

/** Marked, so that a page that has nothing to do with events is without them. */
export const PROCESS_EVENTS = /* @__PURE__ */ Object.keys(PROCESS_EVENT_MEANING) as readonly ProcessEvent[];

/**
 * How a child ended. Exactly one of `code` and `signal` is not null; both are for a child that outlived the holder which was its
 * parent, on a kernel that does not tell others (Linux before 6.15).
 */
export interface ExitStatus {
  readonly code: number | null;
  /** Signal number. */
  readonly signal: number | null;
  readonly coreDumped: boolean;
}

/** The end of a child, or of a connection, as its runner saw it. */
export interface EndRecord {
  readonly pid: number;
  readonly status: ExitStatus;
  /** Wall times, milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Peak resident set in KiB; 0: not known. */
  readonly maxRssKib: number;
  /** Processes of this console that were killed for lack of memory; absent: not counted. */
  readonly oomKills?: number;
  /** The last lines of its output; none if they are not collected. */
  readonly lastLines: readonly string[];
}

/** Stands for the pid of a source that is not a process. */
export const NO_PID = 0;

export function isUp(state: ProcessState): boolean {
  return state === 'starting' || state === 'running' || state === 'ready' || state === 'stopping';
}
