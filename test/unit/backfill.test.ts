import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputRing } from '../../src/model/output-ring.ts';
import { Backfill } from '../../src/remote/backfill.ts';

test('output is kept as it came even though its buffer is reused', async () => {
  const ring = new OutputRing({ keep: 1024, most: 1024 }, (size) => Buffer.alloc(size), 10);
  const older = new Backfill(0, ring);
  const memory = Buffer.from('01234');
  older.take(memory, 0, false);
  memory.set(Buffer.from('56789'));
  older.take(memory, 5, false);
  await older.complete;
  assert.equal(ring.tail, 0);
  assert.equal(Buffer.from(ring.read(0)).toString(), '0123456789');
});
