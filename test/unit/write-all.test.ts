// Writes completed before a process exits.
import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { writeAll } from '../../src/platform/process/write-all.ts';

/** Takes a piece when it is told to, as a full pipe does. */
function slow(highWaterMark: number) {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark,
    write(chunk: Buffer, _, done) {
      waiting.push(() => {
        taken.push(chunk.toString());
        done();
      });
    },
  });
  return { stream, taken, take: () => waiting.shift()?.() };
}

for (const highWaterMark of [1, 1024]) {
  test(`all has been taken when it is over, by a stream of ${highWaterMark} bytes`, async () => {
    const { stream, take, taken } = slow(highWaterMark);
    let isOver = false;
    const over = writeAll(Readable.from(['one', 'two', 'three']), stream).then(() => {
      isOver = true;
    });
    while (taken.length < 3) {
      await setImmediate();
      assert.equal(isOver, false);
      take();
    }
    for (let turn = 0; turn < 3; turn++) {
      await setImmediate();
      take();
    }
    await over;
    assert.deepEqual(taken.slice(0, 3), ['one', 'two', 'three']);
  });
}

test('a reader that has gone ends it', async () => {
  const stream = new Writable({
    write(_, __, done) {
      done(new Error('gone'));
    },
  });
  stream.on('error', () => undefined);
  await assert.rejects(writeAll(Readable.from(['one', 'two']), stream), /gone|destroyed/);
});
