/** Which verbs make sense in a state, and which need a confirmation: for pages and screens that offer them. Pure. */
import type { ConsoleSummary } from './api.ts';
import { isUp, type ProcessState } from './process.ts';
import type { WaitedVerb } from './verb-progress.ts';

/**
 * Those that change something. The restart of what was stopped is its start: whoever restarts many does not start what is down on
 * purpose. The hold of what is held is another reason, or another end.
 */
const SENSIBLE: Readonly<Record<ProcessState, readonly WaitedVerb[]>> = {
  stopped: ['start', 'hold'],
  starting: ['stop', 'restart', 'hold'],
  running: ['stop', 'restart', 'hold'],
  ready: ['stop', 'restart', 'hold'],
  // The state after the stop.
  stopping: ['start', 'stop', 'restart', 'hold'],
  waiting: ['start', 'stop', 'restart', 'hold'],
  held: ['hold', 'release'],
  'crash-looping': ['start', 'stop', 'restart', 'hold'],
  failed: ['start', 'stop', 'restart', 'hold'],
};

/** A hold comes before the state, also while the process is still stopping. States of a newer server allow all verbs. */
export function isSensible(verb: WaitedVerb, { hold, state }: Pick<ConsoleSummary, 'hold' | 'state'>): boolean {
  return SENSIBLE[hold ? 'held' : state]?.includes(verb) ?? true;
}

const HURTS: ReadonlySet<WaitedVerb> = new Set(['stop', 'restart']);

/** Whether it ends a process, or acts on several consoles. */
export function isAskedFirst(verb: WaitedVerb, consoles: readonly Pick<ConsoleSummary, 'state'>[]): boolean {
  return consoles.length > 1 || (HURTS.has(verb) && consoles.some(({ state }) => isUp(state)));
}
