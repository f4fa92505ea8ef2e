import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SourceRunner } from '../../src/console/source-runner.ts';
import type { ConsoleSource } from '../../src/model/config.ts';
import type { RunnerHandlers } from '../../src/model/runner.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { LocalBackend } from '../../src/terminal/local-backend.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeKernel } from '../fakes/fake-kernel.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

const RUN = { kind: 'run', argv: ['cat'] } as const;
const NONE = { kind: 'none' } as const;
const SPEC = { file: 'cat', argv: ['cat'] };
const SIGHUP = 1;

function setUp(first: ConsoleSource, clock = systemClock) {
  const kernel = new FakeKernel();
  const backend = new LocalBackend({ clock, keepBytes: 4096, kernel });
  const site = { source: first, heard: [] as string[] };
  const runner = new SourceRunner(() => site, backend, {
    openSerial: () => assert.fail('there is no serial line'),
    makeCodec: () => assert.fail('nothing is telnet'),
    linkFault: (error, fd) => new Error(`${error.code} at ${fd >= 0 ? 'a descriptor' : 'none'}`),
    clock,
  });
  const hear = (what: string) => void site.heard.push(what);
  runner.handlers = {
    started: (pid) => hear(pid === 0 ? 'linked' : 'started'),
    notStarted: ({ message }) => hear(`not started: ${message}`),
    ended: ({ pid }) => hear(pid === 0 ? 'unlinked' : 'ended'),
    advanced: () => undefined,
    drained: () => hear('drained'),
  } satisfies RunnerHandlers;
  return { backend, kernel, runner, site };
}

async function listener(t: TestContext): Promise<{ path: string; peers: Socket[]; got: () => string }> {
  const path = join(tmpdir(), `source-runner-${process.pid}-${t.name.length}`);
  const peers: Socket[] = [];
  let got = '';
  const server = createServer((socket) => {
    peers.push(socket);
    socket.setEncoding('latin1').on('data', (text: string) => {
      got += text;
    });
  });
  atEnd(t, () => {
    server.close();
    peers.forEach((peer) => void peer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { path, peers, got: () => got };
}

test('each start takes the source that is configured then: a process, nothing, a link', async (t) => {
  const { path, peers } = await listener(t);
  const { backend, kernel, runner, site } = setUp(RUN);
  atEnd(t, () => runner.kill(SIGHUP));
  runner.start({ ...SPEC, modes: { ixon: false } });
  await until('the process', () => site.heard.includes('started'));
  assert.deepEqual(kernel.modes, [{ ixon: false }]);
  assert.equal(runner.link?.fd, undefined);
  site.source = NONE;
  kernel.newest.exit(0);
  await until('its end', () => site.heard.includes('ended'));
  runner.start(SPEC);
  assert.deepEqual(site.heard, ['started', 'ended', 'linked']);
  assert.equal(runner.write(Buffer.from('nobody')), true);
  assert.equal(runner.kill(SIGHUP), true);
  assert.equal(site.heard.length, 3, 'its end comes later');
  await until('the end of nothing', () => site.heard.includes('unlinked'));
  assert.equal(runner.kill(SIGHUP), false);
  site.source = { kind: 'unix', path, raw: true };
  site.heard.length = 0;
  runner.start(SPEC);
  await until('the link', () => site.heard.includes('linked') && peers.length === 1);
  assert.ok((runner.link?.fd ?? -1) >= 0);
  peers[0]?.write(Buffer.from([255, 253, 1, 97]));
  await until('its bytes as they are', () => backend.stream.ring.head === 4);
  peers[0]?.end();
  await until('its end', () => site.heard.includes('unlinked'));
  assert.equal(runner.link?.fd, -1);
  site.source = { kind: 'unix', path: `${path}-nobody` };
  runner.start(SPEC);
  await until('the refusal', () => site.heard.at(-1)?.startsWith('not started'));
  assert.match(site.heard.at(-1) ?? '', /^not started: ENOENT at /);
});

test('input for a connection that settles waits, in order, up to a limit', async (t) => {
  const { path, got } = await listener(t);
  const clock = new FakeClock();
  const { runner, site } = setUp({ kind: 'unix', path, raw: true, settle: 1000 }, clock);
  atEnd(t, () => runner.kill(SIGHUP));
  runner.start(SPEC);
  await until('the link', () => site.heard.includes('linked'));
  const typed = Buffer.from('one ');
  assert.equal(runner.write(typed), true);
  typed.fill('x');
  assert.equal(runner.write(Buffer.alloc(65_536, 'y')), false);
  assert.equal(got(), '');
  clock.advance(1000);
  await until('the peer has it', () => got().length === 65_540);
  assert.ok(got().startsWith('one y'));
  await until('room', () => site.heard.includes('drained'));
  runner.write(Buffer.from('!'));
  await until('the rest', () => got().endsWith('y!'));
});
