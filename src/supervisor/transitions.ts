/** The supervision of one process as a table: every event is answered in every state. */
import type { ProcessEvent, ProcessState } from '../model/process.ts';

/**
 * The states of the table. Users see one `stopping`; here there are three, by what follows the end: rest (`stopping`),
 * a new start (`restarting`) or a hold (`holding`).
 */
export type SupervisorState = ProcessState | 'restarting' | 'holding';

/** The state that users see. */
export function shown(state: SupervisorState): ProcessState {
  return state === 'restarting' || state === 'holding' ? 'stopping' : state;
}

/**
 * Start the child; begin to stop it; wait for the holdoff; wait for the end of the brake, if it has one; wait for nothing but the
 * end of this step; stop waiting.
 */
export type Action = 'launch' | 'halt' | 'schedule' | 'brake' | 'relaunch' | 'cancel';

export interface Step {
  readonly to: SupervisorState;
  readonly does?: Action;
}

/** `null`: this event changes nothing in this state. */
type Row = Readonly<Record<ProcessEvent, Step | null>>;

/** The treatment of an end in the states that were told to stop; in all others the policy decides. */
export const STOP_END = {
  stopping: 'ended-rest',
  restarting: 'ended-again',
  holding: 'ended-held',
} as const satisfies Partial<Record<SupervisorState, ProcessEvent>>;

/** The command that a stop under way is for; undefined in all other states. */
export const STOP_FOR: Readonly<Partial<Record<SupervisorState, 'stop' | 'restart' | 'hold'>>> = {
  stopping: 'stop',
  restarting: 'restart',
  holding: 'hold',
};

const NO_END = {
  'ended-again': null,
  'ended-brake': null,
  'ended-rest': null,
  'ended-failed': null,
  'ended-held': null,
} satisfies Partial<Row>;

/** Facts that come too late: the child is gone, was never wanted, or was told to stop. */
const LATE = { spawned: null, up: null, ready: null, overdue: null } satisfies Partial<Row>;

/** Rows of the states in which a child is up and wanted. */
const UP = {
  start: null,
  stop: { to: 'stopping', does: 'halt' },
  restart: { to: 'restarting', does: 'halt' },
  hold: { to: 'holding', does: 'halt' },
  release: null,
  enable: null,
  disable: null,
  spawned: null,
  up: null,
  due: null,
  'ended-again': { to: 'waiting', does: 'schedule' },
  'ended-brake': { to: 'crash-looping', does: 'brake' },
  'ended-rest': { to: 'stopped' },
  'ended-failed': { to: 'failed' },
  'ended-held': null,
} satisfies Partial<Row>;

/** Rows of the states in which a child was told to stop: requests decide what follows. */
const TOLD_TO_STOP = {
  ...LATE,
  ...NO_END,
  start: { to: 'restarting' },
  stop: { to: 'stopping' },
  restart: { to: 'restarting' },
  hold: { to: 'holding' },
  release: null,
  enable: null,
  disable: null,
  due: null,
} satisfies Row;

/** Rows of the states in which it is down and a request starts it. */
const DOWN = {
  ...LATE,
  ...NO_END,
  start: { to: 'starting', does: 'launch' },
  restart: { to: 'starting', does: 'launch' },
  hold: { to: 'held' },
  release: null,
  due: null,
} satisfies Partial<Row>;

export const TRANSITIONS: Readonly<Record<SupervisorState, Row>> = {
  stopped: {
    ...DOWN,
    stop: null,
    enable: { to: 'waiting', does: 'schedule' },
    disable: null,
  },
  starting: {
    ...UP,
    spawned: { to: 'starting' },
    up: { to: 'running' },
    ready: { to: 'ready' },
    overdue: { to: 'running' },
  },
  running: { ...UP, ready: { to: 'ready' }, overdue: null },
  ready: { ...UP, ready: null, overdue: null },
  stopping: { ...TOLD_TO_STOP, 'ended-rest': { to: 'stopped' } },
  restarting: { ...TOLD_TO_STOP, 'ended-again': { to: 'waiting', does: 'relaunch' } },
  holding: {
    ...TOLD_TO_STOP,
    // A hold outlasts every request except a release.
    start: null,
    stop: null,
    restart: null,
    release: { to: 'stopping' },
    'ended-held': { to: 'held' },
  },
  waiting: {
    ...DOWN,
    stop: { to: 'stopped', does: 'cancel' },
    hold: { to: 'held', does: 'cancel' },
    enable: null,
    disable: { to: 'stopped', does: 'cancel' },
    due: { to: 'starting', does: 'launch' },
  },
  held: {
    ...LATE,
    ...NO_END,
    start: null,
    stop: null,
    restart: null,
    hold: null,
    release: { to: 'stopped' },
    enable: null,
    disable: null,
    due: null,
  },
  'crash-looping': {
    ...DOWN,
    stop: { to: 'stopped', does: 'cancel' },
    hold: { to: 'held', does: 'cancel' },
    enable: { to: 'waiting', does: 'schedule' },
    disable: null,
    due: { to: 'starting', does: 'launch' },
  },
  failed: { ...DOWN, stop: { to: 'stopped' }, enable: { to: 'waiting', does: 'schedule' }, disable: null },
};

export const SUPERVISOR_STATES = Object.keys(TRANSITIONS) as readonly SupervisorState[];
