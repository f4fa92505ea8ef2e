// All operations on a console go through `act`, which checks the right of the verb for the actor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleActs, ConsoleVerb } from '../../src/model/console-acts.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import type { Principal } from '../../src/model/principal.ts';
import type { Verb } from '../../src/model/rights.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';
import { ruledHost } from '../fakes/ruled-host.ts';

const VERA = person('vera');

/** How each is called; the type keeps the list complete. */
const CALLS: { readonly [V in keyof ConsoleActs]: Parameters<ConsoleActs[V]> } = {
  start: [],
  stop: [],
  signal: [15],
  mode: ['never'],
  break: ['1', '\\z', async () => undefined],
  note: ['the pump', 'vera: the pump'],
  flow: [],
  switchLog: ['by vera'],
  runTask: [(report) => report('task started') === undefined],
  tell: [[1], 'hello'],
};
const VERBS_OF_CONSOLES = Object.keys(CALLS) as ConsoleVerb[];

/** A host whose guard lets everything pass but `forbidden`. */
async function site() {
  const asked: string[] = [];
  const site = { forbidden: undefined as Verb | undefined };
  const refusal = (by: Principal, verb: Verb) =>
    verb === site.forbidden ? new HoldfastError('HF_FORBIDDEN', `${by.user} may not ${verb}`) : undefined;
  const world = await MemoryHost.started([consoleConfig('a', { start: false })], undefined, {
    learn: async () => undefined,
    refusal,
    deny: () => undefined,
    ask: (by, verb, console) => {
      asked.push(`ask ${verb} ${console} by ${by.user}`);
      return refusal(by, verb);
    },
    done: (by, verb, console) => asked.push(`done ${verb} ${console} by ${by.user}`),
  });
  const [console] = world.host.consoles;
  assert.ok(console);
  return Object.assign(site, { world, console, asked });
}

test('every verb is asked for, and is told when it is done', async () => {
  for (const verb of VERBS_OF_CONSOLES) {
    const { console, asked } = await site();
    await console.act(VERA, verb, ...(CALLS[verb] as never));
    assert.deepEqual(asked, [`ask ${verb} a by vera`, `done ${verb} a by vera`]);
  }
});

test('what is refused has no effect, and the session says why', async () => {
  for (const verb of VERBS_OF_CONSOLES) {
    const made = await site();
    const { world, console, asked } = made;
    const sink = new FakeSink();
    console.enter(VERA, { mode: 'read' }, sink);
    await world.settle();
    asked.length = 0;
    const before = world.history.events.length;
    made.forbidden = verb;
    const { session } = sink;
    assert.ok(session);
    assert.throws(() => session.act(verb, ...(CALLS[verb] as never)), {
      code: 'HF_FORBIDDEN',
      message: `vera may not ${verb}`,
    });
    assert.equal(session.ask(verb)?.message, `vera may not ${verb}`);
    await world.settle();
    assert.deepEqual(asked, [`ask ${verb} a by vera`, `ask ${verb} a by vera`]);
    assert.deepEqual(world.history.events.slice(before), []);
    assert.deepEqual([console.state, sink.told.slice(1)], ['stopped', []]);
  }
});

test('what is done is in the history, with its author', async () => {
  const { world, console } = await site();
  const before = world.history.events.length;
  console.act(VERA, 'mode', 'never');
  await console.act(VERA, 'break', '1', '\\z', async ({ write }) => {
    write(Buffer.from('+++'));
    return undefined;
  });
  console.act(VERA, 'note', 'the pump', 'NOTE -- vera: the pump');
  console.act(VERA, 'runTask', (report) => {
    report('task started');
    return true;
  });
  console.act(VERA, 'start');
  await world.settle();
  const told = world.history.events.slice(before).flatMap((event) => (event.by ? [[event.type, event.by.user]] : []));
  assert.deepEqual(told.slice(0, 5), [
    ['note', 'vera'],
    ['note', 'vera'],
    ['note', 'vera'],
    ['note', 'vera'],
    ['state', 'vera'],
  ]);
});

test('typing that is refused is recorded once, not for every key', async () => {
  const made = await site();
  const { world, console, asked } = made;
  made.forbidden = 'type';
  const sink = new FakeSink();
  console.enter(VERA, { mode: 'always' }, sink);
  await world.settle();
  asked.length = 0;
  for (const key of 'abc') {
    assert.equal(sink.session?.write(Buffer.from(key)), false);
  }
  assert.deepEqual(asked, ['ask type a by vera']);
  assert.deepEqual(sink.told.slice(1), Array(3).fill('denied: vera may not type'));
});

const CHIEF = '[[access.rule]]\nwho = ["vera"]\nmay = ["write"]\n';

/** Vera has the keyboard of a console. */
async function attached(rules: string, clock = new FakeClock()) {
  const made = ruledHost([consoleConfig('a')], rules, { clock });
  made.world.up();
  await made.world.settle();
  const sink = new FakeSink();
  made.world.host.enter('a', VERA, { from: { lines: 0 }, mode: 'write' }, sink);
  await made.world.settle();
  assert.equal(sink.session?.writer?.user, 'vera');
  sink.told.length = 0;
  return { ...made, sink };
}

test('who loses the right to write loses the keyboard, who loses the right to read is thrown out, and both are told', async () => {
  const { rule, sink, world } = await attached(CHIEF);
  await rule(CHIEF.replace('write', 'read'));
  assert.match(sink.told[0] ?? '', /^said vera may not .* a: it takes the right `write`/);
  assert.deepEqual(sink.told.slice(1), ['writer nobody']);
  assert.equal(sink.session?.write(Buffer.from('x')), false);
  await rule(CHIEF.replace('write', 'see'));
  assert.match(sink.told.at(-1) ?? '', /^closed: vera may not attach to a: it takes the right `read`/);
  assert.equal(world.host.consoles[0]?.registry.size, 0);
});

test('a right that ends with the hour is gone then, on sessions that are open', async () => {
  const clock = new FakeClock();
  clock.set(new Date(2026, 2, 2, 18, 58).getTime() - clock.now());
  const { access, sink } = await attached(`${CHIEF}hours = "mon-fri 07:00-19:00"\n`, clock);
  clock.advance(119_999);
  assert.equal(sink.session?.writer?.user, 'vera');
  clock.advance(1);
  assert.match(sink.told.at(-1) ?? '', /^closed: vera may not attach to a: it takes the right `read`/);
  await access.close();
  assert.equal(clock.pending, 0);
});
