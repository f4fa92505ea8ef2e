/** What the plan says. The words of a change are in src/model/plan-text.ts. */
import { counted } from '../../src/model/counted.ts';
import type { PlanAct } from '../../src/model/plan-text.ts';
import { local } from '../../src/model/time-text.ts';
import { sentence } from './page.ts';

export const PLAN_TEXTS = {
  title: 'Plan',
  about: 'What differs between the configuration files and what runs.',
  asking: 'Reading the files',
  asOf: (time: number) => `As of ${local(new Date(time).toISOString()).slice('yyyy-mm-dd '.length)}`,
  again: 'Look again',
  nothing: 'Nothing to do: the server runs what the files say.',
  nothingNow: 'Nothing to do without a restart.',
  changes: (count: number) => counted(count, 'change'),
  mistakes: (count: number) =>
    `${counted(count, 'mistake')} in the files: nothing can be applied until they are mended.`,
  groups: {
    remove: 'Gone',
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
    remove: (names: string) => `Stopped, and gone: ${names}.`,
    replace: (names: string) => `Stopped, and started as another one: ${names}.`,
    add: (names: string) => `New: ${names}.`,
    later: (names: string) => `Not touched, and as before until the next start: ${names}.`,
    live: (count: number) => `At once, without a restart: ${counted(count, 'change')}.`,
  },
  none: 'No process is stopped.',
  reason: 'Reason',
  reasonHint: 'It is in the history and in the audit.',
  cancel: 'Cancel',
  applying: 'Applying: what ends is given the time of its stop recipe.',
  applied: (count: number) => `${counted(count, 'change')} applied.`,
  notApplied: (count: number) => `${counted(count, 'change')} not applied; they stay in the plan.`,
  waits: 'Restart these when it suits, for what waits for their next start',
  fault: (reason: string) => sentence(reason),
  stale: (reason: string) => `${sentence(reason)} What is shown is older.`,
  unknown: 'Whether it was applied is not known: look at the plan again, and at the history.',
} as const;
