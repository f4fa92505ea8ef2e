// No input kills the server: queries, paths, bodies and raw WebSocket frames; afterwards it answers and has nothing left open.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { connectControl } from '../../src/client/control-connection.ts';
import type { FakeConsole } from '../fakes/fake-console.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';
import { type ControlServer, serveControl } from '../harness/control-server.ts';

const RUNS = { numRuns: 200 };

let dir: string;
let path: string;
let vac: FakeConsole;
let server: ControlServer;
let filesBefore: number;

const openFiles = (): number => readdirSync('/proc/self/fd').length;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hf-fuzz-'));
  path = join(dir, 'control');
  const host = new FakeHost();
  vac = host.add('vac');
  server = await serveControl(host, path);
  await connectControl(path).version();
  filesBefore = openFiles();
});

after(async () => {
  assert.equal((await connectControl(path).version()).consoles, 1);
  assert.deepEqual(server.faults, []);
  assert.deepEqual(vac.sessions, []);
  await server.close();
  // The listening socket is gone now, and nothing else may have appeared.
  assert.ok(openFiles() < filesBefore, `${openFiles()} files open, ${filesBefore} before`);
  rmSync(dir, { recursive: true });
});

/** The whole answer until the server closes, which it must after our `end`: that comes with the first of the answer. */
function exchange(bytes: string | Uint8Array, end: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path, () => void socket.write(bytes));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (end) {
        socket.end();
      }
    });
    // The server may close before it has read everything.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

function ask(method: string, target: string, body = ''): Promise<string> {
  const head = `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`;
  return exchange(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, false);
}

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: ANY_CHARACTER }),
  fc.constantFrom('vac', '1', '-1', '1e9', '%', '%ff', '..', '__proto__', '2026-01-01', '2026-99-99T00:00:00Z'),
);
/** As typed by a user who does not know what must be encoded, but still one word of a request line. */
const typed = fc.oneof(word.map(encode), fc.stringMatching(/^[!-~]{0,20}$/));

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

test('any query is answered', async () => {
  const key = fc.constantFrom(
    'group',
    'state',
    'match',
    'tail',
    'since',
    'until',
    'console',
    'user',
    'limit',
    'all',
    'feed',
    'number',
    '__proto__',
  );
  const target = fc.constantFrom(
    ...[
      '/v1/consoles',
      '/v1/audit',
      '/v1/consoles/vac',
      '/v1/consoles/vac/log',
      '/v1/events',
      '/v1/config',
      '/v1/plan',
      '/v1/access',
      '/v1/audit',
      '/v1/watch',
    ],
  );
  const query = fc.array(fc.tuple(fc.oneof(key, typed), typed), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(target, query, async (place, pairs) => {
      const answer = await ask('GET', `${place}?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`);
      assert.match(answer, /^HTTP\/1\.1 (200|4\d\d) /);
    }),
    RUNS,
  );
});

test('any path and method is answered', async () => {
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'X');
  const parts = fc.array(fc.oneof(fc.constantFrom('v1', 'consoles', 'vac', 'attach', 'log', 'start', 'watch'), typed), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(method, parts, async (how, words) => {
      assert.match(await ask(how, `/${words.join('/')}`), /^HTTP\/1\.1 (20\d|4\d\d) /);
    }),
    RUNS,
  );
});

test('any body is answered', async () => {
  const verb = fc.constantFrom(
    ...['consoles/vac/signal', 'consoles/vac/hold', 'consoles/vac/start', 'apply', 'down', 'tokens', 'login', 'x'],
  );
  const near = fc.record(
    {
      ...{ signal: fc.anything(), reason: fc.anything(), until: fc.anything(), all: fc.anything() },
      ...{ seconds: fc.anything(), may: fc.anything(), user: fc.anything(), label: fc.anything() },
      ...{ method: fc.anything(), token: fc.anything(), password: fc.anything(), port: fc.anything() },
    },
    {
      requiredKeys: [],
    },
  );
  const body = fc.oneof(
    fc.string({ unit: ANY_CHARACTER }),
    fc.json(),
    near.map((value) => JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each))),
  );
  await fc.assert(
    fc.asyncProperty(verb, body, async (target, text) => {
      assert.match(await ask('POST', `/v1/${target}`, text), /^HTTP\/1\.1 (20[02]|4\d\d) /);
    }),
    RUNS,
  );
  assert.match(await exchange('nonsense\r\n\r\n', false), /400[\s\S]*HF_BAD_REQUEST/);
});

const UPGRADE =
  'HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: holdfast.attach.v1, holdfast.watch.v1\r\n\r\n';
const WEBSOCKETS = ['/v1/consoles/vac/attach?write=1', '/v1/watch'];

/** A frame as RFC 6455 5.2 has it, masked with zeros. */
function frame(opcode: number, final: boolean, payload: Uint8Array): Buffer {
  const length = Buffer.alloc(payload.length < 126 ? 1 : 3);
  length.writeUInt8(0x80 | Math.min(payload.length, 126));
  if (length.length > 1) {
    length.writeUInt16BE(payload.length, 1);
  }
  return Buffer.concat([Buffer.of((final ? 0x80 : 0) | opcode), length, Buffer.alloc(4), payload]);
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom('{"type":"take"}', '{"type":"release"}', '{"type":"resize","columns":1e9}', '{"type":"__proto__"}')
    .map((text) => Buffer.from(text)),
);
const TEXT = 1;
const BINARY = 2;
for (const [what, frames] of [
  ['text', fc.array(bytes.map((payload) => frame(TEXT, true, payload)))],
  ['binary', fc.array(bytes.map((payload) => frame(BINARY, true, payload)))],
  [
    'broken',
    fc.array(
      fc.oneof(
        bytes,
        fc.tuple(fc.nat(15), fc.boolean(), bytes).map((each) => frame(...each)),
      ),
    ),
  ],
] as const) {
  test(`any ${what} frames are accepted, refused, or end the session`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...WEBSOCKETS), frames, async (target, all) => {
        const upgrade = Buffer.from(`GET ${target} ${UPGRADE}`);
        const answer = await exchange(Buffer.concat([upgrade, ...all]), true);
        assert.match(answer, /^HTTP\/1\.1 101 /);
      }),
      RUNS,
    );
  });
}
