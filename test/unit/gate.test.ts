import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate } from '../../src/platform/time/gate.ts';

test('two at once, three wait in order, more are refused; an error opens the gate too', async () => {
  const gate = new Gate(2, 3);
  const open: (() => void)[] = [];
  const begun: number[] = [];
  const results = Array.from({ length: 7 }, (_, n) =>
    gate.run(async () => {
      begun.push(n);
      await new Promise<void>((resolve) => open.push(resolve));
      if (n === 0) {
        throw new Error('no');
      }
      return n;
    }),
  );
  assert.deepEqual(begun, [0, 1]);
  assert.deepEqual(await Promise.all(results.slice(5)), [undefined, undefined]);
  open[0]?.();
  await assert.rejects(results[0] as Promise<unknown>);
  for (let n = 1; n < 5; n++) {
    while (open[n] === undefined) {
      await Promise.resolve();
    }
    open[n]?.();
  }
  assert.deepEqual(await Promise.all(results.slice(1, 5)), [1, 2, 3, 4]);
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
});
