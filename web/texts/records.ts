/** What history and audit say. The words of what happened are in src/model. */
import { local } from '../../src/model/time-text.ts';
import { sentence } from './page.ts';

const timeOfDay = (time: number) => local(new Date(time).toISOString()).slice('yyyy-mm-dd '.length);

export const RECORDS_TEXTS = {
  history: 'History',
  historyAbout: 'What happened, newest first.',
  audit: 'Audit',
  auditAbout: 'Who did what, and what was refused, newest first.',
  filter: 'Filter',
  fields: {
    console: 'Console',
    user: 'Person',
    kind: 'Kind',
    act: 'Act',
    outcome: 'Outcome',
    last: 'Time',
    since: 'From',
    until: 'Until',
    q: 'Text',
  },
  all: 'all',
  changes: 'without sessions',
  lasts: { '1h': 'last hour', '8h': 'last 8 h', '24h': 'last 24 h', '7d': 'last 7 days' },
  clear: 'Show all',
  asking: 'Asking',
  again: 'Look again',
  nothing: 'Nothing is recorded that matches.',
  columns: { when: 'When', console: 'Console', what: 'What', who: 'Who', outcome: 'Outcome' },
  server: 'server',
  head: 'Live: what happens comes here by itself.',
  headOf: (time: number) => `As of ${timeOfDay(time)}`,
  earlier: 'Earlier ones',
  older: 'Older',
  newest: 'Newest',
  oldest: 'There are no older ones.',
  fault: (reason: string) => sentence(reason),
  stale: (reason: string) => `${sentence(reason)} What is shown is older.`,
  verify: 'Check the chain',
  verifying: 'Walking along the chain',
  verified: (time: number, last: number | undefined) =>
    last === undefined ? `Checked at ${timeOfDay(time)}` : `Verified up to number ${last}, at ${timeOfDay(time)}`,
  broken: 'The chain is broken',
  slow: 'The server has not answered in time',
} as const;
