import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readHolds, writeHolds } from '../../src/main/holds-file.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const HOLD = { reason: 'magnet work', by: 'anna', since: '2026-11-21T10:00:00.000Z' };

test('holds are read as they were written', (t) => {
  const directory = temporaryDirectory(t);
  const troubles: string[] = [];
  const holds = { 'vac-01': HOLD, 'vac-02': { ...HOLD, until: '2026-11-22T10:00:00.000Z', resume: false } };
  writeHolds(directory, holds, (text) => troubles.push(text));
  assert.deepEqual(
    readHolds(directory, (text) => troubles.push(text)),
    holds,
  );
  assert.deepEqual(troubles, []);
});

test('a hold whose end is no time is held until it is released', (t) => {
  const directory = temporaryDirectory(t);
  const troubles: string[] = [];
  writeFileSync(
    join(directory, 'holds.json'),
    JSON.stringify({ 'vac-01': { ...HOLD, until: 'soon' }, 'vac-02': HOLD }),
  );
  assert.deepEqual(
    readHolds(directory, (text) => troubles.push(text)),
    { 'vac-01': HOLD, 'vac-02': HOLD },
  );
  assert.equal(troubles.length, 1);
});

for (const damaged of ['{"vac-01": ', '[]', '{"vac-01": {"reason": 1}}']) {
  test(`what is no list of holds is told and put aside: ${damaged}`, (t) => {
    const directory = temporaryDirectory(t);
    const troubles: string[] = [];
    writeFileSync(join(directory, 'holds.json'), damaged);
    assert.deepEqual(
      readHolds(directory, (text) => troubles.push(text)),
      {},
    );
    assert.equal(troubles.length, 1);
    assert.ok(existsSync(join(directory, 'holds.json.bad')));
  });
}
