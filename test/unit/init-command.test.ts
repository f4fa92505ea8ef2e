/** The command that prepares a source: a real shell beside a console of a host in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleConfig } from '../../src/model/config.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';
import { until } from '../harness/until.ts';

async function site(init: NonNullable<ConsoleConfig['init']>, config: Partial<ConsoleConfig> = {}) {
  const world = await MemoryHost.started([consoleConfig('a', { init, ...config })], () => []);
  const notes = () =>
    world.history.events.flatMap((event) =>
      event.type === 'note'
        ? ['text' in event ? event.text : `${event.what} ${'reason' in event ? event.reason : ''}`]
        : [],
    );
  return {
    world,
    notes,
    child: () => world.child('a'),
    supervised: () => world.host.consoles[0]?.supervised,
    told: (note: string) => until(note, () => notes().includes(note)),
  };
}

test('it alone talks to the source until it ends, and hears it from its first byte on', async () => {
  const { child, supervised, told, world } = await site({
    command: 'read a; echo "<$a>"; read b; echo "<$b>"; exit 3',
  });
  const session = world.host.enter('a', person('ann'), { mode: 'write' }, new FakeSink());
  child()?.say('login\n');
  await until('the answer', () => child()?.input === '<login>\n');
  assert.equal(supervised()?.initializing, true);
  session.write(Buffer.from('nobody reads this'));
  child()?.say('password\n');
  await told('init exit(3)');
  assert.equal(supervised()?.initializing, false);
  session.write(Buffer.from('now'));
  await until('the rest', () => child()?.input === '<login>\n<password>\nnow');
});

test('it runs after every start, ends with its source, and types nothing for the next one', async () => {
  const { child, notes, supervised, told, world } = await site({ command: 'echo hello; sleep 1000; echo late' });
  await until('the first', () => child()?.input === 'hello\n');
  child()?.exit(0);
  await told('init signal(1)');
  assert.equal(supervised()?.initializing, false);
  await world.pass(1000);
  await until('the second', () => child()?.input === 'hello\n');
  assert.deepEqual(notes(), ['init ', 'init signal(1)', 'init ']);
  world.host.stop('a', person('vera'));
  await until('its end', () => notes().length === 4);
});

test('a flood that the command does not read waits, and output that the source does not read waits too', async () => {
  const { child, told, world } = await site({
    command: 'read go; head -c 300000 /dev/zero | tr "\\\\0" x; cat > /dev/null',
  });
  const source = child();
  if (source) {
    source.room = 1000;
  }
  source?.say('go\n');
  for (let n = 0; n < 100; n++) {
    source?.say(Buffer.alloc(65536, 'y'));
    await world.settle();
  }
  assert.ok((child()?.input.length ?? 0) <= 1000);
  source?.read();
  await until('all input', () => child()?.input.length === 300_000);
  child()?.exit(0);
  await told('init signal(1)');
});

test('a command whose user is unknown does not run, and keeps nobody from typing', async () => {
  const { notes, supervised } = await site({ command: 'true', user: 'nobody-has-this-name' });
  await until('the reason', () => notes().length === 1);
  assert.match(notes()[0] ?? '', process.geteuid?.() === 0 ? /does not run: there is no user/ : /init/);
  await until('the end', () => supervised()?.initializing === false);
});
