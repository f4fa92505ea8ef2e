// The view of users without rights at a procServ endpoint, on real sockets; everything behind these is in memory.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { ConsoleConfig } from '../../src/model/config.ts';
import { DescriptorGuard } from '../../src/platform/process/descriptors.ts';
import { consoleConfig, hostConfig, OPERATOR } from '../fakes/memory-host.ts';
import { ruledHost } from '../fakes/ruled-host.ts';
import { atEnd } from '../harness/at-end.ts';
import { freePort } from '../harness/free-port.ts';
import { until } from '../harness/until.ts';

// After the version that the fakes define.
const { ProcServService } = await import('../../src/listeners/procserv/service.ts');

const CTRL_Q = 0x11;
const CTRL_R = 0x12;
const CTRL_T = 0x14;
const CTRL_X = 0x18;

const rule = (...may: string[]) =>
  `[[access.rule]]\nwho = ["from:127.0.0.0/8"]\nmay = [${may.map((each) => `"${each}"`).join(', ')}]\n`;

async function site(t: TestContext, rules: string, given: Partial<ConsoleConfig> = {}) {
  const port = await freePort();
  const console = consoleConfig('a', { endpoints: [`${port}`], ...given });
  const made = ruledHost([console], rules, {
    services: ({ clock }) => [new ProcServService(clock, () => undefined, new DescriptorGuard(clock, assert.fail))],
  });
  const { world } = made;
  world.up();
  atEnd(t, async () => {
    const closing = world.host.closeServices();
    await world.settle();
    world.clock.advance(1000);
    await closing;
    // Connections that linger for the peer's end.
    world.clock.advance(20_000);
  });
  await world.settle();
  const apply = async (next: Partial<ConsoleConfig>) => {
    world.config = hostConfig([{ ...console, ...next }]);
    const applied = world.host.apply(OPERATOR);
    await world.settle();
    await applied;
  };
  return { ...made, port, apply };
}

/** A connection, and what it has been sent. */
function client(t: TestContext, port: number) {
  const socket: Socket = connect(port, '127.0.0.1');
  let text = '';
  let isOver = false;
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  socket.on('close', () => {
    isOver = true;
  });
  socket.on('error', () => undefined);
  atEnd(t, () => socket.destroy());
  return {
    sees: (what: string) => until(what, () => (text.includes(what) ? true : undefined)),
    count: (what: string) => text.split(what).length - 1,
    strike: (...keys: number[]) => void socket.write(Uint8Array.from(keys)),
    type: (what: string) => void socket.write(what),
    ended: () => until('the end', () => (isOver ? true : undefined)),
    get text() {
      return text;
    },
  };
}

test('a key that is refused is answered with what is missing, and announced to nobody', async (t) => {
  const { world, port } = await site(t, rule('read'));
  const child = world.child('a');
  const [person, other] = [client(t, port), client(t, port)];
  await Promise.all([person.sees('@@@ Welcome'), other.sees('@@@ Welcome')]);
  person.strike(CTRL_X);
  await person.sees(
    '@@@ Refused: a user without a name may not send signals to a: it takes the right `signal`, which no rule gives\r\n',
  );
  person.strike(CTRL_T);
  await person.sees(
    '@@@ Refused: a user without a name may not switch the restart policy of a: it takes the right `operate`',
  );
  world.child('a')?.say('still here\r\n');
  await other.sees('still here');
  assert.deepEqual(['Got a kill', 'Toggled', 'Refused'].map(other.count), [0, 0, 0]);
  assert.deepEqual(['Got a kill', 'Toggled'].map(person.count), [0, 0]);
  assert.equal(child?.alive, true);
  assert.equal(world.host.consoles[0]?.supervised.supervisor.policy.mode, 'always');
});

test('while the child is down, what starts it takes another right than what stops it for good', async (t) => {
  const { world, port } = await site(t, rule('read', 'stop'), { start: false });
  const person = client(t, port);
  await person.sees('@@@ Welcome');
  for (const key of [CTRL_R, CTRL_X]) {
    person.strike(key);
    await person.sees('@@@ Refused: a user without a name may not start a: it takes the right `start`');
  }
  assert.equal(person.count('Got a kill'), 0);
  person.strike(CTRL_Q);
  await person.sees('@@@ ^Q: "a" stays stopped');
  assert.equal(world.child('a'), undefined);
});

test('typing that is refused is told once, and again after a while', async (t) => {
  const { world, port, rule: reload } = await site(t, rule('read', 'signal'));
  const person = client(t, port);
  await person.sees('@@@ Welcome');
  for (const word of ['one\n', 'two\n']) {
    person.type(word);
  }
  const refusal = '@@@ Refused: a user without a name may not type into a: it takes the right `write`';
  await person.sees(refusal);
  await world.pass(4999);
  person.type('three\n');
  await world.settle();
  await world.pass(1);
  person.type('four\n');
  await until('the second refusal', () => person.count(refusal) === 2);
  assert.equal(world.child('a')?.input, '');
  await reload(rule('write'));
  person.type('five\n');
  await until('the input', () => world.child('a')?.input === 'five\n');
});

test('a right that is taken away is gone at once, which is told there', async (t) => {
  const { world, port, rule: reload } = await site(t, rule('write'));
  const [person, other] = [client(t, port), client(t, port)];
  await Promise.all([person.sees('@@@ Welcome'), other.sees('@@@ Welcome')]);
  person.type('one\n');
  await until('the input', () => world.child('a')?.input === 'one\n');
  await reload(rule('read'));
  await Promise.all(
    [person, other].map((each) =>
      each.sees('@@@ Refused: a user without a name may not type into a: it takes the right `write`'),
    ),
  );
  person.type('two\n');
  await reload('[[access.rule]]\nwho = ["everyone"]\nmay = ["see"]\n');
  await Promise.all(
    [person, other].map(async (each) => {
      await each.sees('@@@ Refused: a user without a name may not attach to a: it takes the right `read`');
      await each.ended();
    }),
  );
  assert.equal(world.child('a')?.input, 'one\n');
});

test('whoever may not read is told so, and sees nothing', async (t) => {
  const { port } = await site(t, `[access]\ncontact = "the desk"\n${rule('see')}`);
  const person = client(t, port);
  person.type('hello\n');
  await person.ended();
  assert.equal(
    person.text,
    '\r\n@@@ Refused: a user without a name may not attach to a: it takes the right `read`, which no rule gives; ask the desk\r\n',
  );
});

test('an endpoint bounds what may be done there, without rules too; another bound ends its connections', async (t) => {
  const [open, at] = [`${await freePort()}`, `${await freePort()}`];
  const { world, apply } = await site(t, '', { endpoints: [open, { at, may: ['read'] }] });
  const bounded = client(t, Number(at));
  await bounded.sees('@@@ Welcome');
  bounded.strike(CTRL_X);
  await bounded.sees('@@@ Refused: a user without a name may not send signals to a: this way in leaves only read');
  const free = client(t, Number(open));
  await free.sees('@@@ Welcome');
  await apply({ endpoints: [open, { at, may: ['operate', 'read'] }] });
  await bounded.sees('@@@ What may be done at this endpoint has changed: connect again');
  await bounded.ended();
  const again = client(t, Number(at));
  await again.sees('@@@ Welcome');
  again.strike(CTRL_X);
  await free.sees('@@@ Got a kill command');
  assert.deepEqual((await world.host.detail('a')).bounded, { [at]: ['operate', 'read'] });
});
