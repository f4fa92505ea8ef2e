/** What a server leaves to the one after it about a console. */
import type { ProcessEvent, ProcessState } from '../model/process.ts';
import type { RestartPolicy } from '../supervisor/policy.ts';
import type { Crashes } from '../supervisor/supervisor.ts';

/** What the next server needs to go on (`KeptConsole.memo`). */
export interface Memo {
  readonly mode: RestartPolicy['mode'];
  /** The mode in the configuration of then; older servers do not say it. Another one by now wins over `mode`. */
  readonly configured?: RestartPolicy['mode'];
  readonly state: ProcessState;
  /** What led there. */
  readonly event: ProcessEvent;
  /** Since when, wall time in milliseconds. */
  readonly since: number;
  /** Automatic restarts so far; older servers do not say it. */
  readonly restarts?: number;
  /** What counts towards back-off and limit; older servers do not say it. */
  readonly crashes?: Crashes;
}

/** The state of a child that is there. `heard`: it is known where it began to speak, so that its readiness can still be seen. */
export function stateOfChild(kept: Memo | undefined, heard: boolean): 'starting' | 'running' | 'ready' {
  return kept?.state === 'ready' || (kept?.state === 'starting' && heard) ? kept.state : 'running';
}
