import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handshakes } from '../../src/listeners/conserver/wire/handshakes.ts';

test('the number of handshakes at once is bounded; a peer with few comes before one with many, whichever waits longer', async () => {
  const handshakes = new Handshakes(3);
  const order: string[] = [];
  const over = new Map<string, () => void>();
  const begin = (name: string) =>
    void handshakes.begin(name.charAt(0)).then((end) => {
      order.push(name);
      over.set(name, end);
    });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'a6', 'b2']) {
    begin(name);
  }
  await settled();
  assert.deepEqual(order, ['a1', 'a2', 'a3']);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'a4', 'a5', 'b2', 'a6']) {
    (over.get(name) as () => void)();
    await settled();
  }
  assert.deepEqual(order, ['a1', 'a2', 'a3', 'b1', 'a4', 'a5', 'b2', 'a6']);
  begin('c1');
  begin('c2');
  begin('c3');
  begin('c4');
  await settled();
  assert.deepEqual(order.slice(8), ['c1', 'c2', 'c3'], 'all places are free again, and no more');
});
