// The public entry `holdfast/client` as it is built: from outside, by its page, by its types, and without Node.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { build, stop } from 'esbuild';
import type { WireHandlers } from '../../src/client/transport.ts';
import type { HostClient } from '../../src/model/host-port.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { atEnd } from '../harness/at-end.ts';
import { serveControl } from '../harness/control-server.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A folder as `npm install` of the project makes it. */
function outside(t: TestContext): string {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/holdfast'));
  return folder;
}

test('the program of the reference page runs against a control socket', async (t) => {
  const folder = outside(t);
  const page = readFileSync(join(ROOT, 'docs/reference/client.md'), 'utf8');
  const [, program = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
  writeFileSync(join(folder, 'own.mjs'), program);
  const host = new FakeHost();
  host.add('vac-01', { groups: ['vac'] });
  host.add('llrf');
  host.consoles.get('vac-01')?.say('booted\r\n');
  const note = { type: 'note', console: 'vac-01', text: 'swapped the card' } as const;
  host.fail('hold', 'HF_NOT_KEPT', 'the disk is full');
  const socket = join(folder, 'control');
  const server = await serveControl(host, socket);
  atEnd(t, () => server.kill());
  const own = spawn(process.execPath, ['own.mjs', socket], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  own.stdout.on('data', (text) => {
    said += text;
  });
  await until('the program to have typed', () => host.consoles.get('vac-01')?.input !== '');
  await until('the program to follow', () => host.followers > 0);
  host.emit(note);
  assert.deepEqual(await once(own, 'close'), [0, null]);
  assert.equal(host.consoles.get('vac-01')?.input, 'echo session 1\r');
  assert.deepEqual(said.match(/vac-01 running|HF_NOT_KEPT|0 booted|note swapped the card/g), [
    ...['vac-01 running', 'HF_NOT_KEPT', '0 booted', 'note swapped the card'],
  ]);
  assert.equal(host.calls[0]?.by.pid, own.pid, 'the kernel says who acts');
});

test('a TypeScript program with its own settings accepts the types of the library, without those of Node', (t) => {
  const folder = outside(t);
  writeFileSync(
    join(folder, 'own.mts'),
    `import { type ConsoleSummary, connect, FarHost, type HostClient, type Transport } from 'holdfast/client';
const transport: Transport = {
  request: async () => ({ status: 404, body: (async function* () {})() }),
  open: () => ({ protocol: '', send() {}, pause() {}, resume() {}, close() {} }),
};
const hosts: HostClient[] = [connect('/run/holdfast/control'), new FarHost(transport)];
const all: readonly ConsoleSummary[] = await hosts[0].list();
const wrong: string = all[0].restarts.hour;
`,
  );
  const words = [
    '--ignoreConfig',
    '--singleThreaded',
    '--strict',
    '--noEmit',
    '--target',
    'es2022',
    '--pretty',
    'false',
  ];
  // The second looks only whether a bundler finds the types: to check what they import, TypeBox's included, takes seconds.
  for (const module of [['nodenext'], ['esnext', '--moduleResolution', 'bundler', '--skipLibCheck']]) {
    const tsc = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), [...words, '--module', ...module, 'own.mts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.match(tsc.stdout, /^own\.mts\(8,7\): error TS2322: Type 'number' is not/);
    assert.equal(tsc.stdout.match(/error/g)?.length, 1, tsc.stdout);
  }
});

test('FarHost runs where there is no Node, over the transport that it is given', async (t) => {
  // It keeps a process.
  atEnd(t, stop);
  // `platform: browser` refuses every module of Node.
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/far-host.ts'],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'library',
  });
  // Globals that browsers have too; neither process nor Buffer.
  const context = createContext({ TextDecoder, TextEncoder, URLSearchParams });
  runInContext(outputFiles[0]?.text as string, context);
  const asked: string[] = [];
  context.request = async ({ method, target }: { method: string; target: string }) => {
    asked.push(`${method} ${target}`);
    const [status, text] = target.startsWith('/v1/events')
      ? [200, '{"seq":1,"type":"note"}\n{"seq":2,"type":"note"}\n']
      : [404, '{"code":"HF_NO_CONSOLE","detail":"no console is named x"}'];
    return { status, body: [new TextEncoder().encode(text)] };
  };
  const [opened, sent]: [string[], unknown[]] = [[], []];
  let handlers: WireHandlers | undefined;
  context.open = (target: string, protocols: string[], given: WireHandlers) => {
    opened.push(target, ...protocols);
    handlers = given;
    return { protocol: protocols[0], send: (message: unknown) => sent.push(message), close: () => sent.push('closed') };
  };
  const host = runInContext('new library.FarHost({ request, open })', context) as HostClient;
  const seen: number[] = [];
  const follow = async () => {
    for await (const { seq } of host.followEvents({ limit: 2 })) {
      seen.push(seq);
    }
  };
  await assert.rejects(follow(), { code: 'HF_NO_SERVER', message: 'the server went down' });
  assert.deepEqual(seen, [1, 2]);
  await assert.rejects(host.start('x/y'), { code: 'HF_NO_CONSOLE', message: 'no console is named x' });
  assert.deepEqual(asked, ['GET /v1/events?limit=2&follow=1', 'POST /v1/consoles/x%2Fy/start']);

  const sink = new FakeSink();
  const entering = { from: { offset: 7 }, mode: 'write', acknowledges: true } as const;
  const session = host.enter('vac', entering, sink as never);
  assert.deepEqual(opened, ['/v1/consoles/vac/attach?offset=7&write=1', 'holdfast.attach.v2', 'holdfast.attach.v1']);
  const tell = (message: object) => handlers?.text(JSON.stringify(message));
  const ada = { id: 3, user: 'ada', from: 'pid 7', via: 'attach', mode: 'read', since: '2026-11-29T00:00:00.000Z' };
  tell({ type: 'hello', session: ada, offset: 7, live: 9, writer: null });
  tell({ type: 'refused', code: 'HF_BUSY_KEYBOARD', detail: 'bob has the keyboard' });
  handlers?.bytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 0x68, 0x69));
  tell({ type: 'writer', writer: ada });
  tell({ type: 'of a later version' });
  session.acknowledge(8);
  session.acknowledge(7 + 32_768);
  tell({ type: 'closed', reason: 'the console was removed' });
  handlers?.closed(1000);
  assert.deepEqual(sink.told, [
    ...['entered', 'denied: bob has the keyboard', '> hi', 'writer ada', 'closed: the console was removed'],
  ]);
  assert.deepEqual([session.info.user, session.offset, session.live, session.writer?.id], ['ada', 7, 9, 3]);
  assert.deepEqual(sent, ['{"type":"ack","offset":32775}']);
});
