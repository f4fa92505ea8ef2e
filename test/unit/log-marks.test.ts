/** The server's marks in the log of a console: on a host in memory, whose holder writes a real file. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ConsoleConfig } from '../../src/model/config.ts';
import type { Principal } from '../../src/model/principal.ts';
import { LineStamps } from '../../src/terminal/line-stamps.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

type Marks = NonNullable<NonNullable<ConsoleConfig['log']>['marks']>;

const LINES: Marks = { activity: false, breaks: false, tasks: false };
const ALL: Marks = { activity: true, breaks: true, tasks: true };
const CTIME = /\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]/g;

async function site(t: TestContext, marks?: Marks) {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'log');
  const config = consoleConfig('a', { log: { path, keep: 0, compress: false, mode: 0o600, ...(marks && { marks }) } });
  const world = await MemoryHost.started([config], () => []);
  atEnd(t, async () => {
    await Promise.all([world.current?.stopAll(person('vera')), world.settle()]);
    world.killServer();
    world.holder.die();
  });
  const log = () => readFileSync(path, 'latin1').replace(CTIME, 'T]');
  const console = () => world.host.consoles[0] as (typeof world.host.consoles)[0];
  return {
    world,
    console,
    config,
    child: () => world.child('a'),
    /** Until the log is this; times are `T`. */
    logged: (text: string) => until(text, () => log() === text).catch(() => assert.equal(log(), text)),
    come: async (by: Principal) => {
      const session = world.host.enter('a', by, { mode: 'write' }, new FakeSink());
      await world.settle();
      return session;
    },
  };
}

test('a line says when the console came up and went down; readers of the stream do not get it', async (t) => {
  const { child, console, logged, world } = await site(t, LINES);
  const sink = new FakeSink();
  const session = world.host.enter('a', person('ann'), { mode: 'write' }, sink);
  await world.settle();
  session.subscribe();
  child()?.say('hello\r\n');
  await world.settle();
  child()?.exit(0);
  await world.settle();
  await logged('[-- Console up -- T]\r\nhello\r\n[-- Console down -- T]\r\n');
  assert.equal(sink.text, 'hello\r\n');
  assert.equal(console().log.on, true);
});

test('without marks a log has the stream only, but says when it is switched off', async (t) => {
  const { child, come, console, logged, world } = await site(t);
  const ann = await come(person('ann'));
  child()?.say('one\r\n');
  console().log.setOn(false, 'by ann@ws');
  console().log.setOn(false, 'by ann@ws');
  await world.settle();
  child()?.say('secret\r\n');
  await world.settle();
  ann.leave();
  await world.settle();
  child()?.say('two\r\n');
  await world.settle();
  const switched = '[-- Console logging disabled by ann@ws -- T]\r\n[-- Console logging restored (logout) -- T]\r\n';
  await logged(`one\r\n${switched}two\r\n`);
});

test('who has the keyboard is in the log if it is wanted there', async (t) => {
  const { child, come, logged, world } = await site(t, ALL);
  const [ann, bob] = [await come({ ...person('ann'), from: 'ws1' }), await come({ ...person('bob b'), from: 'ws2' })];
  bob.take(true);
  bob.release();
  ann.take(false);
  await world.settle();
  child()?.exit(0);
  await world.settle();
  await world.pass(1000);
  ann.leave();
  await world.settle();
  await logged(
    [
      ...['Console up', 'ann@ws1 attached', 'bob-b@ws2 bumped ann@ws1', 'bob-b@ws2 detached', 'ann@ws1 attached'],
      ...['Console down', 'Console up', 'ann@ws1 attached', 'ann@ws1 detached'],
    ]
      .map((text) => `[-- ${text} -- T]\r\n`)
      .join(''),
  );
});

test('time marks come at whole multiples of their interval while the console is up', async (t) => {
  const { child, logged, world } = await site(t, { ...LINES, every: { unit: 'minutes', count: 5 } });
  const start = new Date(world.clock.now()).getMinutes();
  assert.notEqual(start % 5, 0, 'or this test would not see that they are whole multiples');
  await world.pass((5 - (start % 5)) * 60_000 - (world.clock.now() % 60_000) - 1);
  await logged('[-- Console up -- T]\r\n');
  await world.pass(1);
  await logged('[-- Console up -- T]\r\n[-- MARK -- T]\r\n');
  await world.pass(5 * 60_000);
  child()?.exit(0);
  world.host.stop('a', person('vera'));
  await world.settle();
  await world.pass(10 * 60_000);
  await logged('[-- Console up -- T]\r\n[-- MARK -- T]\r\n[-- MARK -- T]\r\n[-- Console down -- T]\r\n');
});

test('a log that is switched off is on again when the console goes down, and with the next server', async (t) => {
  const { child, come, console, logged, world } = await site(t);
  const off = async () => {
    console().log.setOn(false, 'by ann@ws');
    await world.settle();
    child()?.say('secret\r\n');
    await world.settle();
  };
  await come(person('ann'));
  await off();
  child()?.exit(0);
  await world.settle();
  await world.pass(1000);
  await off();
  world.killServer();
  world.up();
  await world.settle();
  child()?.say('public\r\n');
  await world.settle();
  const disabled = '[-- Console logging disabled by ann@ws -- T]\r\n';
  const down = '[-- Console logging restored -- T]\r\n';
  await logged(`${disabled}${down}${disabled}[-- Console logging restored (logout) -- T]\r\npublic\r\n`);
});

test('a user who leaves while the holder is away leaves no log switched off', async (t) => {
  const { child, come, console, world, logged } = await site(t);
  const ann = await come(person('ann'));
  console().log.setOn(false, 'by ann@ws');
  await world.settle();
  child()?.say('secret\r\n');
  await world.settle();
  world.holder.cut();
  await new Promise(setImmediate);
  ann.leave();
  assert.equal(console().log.on, true);
  await world.settle();
  await world.pass(1000);
  child()?.say('public\r\n');
  await world.settle();
  await logged('[-- Console logging disabled by ann@ws -- T]\r\npublic\r\n');
});

test('an older holder gets a mark as a note, and does not switch the log off', async (t) => {
  const { child, come, console, logged, world } = await site(t, ALL);
  Object.assign(world.link.hello ?? {}, { protocol: 2 });
  await come({ ...person('ann'), from: 'ws1' });
  console().log.setOn(false, 'by ann@ws1');
  assert.equal(console().log.on, true);
  child()?.say('hello\r\n');
  await world.settle();
  await logged('[-- Console up -- T]\r\n[-- ann@ws1 attached -- T]\r\nhello\r\n');
  assert.match(Buffer.concat(console().backend.stream.history(10)).toString(), /^hello/);
});

test('a stamp comes after every second line of output, wherever that is cut, and marks do not count', async (t) => {
  const whole = 'a\nb\nc\nd\ne\n';
  const cutAt = (at: number) => {
    const stamps = new LineStamps(2);
    const apply = (part: string) => Buffer.from(stamps.apply(Buffer.from(part), 0)).toString();
    return `${apply(whole.slice(0, at))}${apply(whole.slice(at))}`.replace(/\[[^\]]*\]/g, '<T>');
  };
  for (let at = 0; at <= whole.length; at++) {
    assert.equal(cutAt(at), 'a\nb\n<T>c\nd\n<T>e\n');
  }
  const { child, console, logged, world } = await site(t, { ...LINES, every: { unit: 'lines', count: 2 } });
  child()?.say('a\r\nb');
  await world.settle();
  console().log.mark('always', 'NOTE');
  await world.settle();
  child()?.say('\r\n');
  child()?.say('c\r\n');
  await world.settle();
  await logged('[-- Console up -- T]\r\na\r\nb[-- NOTE -- T]\r\n\r\n[T]c\r\n');
});
