/** When a child that ended is started again (spec/procserv.md 9.4). Pure arithmetic. */
import type { ExitStatus } from '../model/process.ts';

export interface RestartPolicy {
  /** `oneshot` is `never` whose owner ends with the child. */
  readonly mode: 'always' | 'on-failure' | 'never' | 'oneshot';
  /** Least time from one start to the next, milliseconds. */
  readonly holdoff: number;
  /** Each further early death multiplies the holdoff, up to `most` milliseconds. */
  readonly backoff?: { readonly factor: number; readonly most: number };
  /** More than `count` automatic restarts within `within` milliseconds: wait for a person. */
  readonly limit?: { readonly count: number; readonly within: number };
}

export type Verdict = 'ended-again' | 'ended-brake' | 'ended-rest' | 'ended-failed';

/** What the policy makes of an end; `restarts` are the monotonic times of the automatic restarts so far. */
export function judge(policy: RestartPolicy, status: ExitStatus, restarts: readonly number[], now: number): Verdict {
  const failed = status.code !== 0;
  if (policy.mode === 'always' || (policy.mode === 'on-failure' && failed)) {
    const { limit } = policy;
    const recent = limit ? restarts.filter((time) => now - time < limit.within).length : 0;
    return limit && recent >= limit.count ? 'ended-brake' : 'ended-again';
  }
  return policy.mode === 'never' && failed ? 'ended-failed' : 'ended-rest';
}

/** Milliseconds from a start to the next one that is allowed, after `early` deaths in a row before their holdoff was over. */
export function holdoffAfter(policy: RestartPolicy, early: number): number {
  const { backoff, holdoff } = policy;
  if (!backoff || early <= 1) {
    return holdoff;
  }
  return Math.min(Math.max(backoff.most, holdoff), holdoff * backoff.factor ** (early - 1));
}
