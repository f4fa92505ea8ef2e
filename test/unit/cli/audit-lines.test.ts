import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditLines } from '../../../src/cli/holdfast/commands/audit.ts';
import { AUDIT_ACT_MEANING, type AuditRecord, THE_SERVER } from '../../../src/model/audit.ts';
import { auditText, verdictLines } from '../../../src/model/audit-text.ts';
import { VERBS } from '../../../src/model/rights.ts';
import { guest, person } from '../../fakes/principals.ts';

const TIME = '2026-11-30T02:00:00.000Z';

function record(act: AuditRecord['act'], more: Partial<AuditRecord> = {}): AuditRecord {
  return { seq: 1, time: TIME, act, outcome: 'done', by: person('vera', { pid: 7 }), prev: '', ...more };
}

test('a line says who did what to which console, why, and what came of it', () => {
  const texts = [
    record('restart', { console: 'vac-01', reason: 'HV card' }),
    record('stop', {
      console: 'rf-01',
      outcome: 'refused',
      right: 'stop',
      error: { code: 'HF_FORBIDDEN', message: 'ask controls' },
    }),
    record('apply', { by: person('root', { behind: 'vera', pid: 8 }), details: { steps: ['add a', 'remove b'] } }),
    record('start', { by: guest('jo', 'ws12'), console: 'a', torn: 12, missed: 3 }),
    record('refusals', { by: THE_SERVER, outcome: 'refused', details: { count: 40 } }),
  ].map(auditText);
  assert.deepEqual(texts, [
    'vera via api from pid 7: restart vac-01: HV card',
    'vera via api from pid 7: stop rf-01, refused: lacks the right stop',
    'vera (as root) via api from pid 8: apply the configuration: add a, remove b',
    'jo via conserver from ws12: start a: the line before was torn; 3 lines before could not be written',
    'holdfast: more requests than have lines, refused: count 40',
  ]);
});

test('no line has the name of a verb: all are words', () => {
  const about = (act: AuditRecord['act'], console?: string) =>
    auditText(record(act, console === undefined ? {} : { console })).replace('vera via api from pid 7: ', '');
  assert.equal(about('createTokenForOther'), 'create a token for somebody else');
  assert.equal(about('giveUp', 'vac-01'), 'give up the keyboard of vac-01');
  assert.equal(about('evict', '$&'), 'disconnect others from $&');
  for (const act of [...Object.keys(VERBS), ...Object.keys(AUDIT_ACT_MEANING)] as AuditRecord['act'][]) {
    assert.doesNotMatch(about(act, 'x'), /[a-z][A-Z]|NAME/, act);
  }
  assert.equal(about('later' as never, 'x'), 'later x');
  assert.match(auditText(record('down', { details: { all: false } })), /: end this server$/);
  assert.match(auditText(record('down', { details: { all: true } })), /: end this server: all$/);
});

test('what was begun is a line only if nothing is known of its end', () => {
  const lines = new AuditLines({ color: false });
  const shown = (...records: AuditRecord[]) =>
    records.flatMap((each) => lines.add(each)).map((line) => line.replace(/^\S+ \S+ +/, ''));
  assert.deepEqual(shown(record('apply', { outcome: 'begun' }), record('apply')), [
    'vera via api from pid 7: apply the configuration',
  ]);
  assert.deepEqual(shown(record('down', { outcome: 'begun' })), []);
  assert.deepEqual(shown(record('file', { by: THE_SERVER }), record('up', { by: THE_SERVER })), [
    'vera via api from pid 7: end this server, begun',
    'holdfast: come up',
  ]);
  lines.add(record('apply', { outcome: 'begun' }));
  assert.equal(lines.rest().length, 1);
  assert.equal(lines.rest().length, 0);
});

test('the verdict on a chain says what was checked, and what cannot be known', () => {
  const good = { files: 2, lines: 7, first: 3, last: 9, torn: 1, missed: 2, anchored: false };
  assert.deepEqual(verdictLines(good), [
    'the chain holds: 7 lines in 2 files, numbers 3 to 9',
    '1 line torn, when a server was killed or a disk was full',
    '2 lines could not be written at the time',
    'the last lines were not compared with what a server knows: if some were removed, it does not show',
  ]);
  const broken = { file: 'audit.jsonl.1', line: 17, what: 'this line was changed' };
  assert.deepEqual(verdictLines({ ...good, broken }), ['audit.jsonl.1:17: this line was changed']);
});
