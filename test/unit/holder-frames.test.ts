import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consoleData,
  dataFrame,
  dataHead,
  FRAME,
  FrameError,
  FrameReader,
  frame,
  streamData,
} from '../../src/codec/holder-frames.ts';

const type = fc.constantFrom(...Object.values(FRAME));

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/**
 * Feeds the bytes in pieces, all in the same memory, as a socket does; frames are copied because they are views of it.
 */
function read(bytes: Uint8Array, cuts: readonly number[]): { type: number; payload: number[] }[] {
  const places = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
  const reader = new FrameReader();
  const memory = Buffer.alloc(bytes.length);
  return places.slice(1).flatMap((end, i) => {
    memory.set(bytes.subarray(places[i], end));
    const piece = memory.subarray(0, end - (places[i] as number));
    return [...reader.push(piece)].map((each) => ({ type: each.type, payload: [...each.payload] }));
  });
}

test('frames come out as they went in, however the stream is cut', () => {
  const frames = fc.array(fc.tuple(type, fc.uint8Array({ maxLength: 100 })), { maxLength: 10 });
  fc.assert(
    fc.property(frames, fc.array(fc.nat(600)), (sent, cuts) => {
      const bytes = joined(sent.map(([kind, payload]) => frame(kind, payload)));
      assert.deepEqual(
        read(bytes, cuts),
        sent.map(([kind, payload]) => ({ type: kind, payload: [...payload] })),
      );
    }),
  );
});

test('console and offset survive, offsets beyond 32 bits too', () => {
  const offset = fc.nat(Number.MAX_SAFE_INTEGER);
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), offset, fc.uint8Array({ maxLength: 50 }), (console, at, data) => {
      const [output] = [...new FrameReader().push(joined([dataHead(FRAME.output, console, data.length, at), data]))];
      const stream = streamData(output?.payload as Uint8Array);
      assert.deepEqual({ ...stream, data: [...stream.data] }, { console, offset: at, data: [...data] });
      const whole = dataFrame((size) => new Uint8Array(size), FRAME.output, console, data, at);
      assert.deepEqual(whole, joined([dataHead(FRAME.output, console, data.length, at), data]));
      const [input] = [...new FrameReader().push(joined([dataHead(FRAME.input, console, data.length), data]))];
      const plain = consoleData(input?.payload as Uint8Array);
      assert.deepEqual({ ...plain, data: [...plain.data] }, { console, data: [...data] });
    }),
  );
});

test('any bytes are frames or are refused, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const { type: kind, payload } of new FrameReader().push(bytes)) {
          if (kind === FRAME.output) {
            streamData(payload);
          } else if (kind === FRAME.input) {
            consoleData(payload);
          }
        }
      } catch (error) {
        assert.ok(error instanceof FrameError);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a frame of four gigabytes is refused before it is waited for', () => {
  assert.throws(() => [...new FrameReader().push(Uint8Array.of(255, 255, 255, 255, FRAME.input))], FrameError);
});
