/** Texts of history and audit. Events are worded in src/model. */
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
  changes: 'all but sessions',
  lasts: { '1h': 'last hour', '8h': 'last 8 h', '24h': 'last 24 h', '7d': 'last 7 days' },
  clear: 'Show all',
  asking: 'Loading',
  again: 'Refresh',
  nothing: 'No matching records.',
  columns: { when: 'When', console: 'Console', what: 'What', who: 'Who', outcome: 'Outcome' },
  server: 'server',
  head: 'Live: new entries appear by themselves.',
  headOf: (time: number) => `As of ${timeOfDay(time)}`,
  earlier: 'Earlier entries',
  older: 'Older',
  newest: 'Newest',
  oldest: 'No older entries.',
  fault: (reason: string) => sentence(reason),
  stale: (reason: string) => `${sentence(reason)} The entries shown are older.`,
  verify: 'Verify the chain',
  verifying: 'Verifying the chain',
  verified: (time: number, last: number | undefined) =>
    last === undefined ? `Checked at ${timeOfDay(time)}` : `Verified up to number ${last}, at ${timeOfDay(time)}`,
  broken: 'The chain is broken',
  slow: 'The server has not answered in time',
} as const;
