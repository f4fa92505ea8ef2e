import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReturnKey } from '../../src/listeners/procserv/return-key.ts';
import { type LineEnds, withoutSecondHalves } from '../../src/model/line-ends.ts';

const BLOCKS = [
  [['a\r\nb\n\r\n'], ['paired'], 'a\rb\n\r'],
  [['a\r', '\nb', '\n'], ['bytes', 'continued', 'bytes'], 'a\rb\n'],
  [['\r\n', '\n'], ['paired', 'bytes'], '\r\n'],
  [['\n', '\n\r\n'], ['bytes', 'paired'], '\n\n\r'],
  [['\r', '\n\n\r\n'], ['bytes', 'continued'], '\r\n\r'],
  [['\r\r\n', 'x\r', 'y\n'], ['paired', 'bytes', 'bytes'], '\r\rx\ry\n'],
] as const;

for (const [blocks, ends, input] of BLOCKS) {
  test(`${JSON.stringify(blocks)} has the Returns of ${JSON.stringify(input)}`, () => {
    const key = new ReturnKey();
    const found: LineEnds[] = [];
    const taken = blocks.map((block) => {
      const bytes = Buffer.from(block);
      found.push(key.take(bytes, 0));
      return Buffer.from(withoutSecondHalves(bytes, found.at(-1) as LineEnds)).toString();
    });
    assert.deepEqual([found, taken.join('')], [ends, input]);
  });
}

test('a line feed long after a carriage return is a separate Return', () => {
  const key = new ReturnKey();
  key.take(Buffer.from('\r'), 0);
  assert.equal(key.take(Buffer.from('\n'), 100), 'continued');
  key.take(Buffer.from('\r'), 1000);
  assert.equal(key.take(Buffer.from('\n'), 1101), 'bytes');
});
