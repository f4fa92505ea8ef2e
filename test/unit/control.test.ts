import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { errorsText, openApiText } from '../../scripts/generate/reference-pages.ts';
import { Client } from '../../src/cli/holdfast/client.ts';
import { type Control, createControl } from '../../src/listeners/control/control.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { listenOn } from '../../src/platform/listen.ts';
import { FakeHost } from '../fake-host.ts';

let dir: string;
let path: string;
let host: FakeHost;
let control: Control;
let client: Client;
const faults: unknown[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hf-control-'));
  path = join(dir, 'control');
  host = new FakeHost();
  client = new Client(path);
  await open();
});

afterEach(async () => {
  await control.close();
  rmSync(dir, { recursive: true });
  assert.deepEqual(faults.splice(0), []);
});

async function open(): Promise<void> {
  control = createControl({ host, clock: systemClock, fault: (error) => faults.push(error) });
  const listening = listenOn({ kind: 'unix', path, mode: 0o600 } as never);
  await control.listen(listening.fd);
}

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let all = '';
  for await (const part of bytes) {
    all += Buffer.from(part).toString();
  }
  return all;
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

test('the committed OpenAPI document and error page are what the code says', () => {
  assert.equal(readFileSync('docs/reference/openapi.json', 'utf8'), openApiText());
  assert.equal(readFileSync('docs/reference/errors.md', 'utf8'), errorsText());
});

test('verbs reach the host with the peer as actor, errors come back with their code', async () => {
  host.add('vac', { groups: ['vacuum'] });
  host.add('mps');
  assert.deepEqual(
    (await client.list({ match: 'v*' })).map(({ name }) => name),
    ['vac'],
  );
  assert.equal((await client.stop('vac')).state, 'stopped');
  await client.signal('mps', 'TERM');
  assert.deepEqual(host.calls[1]?.args, [15]);
  assert.equal(host.calls[0]?.actor.from, `pid ${process.pid}`);
  await assert.rejects(client.detail('nope'), { code: 'HF_NO_CONSOLE' });
  await assert.rejects(client.signal('mps', 'NOPE'), { code: 'HF_BAD_REQUEST' });
  await assert.rejects(client.hold('mps', 'x', 'soon'), { code: 'HF_BAD_REQUEST' });
  await assert.rejects(new Client(join(dir, 'none')).version(), { code: 'HF_NO_SERVER' });
});

test('a refused configuration comes with its problems', async () => {
  host.planned = { steps: [], problems: [{ file: 'a.toml', line: 3, key: 'x', message: 'bad' }] };
  assert.deepEqual(await client.apply(), host.planned);
});

test('any body is answered without a failure of the server', async () => {
  host.add('vac');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.json()),
      fc.constantFrom('signal', 'hold', 'start', 'x'),
      async (body, verb) => {
        const head = `POST /v1/consoles/vac/${verb} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`;
        const answer = await raw(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
        assert.match(answer, /^HTTP\/1.1 (202|4\d\d) /);
      },
    ),
    { numRuns: 100 },
  );
  assert.match(await raw('nonsense\r\n\r\n'), /400[\s\S]*HF_BAD_REQUEST/);
});

test('a log is one stream over rotated and packed files, from its end, by time, followed over rotation', async () => {
  const base = join(dir, 'vac.log');
  writeFileSync(`${base}.2.gz`, gzipSync('2026-01-01T00:00:00Z a\n2026-01-02T00:00:00Z b\n'));
  writeFileSync(`${base}.1`, '2026-01-03T00:00:00Z c\n');
  writeFileSync(base, '2026-01-04T00:00:00Z d\nmore\n');
  const vac = host.add('vac');
  vac.logs = [`${base}.2.gz`, `${base}.1`, base];
  const whole = await text(client.log('vac'));
  const lines = whole.split(/(?<=\n)/);
  assert.equal(lines.length, 5);
  for (let tail = 0; tail <= 6; tail++) {
    assert.equal(await text(client.log('vac', { tail })), tail === 0 ? '' : lines.slice(-tail).join(''));
  }
  const range = { since: '2026-01-02T00:00:00Z', until: '2026-01-03T12:00:00Z' };
  assert.equal(await text(client.log('vac', range)), lines.slice(1, 3).join(''));
  assert.equal(await text(client.log('vac', { ...range, tail: 1 })), lines[2]);
  const stop = new AbortController();
  let seen = '';
  for await (const part of client.log('vac', { tail: 1, follow: true }, stop.signal)) {
    seen += Buffer.from(part).toString();
    if (seen === 'more\n') {
      appendFileSync(base, 'last\n');
      renameSync(base, `${base}.0`);
      writeFileSync(base, 'new\n');
      vac.logs = [`${base}.2.gz`, `${base}.1`, `${base}.0`, base];
    } else if (seen.endsWith('new\n')) {
      stop.abort();
    }
  }
  assert.equal(seen, 'more\nlast\nnew\n');
});

test('events are followed without a gap', async () => {
  host.emit({ type: 'server', text: 'one' });
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const event of client.followEvents({}, stop.signal)) {
    seen.push(event.text);
    if (seen.length === 1) {
      host.emit({ type: 'server', text: 'two' });
    } else {
      stop.abort();
    }
  }
  assert.deepEqual(seen, ['one', 'two']);
});

test('attach brings history, keyboard and output, and comes back after the server', async () => {
  const vac = host.add('vac');
  vac.say('old\nnewer\n');
  let seen = '';
  let wake = (): void => undefined;
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  let hellos = 0;
  const session = await client.attach(
    'vac',
    { lines: 1, write: true },
    {
      hello: () => {
        hellos++;
        wake();
      },
      output: (bytes) => {
        seen += Buffer.from(bytes).toString();
        wake();
      },
      closed: () => wake(),
    },
  );
  await until(() => seen === 'newer\n');
  assert.equal(vac.writer?.from, `pid ${process.pid}`);
  await control.close();
  rmSync(path, { force: true });
  vac.say('meanwhile\n');
  await open();
  await until(() => hellos === 2 && seen === 'newer\nmeanwhile\n');
  session.close();
});

test('200 sessions and one that never reads: everybody else gets everything, nothing is left open', async () => {
  const vac = host.add('vac');
  await client.version();
  const before = openFiles();
  const stuck = connect(path);
  stuck.write(
    'GET /v1/consoles/vac/attach HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: holdfast.attach.v1\r\n\r\n',
  );
  const counts = new Array<number>(200).fill(0);
  let finish = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const TOTAL = 1 << 20;
  const sessions = await Promise.all(
    counts.map((_, i) =>
      client.attach(
        'vac',
        {},
        {
          output(bytes) {
            counts[i] = (counts[i] as number) + bytes.length;
            if (counts.every((count) => count === TOTAL)) {
              finish();
            }
          },
          closed: () => undefined,
        },
      ),
    ),
  );
  for (let said = 0; said < TOTAL; said += 65536) {
    vac.say(Buffer.alloc(65536, 65));
    await new Promise(setImmediate);
  }
  await all;
  for (const session of sessions) {
    session.close();
  }
  stuck.destroy();
  await control.close();
  await open();
  assert.ok(openFiles() <= before + 1, `${openFiles()} files open, ${before} before`);
});

test('any frame is taken, refused or closed with a code', async () => {
  host.add('vac');
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.constant('{"type":"take"}')), async (frame) => {
      const ws = new WebSocket(`ws+unix://${path}:/v1/consoles/vac/attach`, 'holdfast.attach.v1');
      ws.on('open', () => {
        ws.send(frame);
        ws.close(1000);
      });
      const code = await new Promise((resolve) => ws.on('close', resolve));
      assert.ok(code === 1000 || code === 1008, `${code}`);
    }),
    { numRuns: 50 },
  );
});

function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(request));
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
