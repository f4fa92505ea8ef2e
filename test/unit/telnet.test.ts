import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeTelnet, Telnet } from '../../src/codec/telnet.ts';

/** Feeds the chunks; what came out as data, and what was answered. */
function run(chunks: readonly Uint8Array[]): { data: number[]; sent: number[] } {
  const sent: number[] = [];
  const telnet = Telnet.server((bytes) => sent.push(...bytes));
  const data = chunks.flatMap((chunk) => [...telnet.receive(chunk)]);
  return { data, sent };
}

/** Telnet-heavy bytes: a plain random stream hardly ever holds a whole command. */
const stream = fc
  .array(fc.oneof(fc.nat(255), fc.constantFrom(255, 254, 253, 252, 251, 250, 240, 241, 1, 34, 0, 13, 10)), {
    maxLength: 200,
  })
  .map((bytes) => Uint8Array.from(bytes));

test('any byte stream, split anywhere, gives the same data and the same answers', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200)), (bytes, cuts) => {
      const places = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
      const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      assert.deepEqual(run(chunks), run([bytes]));
    }),
    { numRuns: 2000 },
  );
});

test('data survives the way out and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.deepEqual(run([escapeTelnet(bytes)]), { data: [...bytes], sent: [] });
    }),
  );
});

test('the greeting offers echo and asks for line mode, in this order', () => {
  const sent: number[] = [];
  Telnet.server((bytes) => sent.push(...bytes)).greet();
  assert.deepEqual(sent, [255, 251, 1, 255, 253, 34]);
});

const CASES: readonly (readonly [
  name: string,
  input: readonly number[],
  data: readonly number[],
  sent: readonly number[],
])[] = [
  ['acknowledged options are not answered', [255, 253, 1, 255, 251, 34], [], []],
  ['DONT ECHO is answered once', [255, 254, 1, 255, 254, 1], [], [255, 252, 1]],
  ['WONT LINEMODE is answered once', [255, 252, 34, 255, 252, 34], [], [255, 254, 34]],
  ['ECHO comes back when asked again', [255, 254, 1, 255, 253, 1], [], [255, 252, 1, 255, 251, 1]],
  ['LINEMODE comes back when offered again', [255, 252, 34, 255, 251, 34], [], [255, 254, 34, 255, 253, 34]],
  ['any other DO is refused', [255, 253, 3], [], [255, 252, 3]],
  ['any other WILL is refused', [255, 251, 31], [], [255, 254, 31]],
  ['DONT and WONT of what is off are not answered', [255, 254, 3, 255, 252, 3], [], []],
  [
    'a sub-negotiation is swallowed, doubled IAC inside too',
    [65, 255, 250, 24, 255, 255, 1, 255, 240, 66],
    [65, 66],
    [],
  ],
  ['commands without option are swallowed', [65, 255, 241, 255, 246, 255, 243, 66], [65, 66], []],
  ['IAC IAC is one byte', [255, 255], [255], []],
];

for (const [name, input, data, sent] of CASES) {
  test(name, () => assert.deepEqual(run([Uint8Array.from(input)]), { data: [...data], sent: [...sent] }));
}

test('the side of conserver: what it agrees to is said once, DO is refused, the rest is passed over', () => {
  const sent: number[] = [];
  const telnet = Telnet.consoleClient((bytes) => sent.push(...bytes));
  const [will, wont, dO, dont] = [251, 252, 253, 254];
  for (const [command, option] of [
    ...([
      [will, 1],
      [wont, 1],
      [will, 1],
      [will, 3],
    ] as const),
    ...([
      [will, 0],
      [dont, 3],
      [dO, 24],
      [dO, 24],
    ] as const),
  ]) {
    assert.equal(telnet.receive(Uint8Array.of(255, command, option)).length, 0);
  }
  assert.deepEqual(sent, [255, dO, 1, 255, dO, 3, 255, wont, 24, 255, wont, 24]);
});
