/** What `holdfast top` is shown, for its tests. */
import type { ConsoleSummary } from '../../src/model/api.ts';

/** A console that runs, unless `more` says otherwise. */
export function consoleSummary(name: string, more: Partial<ConsoleSummary> = {}): ConsoleSummary {
  return {
    ...{
      name,
      kind: 'run',
      state: 'running',
      since: '2026-11-30T06:55:00Z',
      restarts: { hour: 0, total: 0 },
      sessions: 0,
    },
    ...{ lastLine: '', groups: [], description: '', labels: {} },
    ...more,
  };
}
