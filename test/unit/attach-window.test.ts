// The window of an attached client: what it has been sent and has not acknowledged, in bytes, however fast either side is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { AttachWindow, LEAST_WINDOW_BYTES, WINDOW_BYTES } from '../../src/listeners/control/attach-window.ts';
import type { FakeConsole } from '../fakes/fake-console.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { atEnd } from '../harness/at-end.ts';
import { serveControl } from '../harness/control-server.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const ACKNOWLEDGED = 'holdfast.attach.v2';
const PLAIN = 'holdfast.attach.v1';

/** A client that keeps count. */
class Counting {
  readonly ws: WebSocket;
  /** Offset after the last byte that came. */
  next = 0;
  /** Offset after which nothing is acknowledged. */
  acknowledged = 0;
  /** The most that ever was beyond what is acknowledged. */
  most = 0;
  readonly texts: { type: string; bytes?: number; code?: string; detail?: string }[] = [];
  #received: Buffer[] = [];

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, binary) => {
      if (!binary) {
        this.texts.push(JSON.parse(String(data)));
        return;
      }
      const bytes = data.subarray(8);
      this.next = Number(data.readBigUInt64BE(0)) + bytes.length;
      this.#received.push(bytes);
      this.most = Math.max(this.most, this.next - this.acknowledged);
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  ack(offset: unknown): void {
    if (typeof offset === 'number') {
      this.acknowledged = offset;
    }
    this.ws.send(JSON.stringify({ type: 'ack', offset }));
  }

  /** By then the server has acted on everything that this client sent, and this client has what it sent at that. */
  async settled(): Promise<void> {
    assert.equal(this.ws.readyState, WebSocket.OPEN);
    this.ws.ping();
    await once(this.ws, 'pong');
  }
}

interface World {
  readonly vac: FakeConsole;
  readonly faults: unknown[];
  attach(protocols: string | string[], query?: string): Promise<Counting>;
}

async function world(t: TestContext): Promise<World> {
  const dir = temporaryDirectory(t);
  const path = join(dir, 'control');
  const host = new FakeHost();
  const vac = host.add('vac');
  const server = await serveControl(host, path);
  atEnd(t, () => server.kill());
  return {
    vac,
    faults: server.faults,
    async attach(protocols, query = '') {
      const headers = { host: 'x' };
      const ws = new WebSocket(`ws+unix:${path}:/v1/consoles/vac/attach${query}`, protocols, { headers });
      atEnd(t, () => ws.terminate());
      const client = new Counting(ws);
      await once(ws, 'message');
      return client;
    },
  };
}

/** Bytes whose order shows. */
function numbers(bytes: number): Buffer {
  const text = Buffer.alloc(bytes);
  for (let at = 0, n = 0; at < bytes; n++) {
    at += text.write(`${n}\n`, at, 'latin1');
  }
  return text;
}

test('no client that acknowledges gets more than 256 KiB beyond what it has shown, and none loses a byte', async (t) => {
  const { vac, attach, faults } = await world(t);
  const client = await attach([ACKNOWLEDGED, PLAIN]);
  assert.equal(client.ws.protocol, ACKNOWLEDGED);
  const text = numbers(1_000_000);
  vac.say(text);
  await client.settled();
  assert.equal(client.next, WINDOW_BYTES, 'all of the window, and no byte more');
  for (let step = 1; client.next < text.length; step = (step * 7) % 100_003) {
    const before = client.next;
    client.ack(Math.min(client.next, client.acknowledged + step));
    await client.settled();
    assert.equal(client.next, Math.min(text.length, client.acknowledged + WINDOW_BYTES));
    assert.ok(client.next > before);
  }
  assert.equal(client.most, WINDOW_BYTES);
  assert.ok(client.received.equals(text));
  assert.deepEqual(faults, []);
});

test('a client may ask for a smaller window, not for one that it would wait for itself', async (t) => {
  const { vac, attach } = await world(t);
  const client = await attach(ACKNOWLEDGED, `?window=${LEAST_WINDOW_BYTES}`);
  vac.say(numbers(1_000_000));
  await client.settled();
  assert.equal(client.next, LEAST_WINDOW_BYTES);
  for (const wrong of [LEAST_WINDOW_BYTES - 1, WINDOW_BYTES + 1]) {
    await assert.rejects(attach(ACKNOWLEDGED, `?window=${wrong}`), /400/);
  }
});

test('a client that does not acknowledge is sent everything, as before', async (t) => {
  const { vac, attach } = await world(t);
  const client = await attach(PLAIN);
  assert.equal(client.ws.protocol, PLAIN);
  const text = numbers(1_000_000);
  vac.say(text);
  await until('everything', () => client.next === text.length);
  assert.ok(client.received.equals(text));
});

test('of a client that speaks the first version, the first acknowledgement begins the window', async (t) => {
  const { vac, attach } = await world(t);
  const client = await attach(PLAIN);
  client.ack(0);
  await client.settled();
  vac.say(numbers(500_000));
  await client.settled();
  assert.equal(client.next, WINDOW_BYTES);
  client.ack(1000);
  await client.settled();
  assert.equal(client.next, WINDOW_BYTES + 1000);
});

test('history counts too, and one byte that is acknowledged lets one byte follow', async (t) => {
  const { vac, attach } = await world(t);
  // A reader that is behind keeps what was said.
  await attach(ACKNOWLEDGED);
  vac.say(numbers(600_000));
  const client = await attach(ACKNOWLEDGED, '?lines=1000000');
  const [{ offset }] = client.texts as unknown as [{ offset: number }];
  await client.settled();
  assert.equal(client.next - offset, WINDOW_BYTES);
  client.ack(offset + 1);
  await client.settled();
  assert.equal(client.next - offset, WINDOW_BYTES + 1);
});

test('output that was overwritten before there was room is not in the window', async (t) => {
  const { vac, attach } = await world(t);
  const client = await attach(ACKNOWLEDGED);
  for (let piece = 0; piece < 4; piece++) {
    vac.say(Buffer.alloc(1 << 20, 'x'));
  }
  await client.settled();
  assert.equal(client.next, WINDOW_BYTES);
  // The next bytes for the client are still there.
  client.ack(WINDOW_BYTES);
  await client.settled();
  const missed = client.texts.find(({ type }) => type === 'missed')?.bytes ?? 0;
  assert.ok(missed > 0);
  // Nothing more is acknowledged than what was shown: the gap is no obstacle.
  assert.equal(client.next, 2 * WINDOW_BYTES + missed);
  client.ack(client.next);
  await client.settled();
  assert.equal(client.next, 3 * WINDOW_BYTES + missed);
});

for (const [what, offset, detail] of [
  ['negative', -1, /^message\.offset: /],
  ['a fraction', 1.5, /^message\.offset: /],
  ['text', '10', /^message\.offset: /],
  ['missing', undefined, /^message/],
  ['too large for a number', 2 ** 60, /^message\.offset: /],
  ['beyond what was sent', 1101, /^message\.offset: from 1050 \(begun or acknowledged\) to 1100 \(sent\), not 1101$/],
  ['of another session', 3, /^message\.offset: from 1050 \(begun or acknowledged\) to 1100 \(sent\), not 3$/],
] as const) {
  test(`an acknowledgement is refused and ends the session: ${what}`, async (t) => {
    const { vac, attach, faults } = await world(t);
    vac.say(Buffer.alloc(1000, '\n'));
    const client = await attach(ACKNOWLEDGED);
    vac.say(Buffer.alloc(100, '\n'));
    await client.settled();
    client.ack(1050);
    client.ack(1050);
    client.ack(offset);
    const [code] = await once(client.ws, 'close');
    assert.equal(code, 1008);
    const refused = client.texts.filter(({ type }) => type === 'refused');
    assert.deepEqual(
      refused.map((each) => each.code),
      ['HF_BAD_REQUEST'],
    );
    assert.match(refused[0]?.detail ?? '', detail);
    assert.deepEqual(faults, []);
  });
}

for (const [name, key] of [
  ['^C', 3],
  ['^Z', 26],
  ['^\\', 28],
] as const) {
  test(`${name} acts on what is seen: what waits for the window is left out and counted`, async (t) => {
    const { vac, attach } = await world(t);
    const client = await attach(ACKNOWLEDGED, '?write=1');
    vac.say(numbers(800_000));
    client.ws.send(Buffer.from('x'));
    await client.settled();
    assert.equal(client.next, WINDOW_BYTES, 'other keys change nothing');
    client.ws.send(Uint8Array.of(key));
    await client.settled();
    assert.equal(vac.input, `x${String.fromCharCode(key)}`);
    // The program goes on for a while.
    vac.say(Buffer.alloc(50_000, 'x'));
    vac.say('^C\r\nepics> ');
    client.ack(WINDOW_BYTES / 2);
    await client.settled();
    assert.equal(client.next, WINDOW_BYTES, 'first the client shows what it has');
    client.ack(WINDOW_BYTES - 32_768);
    await client.settled();
    assert.equal(client.next, vac.head);
    const after = client.received.subarray(WINDOW_BYTES);
    assert.equal(after.toString(), `${'x'.repeat(16_384 - 11)}^C\r\nepics> `);
    assert.equal(client.texts.at(-1)?.bytes, vac.head - after.length - WINDOW_BYTES);
    vac.say('more');
    await client.settled();
    assert.equal(client.next, vac.head);
  });
}

test('what the program says to keys after ^C is not discarded', async (t) => {
  const { vac, attach } = await world(t);
  const client = await attach(ACKNOWLEDGED, '?write=1');
  vac.say(numbers(800_000));
  client.ws.send(Buffer.of(3));
  client.ws.send(Buffer.from('dbl\r'));
  await client.settled();
  const answer = numbers(100_000);
  vac.say(answer);
  client.ack(WINDOW_BYTES);
  await client.settled();
  assert.ok(client.received.subarray(-answer.length).equals(answer));
  assert.equal(client.next, vac.head);
});

test('^C leaves nothing out for who has no keyboard, does not acknowledge, or has everything', async (t) => {
  const { vac, attach } = await world(t);
  const [writer, reader] = [await attach(PLAIN, '?write=1'), await attach(ACKNOWLEDGED)];
  const text = numbers(400_000);
  vac.say(text);
  reader.ws.send(Buffer.of(3));
  await reader.settled();
  writer.ws.send(Buffer.of(3));
  await until('everything, and the key', () => writer.next === text.length && vac.input === '\x03');
  assert.ok(writer.received.equals(text));
  assert.ok(![...writer.texts, ...reader.texts].some(({ type }) => type === 'missed'));
});

test('whatever is sent, left out and acknowledged, the window is exactly what is on its way', () => {
  const step = fc.oneof(
    fc.record({ send: fc.nat(100_000) }),
    fc.record({ skip: fc.nat(1_000_000) }),
    fc.record({ ack: fc.nat(1_000_000) }),
  );
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(WINDOW_BYTES), fc.array(step, { maxLength: 50 }), (begin, size, steps) => {
      const window = new AttachWindow(begin, true, size);
      /** For each byte that was sent its offset, by runs. */
      const runs: { from: number; to: number }[] = [];
      let acknowledged = begin;
      for (const each of steps) {
        if ('send' in each) {
          const bytes = Math.min(each.send, window.room);
          runs.push({ from: window.sent, to: window.sent + bytes });
          window.send(bytes);
        } else if ('skip' in each) {
          window.skipTo(window.sent + each.skip);
        } else {
          acknowledged = Math.min(window.sent, acknowledged + each.ack);
          window.acknowledge(acknowledged);
        }
        const waiting = runs.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, acknowledged)), 0);
        assert.equal(window.room, size - waiting);
        assert.throws(() => window.acknowledge(window.sent + 1), { code: 'HF_BAD_REQUEST' });
        assert.throws(() => window.acknowledge(acknowledged - 1), { code: 'HF_BAD_REQUEST' });
      }
    }),
  );
});
