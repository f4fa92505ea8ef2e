import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, textOf } from '../../src/model/latin1.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';

function everything(ring: OutputRing): string {
  let text = '';
  for (let at = ring.tail; at < ring.head; ) {
    const view = ring.read(at);
    text += textOf(view);
    at += view.length;
  }
  return text;
}

function lines(ring: OutputRing, count: number): string {
  return ring
    .lastLines(count)
    .map(({ start, end }) => everything(ring).slice(start - ring.tail, end - ring.tail))
    .join('');
}

test('the ring keeps the end of the output, whatever the pieces', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.nat(20_000), fc.boolean(), (added, keep, trims) => {
      const ring = new OutputRing({ keep, most: keep });
      let all = '';
      for (const piece of added) {
        ring.append(piece);
        all += textOf(piece);
        if (trims) {
          ring.trim();
        }
      }
      assert.equal(ring.head, all.length);
      const kept = everything(ring);
      assert.ok(all.endsWith(kept));
      assert.ok(kept.length >= Math.min(keep, all.length));
    }),
  );
});

test('a lagging reader is waited for up to the limit, not beyond', () => {
  const ring = new OutputRing({ keep: 10, most: 200_000 });
  for (let i = 0; i < 10; i++) {
    ring.append(new Uint8Array(16_384));
    ring.trim(0);
  }
  assert.equal(ring.tail, 0);
  for (let i = 0; i < 10; i++) {
    ring.append(new Uint8Array(16_384));
    ring.trim(0);
  }
  assert.ok(ring.tail > 0);
  assert.ok(ring.head - ring.tail >= 200_000);
});

test('a view stays valid while the ring goes on', () => {
  const ring = new OutputRing({ keep: 0, most: 0 });
  ring.append(bytesOf('first'));
  const view = ring.read(0);
  for (let i = 0; i < 100; i++) {
    ring.append(new Uint8Array(4096).fill(i));
    ring.trim();
  }
  assert.equal(textOf(view), 'first');
});

test('history is the last lines of the source, without notes', () => {
  const ring = new OutputRing({ keep: 100_000, most: 100_000 });
  ring.append(bytesOf('one\r\ntwo\r\n'));
  ring.note(bytesOf('@@@ a note\r\n'));
  ring.append(bytesOf('three\r\nepics> '));
  assert.equal(lines(ring, 1), 'epics> ');
  assert.equal(lines(ring, 2), 'three\r\nepics> ');
  assert.equal(lines(ring, 3), 'two\r\nthree\r\nepics> ');
  assert.equal(lines(ring, 99), 'one\r\ntwo\r\nthree\r\nepics> ');
  assert.equal(lines(ring, 0), '');
});

test('history finds lines across segment boundaries', () => {
  const line = fc.integer({ min: 0, max: 3000 }).map((length) => `${'x'.repeat(length)}\n`);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 25 }), (text, count) => {
      const ring = new OutputRing({ keep: 1 << 20, most: 1 << 20 });
      ring.append(bytesOf(text.join('')));
      assert.equal(lines(ring, count), text.slice(-count).join(''));
    }),
  );
});

test('output that is put back in front is as if it had never been dropped, notes included', () => {
  const piece = fc.record({ note: fc.boolean(), bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }) });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), fc.nat(), (pieces, cut) => {
      const at = cut % (pieces.length + 1);
      const whole = new OutputRing({ keep: 10_000, most: 10_000 });
      const front = new OutputRing({ keep: 10_000, most: 10_000 });
      const notes: { start: number; end: number }[] = [];
      const say = (ring: OutputRing, { note, bytes }: (typeof pieces)[number]) =>
        note ? ring.note(bytes) : ring.append(bytes);
      pieces.forEach((each, index) => {
        if (index < at && each.note) {
          notes.push({ start: whole.head, end: whole.head + each.bytes.length });
        }
        say(whole, each);
        if (index < at) {
          say(front, each);
        }
      });
      const back = new OutputRing({ keep: 10_000, most: 10_000 }, undefined, front.head);
      for (const each of pieces.slice(at)) {
        say(back, each);
      }
      back.prepend(bytesOf(everything(front)), notes);
      assert.equal(everything(back), everything(whole));
      assert.equal(lines(back, 1000), lines(whole, 1000));
      for (let offset = 0; offset < whole.head; offset++) {
        assert.equal(back.voiceAt(offset).note, whole.voiceAt(offset).note);
      }
    }),
  );
});

test('of a history of so many bytes the newest count, notes do not, and nothing is left out before the oldest', () => {
  const ring = new OutputRing({ keep: 100_000, most: 100_000 });
  const stream = new OutputStream(ring, () => 0);
  ring.append(bytesOf('one\r\ntwo\r\n'));
  ring.note(bytesOf(`@@@ ${'x'.repeat(100)}\r\n`));
  ring.append(bytesOf('three\r\n'));
  const text = (bytes: number, from = 0) => stream.history(99, from, bytes).map((piece) => textOf(piece));
  assert.deepEqual(text(100), ['one\r\ntwo\r\n', 'three\r\n']);
  assert.deepEqual(text(12), ['two\r\n', 'three\r\n']);
  assert.deepEqual(text(7), ['three\r\n']);
  assert.deepEqual(text(3), ['e\r\n']);
  assert.deepEqual(text(0), []);
  assert.deepEqual(text(100, 7), ['o\r\n', 'three\r\n']);
});
