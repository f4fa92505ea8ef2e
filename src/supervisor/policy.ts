/** The time at which a child that ended is started again (spec/procserv.md 9.4). Pure arithmetic. */
import type { ExitStatus } from '../model/process.ts';
import type { RestartPolicy, Verdict } from '../model/supervision.ts';

/** The decision of the policy after an end; `restarts` are the monotonic times of the automatic restarts so far. */
export function judge(policy: RestartPolicy, status: ExitStatus, restarts: readonly number[], now: number): Verdict {
  const failed = status.code !== 0;
  if (policy.mode === 'always' || (policy.mode === 'on-failure' && failed)) {
    const { limit } = policy;
    const recent = limit ? restarts.filter((time) => now - time < limit.within).length : 0;
    return limit && recent >= limit.count ? 'ended-brake' : 'ended-again';
  }
  return policy.mode === 'never' && failed ? 'ended-failed' : 'ended-rest';
}

/** Milliseconds from a start to the next permitted one, after `early` deaths in a row before their holdoff was over. */
export function holdoffAfter(policy: RestartPolicy, early: number): number {
  const { backoff, holdoff } = policy;
  if (!backoff || early <= 1) {
    return holdoff;
  }
  return Math.min(Math.max(backoff.most, holdoff), holdoff * backoff.factor ** (early - 1));
}
