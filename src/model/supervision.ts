/** The types of supervision: restart policies, changes of state, and the events of a process for its watchers. */
import type { LinePolicy } from './line.ts';
import type { Principal } from './principal.ts';
import type { EndRecord, ProcessEvent, ProcessState } from './process.ts';
import type { StartFailure } from './runner.ts';

export interface RestartPolicy {
  /** `oneshot` is `never` whose owner ends with the child. */
  readonly mode: 'always' | 'on-failure' | 'never' | 'oneshot';
  /** Least time from one start to the next, milliseconds. */
  readonly holdoff: number;
  /** Each further early death multiplies the holdoff, up to `most` milliseconds. */
  readonly backoff?: { readonly factor: number; readonly most: number };
  /** More than `count` automatic restarts within `within` milliseconds: wait for a person. */
  readonly limit?: { readonly count: number; readonly within: number };
  /** Decides instead of `holdoff`, `backoff` and `limit`. */
  readonly line?: LinePolicy;
}

/** A policy's verdict on an end. */
export type Verdict = 'ended-again' | 'ended-brake' | 'ended-rest' | 'ended-failed';

/** One change of state, with who or what caused it. `from` and `to` are the same where only what follows a stop has changed. */
export interface Transition {
  readonly from: ProcessState;
  readonly to: ProcessState;
  readonly event: ProcessEvent;
  /** The principal that asked, if any. */
  readonly by?: Principal;
  /** Wall time, milliseconds. */
  readonly time: number;
}

/** Events of a process, for its watchers. All optional; called in the order in which they were added. */
export interface ProcessWatcher {
  /** `greeted`: the greeting is already in the stream. */
  readonly started?: (pid: number, failure: StartFailure | undefined, greeted: boolean) => void;
  readonly notStarted?: (error: Error) => void;
  /** The child is gone, its output is in the stream; the supervision has not decided yet. */
  readonly ended?: (end: EndRecord) => void;
  readonly changed?: (transition: Transition) => void;
  /** It is still stopping, but what follows has changed. */
  readonly redirected?: () => void;
  /** The supervision has decided about the last reported end. */
  readonly settled?: () => void;
  /** Somebody has switched the automatic restart. */
  readonly modeSet?: (mode: RestartPolicy['mode'], by: Principal) => void;
  /** Somebody has sent a signal. */
  readonly signalled?: (signal: number, by: Principal) => void;
}
