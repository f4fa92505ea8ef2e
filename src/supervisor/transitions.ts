/** The supervision of one process as a table: every event is answered in every state. */
import type { ProcessEvent, ProcessState } from '../model/process.ts';

/** What the supervisor does on the way: start the child, begin to stop it, arm or cancel the wait for a restart. */
export type Action = 'launch' | 'halt' | 'schedule' | 'cancel';

export interface Step {
  readonly to: ProcessState;
  readonly does?: Action;
}

/** `null`: this event changes nothing in this state. */
type Row = Readonly<Record<ProcessEvent, Step | null>>;

/** Facts that come too late, about a child that is not there any more or was never wanted. */
const NO_CHILD = {
  spawned: null,
  up: null,
  ready: null,
  overdue: null,
  'ended-again': null,
  'ended-brake': null,
  'ended-rest': null,
  'ended-failed': null,
  'ended-held': null,
} satisfies Partial<Row>;

const ENDS = {
  'ended-again': { to: 'waiting', does: 'schedule' },
  'ended-brake': { to: 'crash-looping' },
  'ended-rest': { to: 'stopped' },
  'ended-failed': { to: 'failed' },
  'ended-held': { to: 'held' },
} satisfies Partial<Row>;

/** Rows of the states in which a child is up and wanted. */
const UP = {
  start: null,
  stop: { to: 'stopping', does: 'halt' },
  restart: { to: 'stopping', does: 'halt' },
  hold: { to: 'stopping', does: 'halt' },
  release: null,
  enable: null,
  disable: null,
  spawned: null,
  up: null,
  due: null,
  ...ENDS,
} satisfies Partial<Row>;

/** Rows of the states in which it is down and a word starts it. */
const DOWN = {
  ...NO_CHILD,
  start: { to: 'starting', does: 'launch' },
  restart: { to: 'starting', does: 'launch' },
  hold: { to: 'held' },
  release: null,
  due: null,
} satisfies Partial<Row>;

export const TRANSITIONS: Readonly<Record<ProcessState, Row>> = {
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
  stopping: {
    ...UP,
    // Each says what is to follow.
    start: { to: 'stopping' },
    stop: { to: 'stopping' },
    restart: { to: 'stopping' },
    hold: { to: 'stopping' },
    release: { to: 'stopping' },
    ready: null,
    overdue: null,
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
    ...NO_CHILD,
    start: null,
    stop: null,
    restart: null,
    hold: null,
    release: { to: 'stopped' },
    enable: null,
    disable: null,
    due: null,
  },
  'crash-looping': { ...DOWN, stop: { to: 'stopped' }, enable: { to: 'waiting', does: 'schedule' }, disable: null },
  failed: { ...DOWN, stop: { to: 'stopped' }, enable: { to: 'waiting', does: 'schedule' }, disable: null },
};
