// Which events of the history are asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findEvents } from '../../src/host/find-events.ts';
import { RecentEvents } from '../../src/host/recent-events.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import { matches } from '../../src/model/audit-match.ts';
import type { Happening } from '../../src/model/events.ts';
import type { NearEventFilter } from '../../src/model/host-port.ts';
import { person } from '../fakes/principals.ts';

const at = (seq: number) => `2026-11-30T02:00:${String(seq).padStart(2, '0')}.000Z`;

const DEATH = {
  ...{
    time: at(3),
    pid: 7,
    code: null,
    signal: 'SIGSEGV',
    coreDumped: true,
    outOfMemory: false,
    uptimeSeconds: 5,
    maxRssKib: 0,
  },
  ...{ lastLines: [], askedBy: person('root', { behind: 'otto' }) },
} as const;

const HISTORY: readonly Happening[] = [
  { type: 'state', console: 'rf-01', from: 'stopped', to: 'starting', cause: 'start', by: person('vera') },
  { type: 'attached', console: 'rf-01', by: person('jo') },
  { type: 'ended', console: 'vac-01', death: DEATH },
  { type: 'note', console: 'vac-01', text: 'Pump swapped', by: person('root', { behind: 'vera', reason: 'HV card' }) },
  { type: 'config', text: 'the configuration files have changed' },
];

test('events by number, type, person, time and words', async () => {
  const history = new RecentEvents();
  for (const [index, event] of HISTORY.entries()) {
    history.add({ ...event, seq: index + 1, time: at(index + 1) });
  }
  const found = async (filter: NearEventFilter) => (await findEvents(history, filter)).map(({ seq }) => seq);
  assert.deepEqual(await found({}), [1, 2, 3, 4, 5]);
  assert.deepEqual(await found({ before: 4, limit: 2 }), [2, 3]);
  assert.deepEqual(await found({ types: ['state', 'config'] }), [1, 5]);
  assert.deepEqual(await found({ user: 'vera' }), [1, 4], 'also behind somebody else');
  assert.deepEqual(await found({ user: 'otto' }), [3], 'who asked for an end');
  assert.deepEqual(await found({ from: Date.parse(at(2)), until: Date.parse(at(4)) }), [2, 3]);
  assert.deepEqual(await found({ text: 'pump' }), [4]);
  assert.deepEqual(await found({ text: 'hv CARD' }), [4], 'the reason');
  assert.deepEqual(await found({ text: 'killed by sigsegv' }), [3], 'as it is shown');
  assert.deepEqual(await found({ text: 'told to come up' }), [1]);
  assert.deepEqual(await found({ text: 'vac', sees: (console) => console !== 'vac-01' }), []);
});

test('lines of the audit by outcome, number and words', () => {
  const record: AuditRecord = {
    ...{ seq: 7, time: at(7), act: 'restart', outcome: 'refused', by: person('vera'), console: 'rf-01', prev: '' },
    ...{ right: 'restart', reason: 'HV card' },
  };
  const isFound = (filter: Parameters<typeof matches>[0]) => matches(filter, record);
  assert.ok(isFound({}) && isFound({ outcome: 'refused', before: 8, text: 'hv card' }));
  assert.ok(!isFound({ outcome: 'done' }) && !isFound({ before: 7 }) && !isFound({ text: 'vac' }));
});
