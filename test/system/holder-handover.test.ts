/** Requests under way between holder and server while one of them is replaced. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FRAME, frame, PROTOCOL } from '../../src/codec/holder-frames.ts';
import { HostConsole } from '../../src/console/host-console.ts';
import { ReadyPatterns } from '../../src/console/ready-patterns.ts';
import { StartQueue } from '../../src/console/start-queue.ts';
import { Cgroups } from '../../src/holder/cgroups.ts';
import type { ConsoleConfig } from '../../src/model/config.ts';
import { eventText } from '../../src/model/event-text.ts';
import type { ProcessState } from '../../src/model/process.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';
import { startHolder } from '../harness/holder.ts';
import { type HolderLink, holderUnderTest, opened, SLEEP } from '../harness/holder-link.ts';
import { isAlive, temporaryDirectory } from '../harness/machine.ts';
import { accepted } from '../harness/read-config.ts';
import { until } from '../harness/until.ts';

const SIGKILL = 9;
const CONFIG = accepted('[console.a]\nrun = "/bin/sleep 1000"\nstop = [{ signal = "TERM" }]')
  .consoles[0] as ConsoleConfig;

/** A holder whose children stop before exec until `goOn`: their cgroup is a FIFO without a reader. */
async function slowHolder(t: TestContext) {
  const folder = temporaryDirectory(t);
  for (const name of ['holder', 'console-a']) {
    mkdirSync(join(folder, name));
  }
  writeFileSync(join(folder, 'cgroup.controllers'), '');
  const fifo = join(folder, 'console-a', 'cgroup.procs');
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  let reader = -1;
  const goOn = () => {
    reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  };
  atEnd(t, () => reader >= 0 && closeSync(reader));
  return { ...(await holderUnderTest(t, new Cgroups(folder, clock))), goOn };
}

/** A server that has requested a start, and is gone before its outcome. */
async function startOf(
  { link: make, loseAll }: Awaited<ReturnType<typeof slowHolder>>,
  state: ProcessState,
): Promise<void> {
  const link = await make();
  const { backend } = await opened(link);
  backend.listen();
  backend.start(SLEEP);
  backend.remember(JSON.stringify({ mode: 'always', state, event: 'stop', since: 0 }));
  await backend.lastLine();
  link.close();
  // The child before exec has a copy of our end: the other one is closed too.
  loseAll();
}

/** The console of the next server, not started. */
async function consoleOn(link: InstanceType<typeof HolderLink>) {
  const events: string[] = [];
  const { backend, kept } = link.openBackend('a', undefined, () => undefined);
  const queue = new StartQueue(
    () => 1,
    () => false,
    clock,
  );
  const console = new HostConsole(CONFIG, backend, {
    ...{ queue, clock, patterns: new ReadyPatterns() },
    childSpec: () => SLEEP,
    openSerial: () => assert.fail(),
    makeCodec: () => assert.fail(),
    memoryRanOut: () => false,
    event: (event) => void events.push(eventText({ ...event, seq: 1, time: '' })),
  });
  const found = await kept;
  return { console, begin: () => queue.gather(() => console.begin(found)), events, backend };
}

test('a start that happens while the next server queues its starts is not made twice', async (t) => {
  const holder = await slowHolder(t);
  const { link, goOn, told } = holder;
  await startOf(holder, 'starting');
  const { backend, begin, console, events } = await consoleOn(await link());
  goOn();
  await until('the start to be told', () => told().includes('"event":"started"'));
  // An answer comes after earlier messages.
  await backend.lastLine();
  begin();
  await backend.lastLine();
  assert.equal(console.supervised.state, 'running', events.join('\n'));
  assert.deepEqual(
    events.filter((text) => text.startsWith('could not')),
    [],
  );
  await console.shutDown(person('test'));
});

for (const state of ['starting', 'stopping'] as const) {
  test(`a process that a server began to start and that is no longer wanted does not run (${state})`, async (t) => {
    const holder = await slowHolder(t);
    const { link, goOn, told } = holder;
    await startOf(holder, state);
    const { begin, console } = await consoleOn(await link());
    if (state === 'starting') {
      console.hold = { reason: 'somebody stands there', by: 'jo', since: '2026-11-21T03:15:00Z' };
    }
    begin();
    goOn();
    await until('the start to be told', () => told().includes('"event":"started"'));
    await until('its end', () => told().includes('"event":"ended"'));
    assert.equal(console.supervised.state, state === 'starting' ? 'held' : 'stopped');
    await until('the end to be heard', () => console.supervised.pid === undefined);
  });
}

test('a signal that was sent while the holder was away reaches the child that outlived it', async (t) => {
  const recovered = Promise.withResolvers<void>();
  const { link, loseAll } = await holderUnderTest(t);
  const { backend, heard } = await opened(await link(recovered.resolve));
  backend.listen();
  backend.start(SLEEP);
  await until('a child', () => heard[0]);
  const pid = Number(heard[0]?.split(' ')[1]);
  loseAll();
  // Not even noticed yet.
  backend.kill(SIGKILL);
  await recovered.promise;
  await until('its end', () => !isAlive(pid) && heard.includes(`ended ${pid}`));
});

test('a client that waits for room in a child is called when the next holder is there', async (t) => {
  const recovered = Promise.withResolvers<void>();
  const { link, loseAll, told } = await holderUnderTest(t);
  const { backend, heard } = await opened(await link(recovered.resolve));
  backend.listen();
  backend.start(SLEEP);
  await until('a child', () => heard.length > 0);
  backend.write(Buffer.alloc(200_000, 'x\n'));
  await until('a full child', () => told().includes('"event":"full"'));
  await backend.lastLine();
  assert.equal(backend.write(Buffer.from('x')), false);
  loseAll();
  await recovered.promise;
  assert.equal(heard[1], 'room');
  backend.kill(SIGKILL);
  await until('its end', () => heard.length > 2);
});

test('a session that is entering while its console is removed is told so', async (t) => {
  const { link } = await holderUnderTest(t);
  const { console, begin, backend } = await consoleOn(await link());
  begin();
  await until('a child', () => console.supervised.pid !== undefined);
  backend.note(Buffer.from('something to fetch\r\n'));
  const sink = new FakeSink();
  const told = assert.rejects(sink.settled, { code: 'HF_NO_CONSOLE' });
  console.enter(person('jo'), { from: { lines: 0 }, mode: 'read' }, sink);
  await console.remove(person('test'));
  await told;
  assert.deepEqual(console.registry.list, []);
});

test('a reload during the end of a holder waits for the next one', async (t) => {
  const { link, loseAll } = await holderUnderTest(t);
  const made = await link();
  const { backend } = await opened(made);
  loseAll();
  // Not even noticed yet.
  const changed = backend.setLog(undefined);
  const { kept } = made.openBackend('b', undefined, () => undefined);
  await changed;
  assert.equal((await kept).name, 'b');
});

test('a holder that has not yet noticed the end of a server accepts the next one anyway', async (t) => {
  const holder = await startHolder(t);
  const hello = (socket: Socket) => {
    const words = {
      program: 'holdfast-server',
      protocol: PROTOCOL,
      oldest: PROTOCOL,
      version: 'test',
      pid: process.pid,
      startedAt: 0,
    };
    return new Promise((resolve) => socket.write(frame(FRAME.hello, Buffer.from(JSON.stringify(words))), resolve));
  };
  const first = connect(holder.socket);
  await hello(first);
  await once(first, 'data');
  const second = connect(holder.socket);
  atEnd(t, () => second.destroy());
  await once(second, 'connect');
  holder.process.kill('SIGSTOP');
  first.destroy();
  await once(first, 'close');
  await hello(second);
  holder.process.kill('SIGCONT');
  const [answer] = await once(second, 'data');
  assert.doesNotMatch(String(answer), /refused/);
});
