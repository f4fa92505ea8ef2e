// Queries of history and audit, as the page's address states them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditFilterOf, eventFilterOf, fieldsOf, queryOf } from '../../web/records/records-query.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const HOUR_MS = 3_600_000;

test('an address is what is asked for, and comes back', () => {
  const query = 'console=vac-01&user=vera&kind=ended&since=2026-11-30T02%3A00%3A00.000Z&q=HV+%26+more&before=77';
  assert.equal(queryOf(fieldsOf(query)), query);
  assert.deepEqual(eventFilterOf(fieldsOf(query), NOW), {
    ...{ console: 'vac-01', user: 'vera', types: ['ended'], from: Date.parse('2026-11-30T02:00:00Z') },
    ...{ text: 'HV & more', before: 77 },
  });
  assert.deepEqual(eventFilterOf(fieldsOf('kind=changes&last=8h'), NOW), { changes: true, from: NOW - 8 * HOUR_MS });
  assert.deepEqual(auditFilterOf(fieldsOf('act=restart&outcome=refused&until=2026-11-30T12:00:00Z'), NOW), {
    ...{ verb: 'restart', outcome: 'refused', until: NOW },
  });
});

test('what an address cannot say is left out', () => {
  const wrong = 'kind=nonsense&act=dance&outcome=lost&last=9y&since=yesterday&until=5&before=-1&else=1&console=';
  assert.deepEqual(fieldsOf(wrong), {});
});
