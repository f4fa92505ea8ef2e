/** The memo of a console, from one server to the next. */
import { PROCESS_EVENTS, PROCESS_STATES, type ProcessEvent, type ProcessState } from '../model/process.ts';
import type { RestartPolicy } from '../model/supervision.ts';
import type { Crashes } from '../supervisor/crash-record.ts';

/** The data that the next server needs to continue (`KeptConsole.memo`). */
export interface Memo {
  readonly mode: RestartPolicy['mode'];
  /**
   * The mode in the configuration at that time; missing from older servers. If it has changed since, it wins over
   * `mode`.
   */
  readonly configured?: RestartPolicy['mode'];
  readonly state: ProcessState;
  /** Its cause. */
  readonly event: ProcessEvent;
  /** Since when, as wall time in milliseconds. */
  readonly since: number;
  /** Automatic restarts so far; missing from older servers. */
  readonly restarts?: number;
  /** The counts for back-off and limit; missing from older servers. */
  readonly crashes?: Crashes;
}

const MODES: readonly unknown[] = ['always', 'on-failure', 'never', 'oneshot'] satisfies RestartPolicy['mode'][];

const QUOTED = 200;

/**
 * Parses a memo; undefined if there is none. An invalid one is reported and ignored: otherwise a server would fail
 * because of it again and again. Fields of a later version are ignored.
 */
export function readMemo(text: string, trouble: (message: string) => void): Memo | undefined {
  try {
    return text === '' ? undefined : checked(JSON.parse(text));
  } catch (error) {
    const quoted = JSON.stringify(text.slice(0, QUOTED));
    trouble(`what the last server left makes no sense (${(error as Error).message}), begun anew: ${quoted}`);
    return undefined;
  }
}

function checked(memo: Partial<Memo> | null): Memo {
  const { mode, configured, state, event, since, restarts, crashes } = memo ?? {};
  const wrong = Object.entries({
    mode: MODES.includes(mode),
    configured: configured === undefined || MODES.includes(configured),
    state: PROCESS_STATES.includes(state as ProcessState),
    event: PROCESS_EVENTS.includes(event as ProcessEvent),
    since: Number.isFinite(since),
    restarts: restarts === undefined || Number.isFinite(restarts),
    crashes: crashes === undefined || areCrashes(crashes),
  }).find(([, right]) => !right);
  if (wrong) {
    throw new Error(`'${wrong[0]}' is missing or not as it should be`);
  }
  return memo as Memo;
}

function areCrashes(crashes: Partial<Crashes> | null): boolean {
  return Number.isFinite(crashes?.early) && Array.isArray(crashes?.restarts) && crashes.restarts.every(Number.isFinite);
}

/**
 * The state of an existing child. `heard`: the start of its output is known, so that its readiness can still be seen.
 */
export function stateOfChild(kept: Memo | undefined, heard: boolean): 'starting' | 'running' | 'ready' {
  return kept?.state === 'ready' || (kept?.state === 'starting' && heard) ? kept.state : 'running';
}
