import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeTelnet, Telnet } from '../../src/codec/telnet.ts';

/** Feeds the chunks; returns the data and the answers. */
function run(chunks: readonly Uint8Array[]): { data: number[]; sent: number[] } {
  const sent: number[] = [];
  const telnet = Telnet.server((bytes) => sent.push(...bytes));
  const data = chunks.flatMap((chunk) => [...telnet.receive(chunk)]);
  return { data, sent };
}

/** Bytes rich in telnet commands: a random stream hardly ever contains a whole one. */
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

test('data survives the round trip', () => {
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
  [
    'refusals of what the greeting offers are not answered',
    [255, 254, 1, 255, 252, 34, 255, 254, 1, 255, 252, 34],
    [],
    [],
  ],
  ['DONT ECHO is answered once while it is in effect', [255, 253, 1, 255, 254, 1, 255, 254, 1], [], [255, 252, 1]],
  [
    'WONT LINEMODE is answered once while it is in effect',
    [255, 251, 34, 255, 252, 34, 255, 252, 34],
    [],
    [255, 254, 34],
  ],
  ['a refused ECHO comes when it is asked for', [255, 254, 1, 255, 253, 1, 255, 253, 1], [], [255, 251, 1]],
  ['a refused LINEMODE comes when it is offered', [255, 252, 34, 255, 251, 34, 255, 251, 34], [], [255, 253, 34]],
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

test('a block of requests is answered with one write', () => {
  const writes: Uint8Array[] = [];
  const telnet = Telnet.server((bytes) => writes.push(bytes));
  telnet.receive(Uint8Array.from(Array.from({ length: 1000 }, () => [255, 253, 3]).flat()));
  assert.deepEqual(
    writes.map(({ length }) => length),
    [3000],
  );
});

const [will, wont, dO, dont] = [251, 252, 253, 254];

/** Both ends of a connection, and the bytes in transit between them. */
class Wire {
  readonly ends: readonly Telnet[];
  readonly #underway: [number[], number[]] = [[], []];

  constructor(...sides: readonly [keyof typeof SIDES, keyof typeof SIDES]) {
    this.ends = sides.map((side, index) => SIDES[side]((bytes) => this.#underway[1 - index]?.push(...bytes)));
  }

  /** Delivers until nothing is left; returns how many times each end sent something. */
  settle(most: number): number {
    for (let round = 0; ; round++) {
      const waiting = this.#underway.map((queue) => queue.splice(0));
      if (waiting.every(({ length }) => length === 0)) {
        return round;
      }
      assert.ok(round < most, `after ${round} rounds there is still ${JSON.stringify(waiting)}`);
      for (const [index, bytes] of waiting.entries()) {
        this.ends[index]?.receive(Uint8Array.from(bytes));
      }
    }
  }
}

const SIDES = { server: Telnet.server, client: Telnet.client, consoleClient: Telnet.consoleClient } as const;
const side = fc.constantFrom('server' as const, 'client' as const, 'consoleClient' as const);
/**
 * Commands that neither end sent: a stray packet, a program in between. With several about one option RFC 1143 loops
 * too.
 */
const words = fc.uniqueArray(
  fc.tuple(fc.nat(1), fc.constantFrom(will, wont, dO, dont), fc.constantFrom(0, 1, 3, 24, 34, 255)),
  { selector: ([, , option]) => option },
);

test('any two of our sides come to rest, even after commands that neither sent', () => {
  fc.assert(
    fc.property(side, side, words, (one, other, told) => {
      const wire = new Wire(one, other);
      for (const [end, name] of [one, other].entries()) {
        if (name === 'server') {
          wire.ends[end]?.greet();
        }
      }
      for (const [end, word, option] of told) {
        wire.ends[end]?.receive(Uint8Array.of(255, word, option));
      }
      // A command, its answer, and the reply to that of an end that had not asked.
      wire.settle(3);
    }),
    { numRuns: 2000 },
  );
});

/** The other end of one option, exactly as in RFC 1143 section 7, with all its states and queues. */
class QMethod {
  state: 'NO' | 'WANTNO' | 'WANTYES' | 'YES' = 'NO';
  #opposite = false;
  readonly #agrees: boolean;
  readonly #say: (enable: boolean) => void;

  constructor(agrees: boolean, say: (enable: boolean) => void) {
    this.#agrees = agrees;
    this.#say = say;
  }

  want(enable: boolean): void {
    const [rest, same, other] = enable
      ? (['NO', 'WANTYES', 'WANTNO'] as const)
      : (['YES', 'WANTNO', 'WANTYES'] as const);
    if (this.state === rest) {
      this.state = same;
      this.#say(enable);
    } else if (this.state === same) {
      this.#opposite = false;
    } else if (this.state === other) {
      this.#opposite = true;
    }
  }

  heard(enable: boolean): void {
    const opposite = this.#opposite;
    this.#opposite = false;
    switch (this.state) {
      case 'NO':
        assert.equal(enable, true, 'a refusal was answered');
        this.state = this.#agrees ? 'YES' : 'NO';
        this.#say(this.#agrees);
        break;
      case 'YES':
        assert.fail('an answer was answered');
        break;
      case 'WANTNO':
        assert.equal(enable, false, 'DONT or WONT was answered by agreement');
        this.state = opposite ? 'WANTYES' : 'NO';
        if (opposite) {
          this.#say(true);
        }
        break;
      case 'WANTYES':
        this.state = !enable ? 'NO' : opposite ? 'WANTNO' : 'YES';
        if (enable && opposite) {
          this.#say(false);
        }
        break;
    }
  }
}

test('a peer that follows RFC 1143 and changes its mind at will gets every answer that it waits for, and no other', () => {
  const wishes = fc.array(
    fc.record({ option: fc.constantFrom(0, 1, 3, 34), ours: fc.boolean(), on: fc.boolean(), deliver: fc.boolean() }),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(fc.constantFrom('server' as const, 'client' as const), fc.boolean(), wishes, (name, agrees, list) => {
      let toPeer: number[] = [];
      const telnet = SIDES[name]((bytes) => toPeer.push(...bytes));
      const toUs: number[] = [];
      const machines = new Map<string, QMethod>();
      /** `ours`: an option of our end, which the peer names by DO and DONT. */
      const machine = (option: number, ours: boolean): QMethod => {
        const key = `${option} ${ours}`;
        const [yes, no] = ours ? [dO, dont] : [will, wont];
        const found = machines.get(key) ?? new QMethod(agrees, (on) => toUs.push(255, on ? yes : no, option));
        machines.set(key, found);
        return found;
      };
      const deliver = (): void => {
        telnet.receive(Uint8Array.from(toUs.splice(0)));
        const words = toPeer;
        toPeer = [];
        for (let at = 0; at < words.length; at += 3) {
          const [, word, option] = words.slice(at, at + 3) as [number, number, number];
          machine(option, word === will || word === wont).heard(word === will || word === dO);
        }
      };
      if (name === 'server') {
        telnet.greet();
      }
      for (const { option, ours, on, deliver: now } of list) {
        machine(option, ours).want(on);
        if (now) {
          deliver();
        }
      }
      for (let round = 0; toUs.length + toPeer.length > 0; round++) {
        assert.ok(round < 6, 'it does not come to rest');
        deliver();
      }
      for (const [key, { state }] of machines) {
        assert.match(state, /^(YES|NO)$/, `${key} waits for an answer`);
      }
    }),
    { numRuns: 2000 },
  );
});

test('the side of conserver: repeated commands are answered once, DO is refused, the rest is ignored', () => {
  const sent: number[] = [];
  const telnet = Telnet.consoleClient((bytes) => sent.push(...bytes));
  for (const [command, option] of [
    ...([
      [will, 1],
      [will, 1],
      [wont, 1],
      [wont, 1],
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
  assert.deepEqual(sent, [255, dO, 1, 255, dont, 1, 255, dO, 3, 255, wont, 24, 255, wont, 24]);
});
