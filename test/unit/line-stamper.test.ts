import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineStamper } from '../../src/terminal/line-stamper.ts';

const STAMP = '[stamp] ';
const stamper = () => new LineStamper(() => Buffer.from(STAMP));
const apply = (to: LineStamper, text: string) => Buffer.from(to.apply(Buffer.from(text), 0)).toString();

test('every line has one stamp, before its first byte', () => {
  assert.equal(apply(stamper(), 'a\nb\r\n\nc'), '[stamp] a\n[stamp] b\r\n[stamp] \n[stamp] c');
  assert.equal(apply(stamper(), ''), '');
});

test('the stamp is the time at which the line began', () => {
  const timed = new LineStamper((time) => Buffer.from(`${time}:`));
  const parts = [
    timed.apply(Buffer.from('a'), 1),
    timed.apply(Buffer.from('b\nc'), 2),
    timed.apply(Buffer.from('\nd'), 3),
  ];
  assert.equal(Buffer.concat(parts).toString(), '1:ab\n2:c\n3:d');
});

test('chunk boundaries change nothing', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '\n', '\r'), { maxLength: 60 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 60 })), (whole, cuts) => {
      const borders = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
      const chunked = stamper();
      const parts = borders.slice(1).map((end, index) => apply(chunked, whole.slice(borders[index], end)));
      assert.equal(parts.join(''), apply(stamper(), whole));
      // Without stamps it equals the input, and there is one stamp for every line.
      assert.equal(parts.join('').replaceAll(STAMP, ''), whole);
      assert.equal(
        parts.join('').split(STAMP).length - 1,
        whole.split('\n').length - (/(?:^|\n)$/.test(whole) ? 1 : 0),
      );
    }),
  );
});
