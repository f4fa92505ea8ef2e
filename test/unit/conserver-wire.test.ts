import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteWire, WireDecoder, type WireEvent, type WireSignal, wireSignal } from '../../src/codec/conserver-wire.ts';

function decode(...packets: Uint8Array[]): WireEvent[] {
  const decoder = new WireDecoder();
  const events: WireEvent[] = [];
  for (const event of packets.flatMap((packet) => decoder.push(packet))) {
    const last = events.at(-1);
    if (event.kind === 'data' && last?.kind === 'data') {
      events[events.length - 1] = { kind: 'data', bytes: Buffer.concat([last.bytes, event.bytes]) };
    } else {
      events.push(event.kind === 'data' ? { kind: 'data', bytes: Buffer.from(event.bytes) } : event);
    }
  }
  return events;
}

test('quoted data survives the round trip, and 0xff is doubled', () => {
  assert.deepEqual([...quoteWire(Uint8Array.of(1, 255, 2))], [1, 255, 255, 2]);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const events = decode(quoteWire(bytes));
      assert.deepEqual(events, bytes.length === 0 ? [] : [{ kind: 'data', bytes: Buffer.from(bytes) }]);
    }),
  );
});

test('signals keep their place between the data around them', () => {
  const signals: WireSignal[] = ['exec', 'goto', 'suspend', 'abort'];
  assert.deepEqual(
    signals.map((signal) => Buffer.from(wireSignal(signal)).toString('latin1')),
    ['\xffE', '\xffG', '\xffZ', '\xff.'],
  );
  for (const signal of signals) {
    const sent = Buffer.concat([Buffer.from('['), wireSignal(signal), Buffer.from('x')]);
    assert.deepEqual(decode(sent), [
      { kind: 'data', bytes: Buffer.from('[') },
      { kind: 'signal', signal },
      { kind: 'data', bytes: Buffer.from('x') },
    ]);
  }
});

test('a meaningless byte after 0xff is reported and passes', () => {
  assert.deepEqual(decode(Uint8Array.of(0xff, 0x41)), [
    { kind: 'stray', byte: 0x41 },
    { kind: 'data', bytes: Buffer.from('A') },
  ]);
});

test('any bytes, split anywhere, are the same events', () => {
  const telling = fc.array(fc.constantFrom(0xff, 0x45, 0x47, 0x5a, 0x2e, 0x41), { maxLength: 40 });
  fc.assert(
    fc.property(telling, fc.nat(40), fc.nat(40), (bytes, first, second) => {
      const whole = Uint8Array.from(bytes);
      const [low, high] = [Math.min(first, second), Math.max(first, second)];
      assert.deepEqual(decode(whole.subarray(0, low), whole.subarray(low, high), whole.subarray(high)), decode(whole));
    }),
    { numRuns: 1000 },
  );
});
