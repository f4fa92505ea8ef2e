/** The output of several consoles in one place, on a host in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NamedLines } from '../../src/host/named-lines.ts';
import { SharedOutput } from '../../src/host/shared-output.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

async function site() {
  const files = new Map<string, string>();
  const open = new Set<string>();
  let stdout = '';
  const openLog = (path: string) => {
    open.add(path);
    return {
      append: (line: Uint8Array) => void files.set(path, (files.get(path) ?? '') + text(line)),
      close: async () => void open.delete(path),
    };
  };
  const unloved = (line: Uint8Array) => {
    stdout += text(line);
  };
  const consoles = [consoleConfig('a', { unloved: true }), consoleConfig('b')];
  const world = await MemoryHost.started(consoles, () => [new SharedOutput({ openLog, unloved })]);
  const say = async (name: string, what: string) => {
    world.child(name)?.say(what);
    await world.settle();
  };
  const unified = async (path: string | undefined) => {
    const { unifiedLog: _, ...server } = world.config.server;
    world.config = { ...world.config, server: { ...server, ...(path !== undefined && { unifiedLog: path }) } };
    await Promise.all([world.host.apply(person('vera')), world.settle()]);
  };
  const readers = () => world.host.consoles.map(({ backend }) => backend.stream.readers);
  return { world, say, unified, readers, files, open, stdout: () => stdout };
}

test('output of consoles that nobody attends to is shown, line by line; of the others nothing is read', async () => {
  const { readers, say, stdout, world } = await site();
  await say('a', 'one\r\ntw');
  await say('b', 'nobody wants this\r\n');
  await say('a', 'o\r\n');
  const session = world.host.enter('a', person('ann'), { mode: 'write' }, new FakeSink());
  await world.settle();
  await say('a', 'ann reads this\r\n');
  session.leave();
  await say('a', 'three\r\n');
  assert.equal(stdout(), 'a: one\r\na: two\r\na: three\r\n');
  assert.deepEqual(readers(), [1, 0]);
});

test('one file has the output of all, marked where somebody has the keyboard, until it is configured no more', async () => {
  const { files, open, readers, say, unified, world } = await site();
  await unified('/all');
  await say('a', 'one\r\n');
  world.host.enter('b', person('ann'), { mode: 'write' }, new FakeSink());
  await world.settle();
  await say('b', 'two\r\n');
  await unified('/other');
  await say('a', 'three\r\n');
  await unified(undefined);
  await say('a', 'four\r\n');
  assert.deepEqual(
    [...files],
    [
      ['/all', 'a: one\r\nb*: two\r\n'],
      ['/other', 'a: three\r\n'],
    ],
  );
  assert.deepEqual([[...open], readers()], [[], [1, 0]]);
});

test('a console that comes, goes or changes is followed accordingly', async () => {
  const { files, readers, say, stdout, unified, world } = await site();
  await unified('/all');
  world.config = { ...world.config, consoles: [consoleConfig('a'), consoleConfig('c')] };
  await Promise.all([world.host.apply(person('vera')), world.settle()]);
  await say('a', 'one\r\n');
  await say('c', 'two\r\n');
  assert.deepEqual([files.get('/all'), stdout()], ['a: one\r\nc: two\r\n', '']);
  assert.deepEqual(readers(), [1, 1]);
});

test('the next server reads on, and nothing twice', async () => {
  const { say, stdout, world } = await site();
  await say('a', 'one\r\n');
  world.killServer();
  world.up();
  await world.settle();
  await say('a', 'two\r\n');
  assert.equal(stdout(), 'a: one\r\na: two\r\n');
});

test('a line that does not end is cut', () => {
  const lines: string[] = [];
  const named = new NamedLines((line) => lines.push(text(line)));
  named.add('x', Buffer.from('a\nb'), false);
  named.add('x', Buffer.from('c\n'), true);
  named.add('x', Buffer.alloc(600, 'y'), false);
  assert.deepEqual(lines, ['x: a\n', 'x*: bc\n', `x: ${'y'.repeat(262)}\n`, `x: ${'y'.repeat(262)}\n`]);
});
