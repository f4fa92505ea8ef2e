/** Texts of the plan. Changes are worded in src/model/plan-text.ts. */
import { counted } from '../../src/model/counted.ts';
import type { PlanAct } from '../../src/model/plan-text.ts';
import { local } from '../../src/model/time-text.ts';
import { sentence } from './page.ts';

export const PLAN_TEXTS = {
  title: 'Plan',
  about: 'What differs between the configuration files and what runs.',
  asking: 'Reading the files',
  asOf: (time: number) => `As of ${local(new Date(time).toISOString()).slice('yyyy-mm-dd '.length)}`,
  again: 'Refresh',
  nothing: 'Nothing to do: the server runs what the files say.',
  nothingNow: 'Nothing to apply without a restart.',
  changes: (count: number) => counted(count, 'change'),
  mistakes: (count: number) =>
    `${counted(count, 'mistake')} in the files: nothing can be applied until they are fixed.`,
  groups: {
    remove: 'Removed',
    replace: 'Replaced',
    change: 'Changed',
    add: 'New',
  } satisfies Readonly<Record<PlanAct, string>>,
  server: 'The server',
  warnings: 'Left out',
  unopened: 'Endpoints that are not open',
  more: (count: number) => `${count} more: 'holdfast plan' lists all of them.`,
  key: 'Key',
  runs: 'Runs',
  files: 'Files',
  place: 'Where',
  unset: 'not set',
  hidden: 'hidden',
  apply: 'Apply',
  question: (count: number) => `Apply ${counted(count, 'change')}?`,
  hurts: {
    remove: (names: string) => `Stopped and removed: ${names}.`,
    replace: (names: string) => `Stopped and replaced: ${names}.`,
    add: (names: string) => `New: ${names}.`,
    later: (names: string) => `Unchanged until the next start: ${names}.`,
    live: (count: number) => `At once, without a restart: ${counted(count, 'change')}.`,
  },
  none: 'No process is stopped.',
  reason: 'Reason',
  reasonHint: 'Recorded in the history and the audit.',
  cancel: 'Cancel',
  applying: 'Applying; each process has the time of its stop recipe to end.',
  applied: (count: number) => `${counted(count, 'change')} applied.`,
  notApplied: (count: number) => `${counted(count, 'change')} not applied; they stay in the plan.`,
  waits: 'Restart these when convenient to apply the rest',
  fault: (reason: string) => sentence(reason),
  stale: (reason: string) => `${sentence(reason)} The plan shown is older.`,
  unknown: 'It is not known whether this was applied: check the plan and the history.',
} as const;
