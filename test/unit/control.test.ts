import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { AttachClient, type Follower } from '../../src/client/attach-client.ts';
import { connectControl } from '../../src/client/control-connection.ts';
import { type Control, createControl } from '../../src/listeners/control/control.ts';
import type { HoldfastError } from '../../src/model/errors.ts';
import type { ConsoleFilter, HostClient } from '../../src/model/host-port.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { atEnd } from '../harness/at-end.ts';
import { entered } from '../harness/entered.ts';

let dir: string;
let path: string;
let host: FakeHost;
let control: Control;
let client: HostClient;
const faults: unknown[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hf-control-'));
  path = join(dir, 'control');
  host = new FakeHost();
  client = connectControl(path);
  await open();
});

afterEach(async () => {
  await control.close();
  rmSync(dir, { recursive: true });
  assert.deepEqual(faults.splice(0), []);
});

async function open(): Promise<void> {
  control = createControl({ door: openDoor(host), clock: systemClock, fault: (error) => faults.push(error) });
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

const nothing = (..._: unknown[]): void => undefined;
const SILENT: Follower = {
  ...{ output: nothing, live: nothing, missed: nothing, said: nothing, writer: nothing },
  ...{ refused: nothing, lost: nothing, back: nothing, ended: nothing },
};

const openFiles = (): number => readdirSync('/proc/self/fd').length;

test('the resources of all consoles are one answer', async () => {
  host.add('vac', { resources: { processes: 2, memoryBytes: 1 << 20, cpuSeconds: 0.5 } });
  host.add('mps');
  host.add('odd', { resources: { missing: 'there is no cgroup' } });
  assert.deepEqual(
    await client.resources(),
    new Map([
      ['vac', { processes: 2, memoryBytes: 1 << 20, cpuSeconds: 0.5 }],
      ['odd', { missing: 'there is no cgroup' }],
    ]),
  );
});

test('what a console has used is asked for by its name', async () => {
  host.add('vac');
  assert.deepEqual(await client.pastResources('vac'), { since: new Date(0).toISOString(), spans: [] });
  await assert.rejects(client.pastResources('nowhere'), { code: 'HF_NO_CONSOLE' });
});

test('who may do what: of whoever asks, of another user, on a console', async () => {
  host.add('vac');
  const own = await client.access();
  assert.deepEqual([own.governed, own.unlimited, own.user], [false, true, userInfo().username]);
  assert.equal((await client.access({ user: 'root', console: 'vac' })).user, 'root');
  await assert.rejects(client.access({ console: 'nope' }), { code: 'HF_NO_CONSOLE' });
  await assert.rejects(client.access({ user: '' }), { code: 'HF_BAD_REQUEST' });
});

test('verbs reach the host with the peer as actor, errors come back with their code', async () => {
  host.add('vac', { groups: ['vacuum'] });
  host.add('mps');
  const names = async (filter: ConsoleFilter) => (await client.list(filter)).map(({ name }) => name);
  assert.deepEqual(await names({ group: 'vacuum' }), ['vac']);
  assert.deepEqual(await names({ state: 'stopped' }), []);
  const matching = await raw('GET /v1/consoles?match=v* HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.deepEqual(matching.match(/"name":"\w+"/g), ['"name":"vac"']);
  assert.equal((await client.stop('vac')).state, 'stopped');
  assert.match(await post('/v1/consoles/mps/signal', { signal: 'TERM' }), / 202 /);
  assert.deepEqual(host.calls[1]?.args, [15]);
  assert.equal(host.calls[0]?.by.pid, process.pid);
  await assert.rejects(client.detail('nope'), { code: 'HF_NO_CONSOLE' });
  assert.match(await post('/v1/consoles/mps/signal', { signal: 'NOPE' }), / 400 .*HF_BAD_REQUEST/s);
  assert.match(await post('/v1/consoles/mps/hold', { reason: 'x', until: 'soon' }), / 400 .*HF_BAD_REQUEST/s);
  await assert.rejects(connectControl(join(dir, 'none')).version(), { code: 'HF_NO_SERVER' });
});

test('a path that exists for another method, or as a WebSocket, is not reported as missing; sizes and types are named', async () => {
  host.add('vac');
  const asked = (start: string, more = '') => raw(`${start} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`);
  assert.match(
    await asked('GET /v1/consoles/vac/start'),
    /^HTTP\/1\.1 405 .*\r\nAllow: POST\r\n.*"status":405,"detail":"There is no GET \S+; POST is there","code":"HF_NO_ROUTE"/is,
  );
  assert.match(await asked('DELETE /v1/consoles/vac?x=1'), / 405 .*\r\nAllow: GET\r\n/is);
  assert.match(await asked('POST /v1/openapi.json'), / 405 .*\r\nAllow: GET\r\n/is);
  assert.match(await asked('GET /v1/consoles/vac/attach'), / 426 .*\r\nUpgrade: websocket\r\n.*is a WebSocket: docs/is);
  assert.match(await asked('GET /v1/nothing'), / 404 .*There is no GET \/v1\/nothing"/s);
  assert.match(
    await asked('POST /v1/consoles/vac/stop', 'Content-Type: text/plain\r\nContent-Length: 0\r\n'),
    / 415 .*only application\/json is read/s,
  );
  assert.match(await post('/v1/consoles/vac/hold', { reason: 'x'.repeat(70_000) }), / 413 .*more than 64 KiB/s);
  const long = await asked(`GET /v1/consoles/${'x'.repeat(2000)}`);
  assert.match(long, / 414 .*more than 1024 characters/s);
  assert.ok(long.length < 600, 'the name is not sent back');
});

test('a refused configuration comes with its problems', async () => {
  host.planned = { steps: [], server: [], problems: [{ file: 'a.toml', line: 3, key: 'x', message: 'bad' }] };
  assert.deepEqual(await client.apply(), host.planned);
});

test('a log is one stream over rotated and compressed files, from its end, by time, followed over rotation', async () => {
  const base = join(dir, 'vac.log');
  writeFileSync(`${base}.2.gz`, gzipSync('2026-01-01T00:00:00Z a\n2026-01-02T00:00:00Z b\n'));
  writeFileSync(`${base}.1`, '2026-01-03T00:00:00Z c\n');
  writeFileSync(base, '2026-01-04T00:00:00Z d\nmore\n');
  const vac = host.add('vac');
  vac.logs = [`${base}.2.gz`, `${base}.1`, base];
  const whole = await text(client.log('vac', {}));
  const lines = whole.split(/(?<=\n)/);
  assert.equal(lines.length, 5);
  for (let tail = 0; tail <= 6; tail++) {
    assert.equal(await text(client.log('vac', { tail })), tail === 0 ? '' : lines.slice(-tail).join(''));
  }
  const range = { since: Date.parse('2026-01-02T00:00:00Z'), until: Date.parse('2026-01-03T12:00:00Z') };
  assert.equal(await text(client.log('vac', range)), lines.slice(1, 3).join(''));
  assert.equal(await text(client.log('vac', { ...range, tail: 1 })), lines[2]);
  let seen = '';
  for await (const part of client.log('vac', { tail: 1, follow: true })) {
    seen += Buffer.from(part).toString();
    if (seen === 'more\n') {
      appendFileSync(base, 'last\n');
      renameSync(base, `${base}.0`);
      writeFileSync(base, 'new\n');
      vac.logs = [`${base}.2.gz`, `${base}.1`, `${base}.0`, base];
    } else if (seen.endsWith('new\n')) {
      break;
    }
  }
  assert.equal(seen, 'more\nlast\nnew\n');
});

test('a log is followed to another path, over a time without one, and the old one is read to its end', async () => {
  const [before, after] = [join(dir, 'before.log'), join(dir, 'after.log')];
  writeFileSync(before, 'one\n');
  const vac = host.add('vac');
  vac.logs = [before];
  let seen = '';
  for await (const part of client.log('vac', { follow: true })) {
    seen += Buffer.from(part).toString();
    if (seen === 'one\n') {
      vac.logs = [];
      appendFileSync(before, 'two\n');
    } else if (seen.endsWith('two\n')) {
      appendFileSync(before, 'three\n');
      writeFileSync(after, 'four\n');
      vac.logs = [after];
    } else if (seen.endsWith('four\n')) {
      break;
    }
  }
  assert.equal(seen, 'one\ntwo\nthree\nfour\n');
});

test('a log that is a FIFO or a folder is refused by name, and nobody waits for its writer', async () => {
  const fifo = join(dir, 'fifo.log');
  execFileSync('mkfifo', [fifo]);
  host.add('fifo').logs = [fifo];
  host.add('folder').logs = [dir];
  // More than there are threads for files: each would wait forever.
  const asked = Array.from({ length: 8 }, () => client.log('fifo', { follow: true }));
  for (const log of [...asked, client.log('folder', {})]) {
    await assert.rejects(text(log), (error: HoldfastError) => {
      assert.match(error.message, /^\S+ cannot be read: no regular file$/);
      return error.code === 'HF_NO_LOG';
    });
  }
});

test('events are followed without a gap', async () => {
  host.emit({ type: 'server', text: 'one' });
  const seen: string[] = [];
  for await (const event of client.followEvents({})) {
    seen.push(event.text);
    if (seen.length === 1) {
      host.emit({ type: 'server', text: 'two' });
    } else {
      break;
    }
  }
  assert.deepEqual(seen, ['one', 'two']);
});

test('attach brings history, keyboard and output, and comes back after the server', async (t) => {
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
  let back = 0;
  const session = new AttachClient(client, 'vac', { write: true }, systemClock, {
    ...SILENT,
    output(bytes) {
      seen += Buffer.from(bytes).toString();
      wake();
    },
    back() {
      back++;
      wake();
    },
  });
  atEnd(t, () => session.close());
  await session.open({ lines: 1 });
  await until(() => seen === 'newer\n');
  assert.equal(vac.writer?.from, `pid ${process.pid}`);
  await control.close();
  rmSync(path, { force: true });
  vac.say('meanwhile\n');
  await open();
  await until(() => back === 1 && seen === 'newer\nmeanwhile\n');
});

test('200 sessions and one that never reads: everybody else gets everything, nothing is left open', async (t) => {
  const vac = host.add('vac');
  await client.version();
  const before = openFiles();
  const stuck = connect(path);
  atEnd(t, () => stuck.destroy());
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
      entered(
        client,
        'vac',
        {},
        {
          output(bytes) {
            counts[i] = (counts[i] as number) + bytes.length;
            if (counts.every((count) => count === TOTAL)) {
              finish();
            }
            return true;
          },
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
    session.leave();
  }
  stuck.destroy();
  await control.close();
  await open();
  assert.ok(openFiles() <= before + 1, `${openFiles()} files open, ${before} before`);
});

function post(target: string, body: unknown): Promise<string> {
  const text = JSON.stringify(body);
  return raw(
    `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

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
