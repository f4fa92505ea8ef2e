// The view of console(1) users without rights, refused by the lists of the listener or the rules of the host.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { self } from '../../src/model/principal.ts';
import { DescriptorGuard } from '../../src/platform/process/descriptors.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { consoleConfig, hostConfig } from '../fakes/memory-host.ts';
import { accessOf } from '../fakes/ruled-host.ts';
import { atEnd } from '../harness/at-end.ts';
import { REFUSED, site } from '../harness/doors/door.ts';
import { freePort } from '../harness/free-port.ts';
import { accepted } from '../harness/read-config.ts';
import { WireClient } from '../interop/wire-client.ts';

const { ConserverService } = await import('../../src/listeners/conserver/service.ts');

const rule = (...may: string[]) =>
  `[[access.rule]]\nlabel = "the floor"\nwho = ["vera"]\nmay = [${may.map((each) => `"${each}"`).join(', ')}]\n`;

async function conserver(t: TestContext, rules: string, lists = 'write = ["*"]') {
  const [port, group] = [await freePort(), await freePort()];
  const consoles = [consoleConfig('a'), consoleConfig('b')];
  const made = await site(t, rules, consoles, ({ door }) => [
    new ConserverService({
      ...{ door, clock: systemClock, note: () => undefined },
      guard: new DescriptorGuard(systemClock, assert.fail),
    }),
  ]);
  const { world } = made;
  const listener = (text: string) =>
    accepted(
      `[conserver]\nport = ${port}\ngroup_port = ${group}\ntrusted = ["127.0.0.0/8"]\n${text}\n[console.any]\nrun = ["/bin/true"]\n`,
    ).conserver;
  const apply = async (text: string, access = rules) => {
    const [found, next] = [listener(text), accessOf(access)];
    world.config = { ...hostConfig(consoles), ...(found && { conserver: found }) };
    await made.access.apply(next ? { access: next } : {});
    await world.host.apply(self('a test'));
  };
  await apply(lists);
  const logIn = async (to: number, user = 'vera') => {
    const client = await WireClient.open(to);
    atEnd(t, () => client.close());
    await client.expect('ok\r\n');
    await client.ask(`login ${user}`, 'ok\r\n');
    return client;
  };
  const join = async (user = 'vera') => {
    const client = await WireClient.join(group, user, 'a');
    atEnd(t, () => client.close());
    return client;
  };
  return { world, port, group, apply, logIn, join, lists };
}

test('what a reload takes away is gone at once, in the words of conserver, with the right that is missing', async (t) => {
  const { apply, join, lists, world } = await conserver(t, rule('write'));
  const vera = await join();
  vera.send('one\r');
  await vera.ask('\x05c=', ']\r\n');
  await apply(lists, rule('read'));
  await vera.expect('[-- vera may not take the keyboard of a: it takes the right `write`, which no rule gives --]\r\n');
  await vera.expect('[Conserver reconfigured - r/w access removed]\r\n');
  vera.send('two\r');
  await vera.expect('[read-only -- use ^E c ? for help]\r\n');
  vera.send('\x05ca');
  await vera.expect(
    '[read-only]\r\n[vera may not take the keyboard of a: it takes the right `write`, which no rule gives]\r\n',
  );
  await apply(lists, rule('write'));
  await vera.expect('[Conserver reconfigured - r/w access granted]\r\n');
  vera.send('\x05ca');
  await vera.expect('[attached]\r\n');
  await apply(lists, rule('see'));
  await vera.expect('[-- vera may not attach to a: it takes the right `read`, which no rule gives --]\r\n');
  await vera.expect('[Conserver reconfigured - access denied]\r\n');
  await vera.closed;
  assert.match(world.child('a')?.input ?? '', /^one/);
  assert.doesNotMatch(world.child('a')?.input ?? '', /two/);
});

test('the lists bound what rules give, and are told in their own words alone', async (t) => {
  const { apply, join, logIn, group, port } = await conserver(
    t,
    rule('admin', 'force', 'operate'),
    'write = ["jo"]\nread = ["*"]',
  );
  REFUSED.length = 0;
  const vera = await join();
  vera.send('\x05ca');
  await vera.expect('[read-only]\r\n');
  vera.send('\x05cd');
  await vera.expect("[unknown -- use `?']\r\n");
  const master = await logIn(port);
  await master.ask('quit', 'unauthorized command\r\n');
  await apply('write = ["jo"]\nread = ["jo"]');
  await vera.expect('[Conserver reconfigured - access denied]\r\n');
  await vera.closed;
  const again = await logIn(group);
  await again.ask('call a', 'a: permission denied\r\n');
  assert.deepEqual(REFUSED, ['take', 'down', 'enter'], 'all of that is in the audit');
});

test('what the rules refuse to administrators and strangers says which right is missing', async (t) => {
  const { group, port, logIn, world } = await conserver(t, rule('write'), 'write = ["*"]\nadmin = ["*"]');
  const master = await logIn(port);
  await master.ask(
    'quit',
    'unauthorized command: vera may not end this server: it takes the right `admin`, which no rule gives\r\n',
  );
  await master.ask(
    'reconfig',
    'unauthorized command: vera may not apply the configuration: it takes the right `configure`, which no rule gives\r\n',
  );
  world.host.find('b')?.stop(self('a test'));
  await world.pass(10_000);
  await master.ask(
    'up',
    'unauthorized command: vera may not start b: it takes the right `start`, which no rule gives\r\n',
  );
  const jo = await logIn(group, 'jo');
  assert.equal(await jo.ask('hosts', ''), '');
  await jo.ask(
    'call a',
    'a: permission denied: jo may not attach to a: it takes the right `read`, which is given to the floor (/etc/h/a.toml:1)\r\n',
  );
});

test('a keyboard that somebody has takes the right to force', async (t) => {
  const { join } = await conserver(t, `${rule('write')}[[access.rule]]\nwho = ["jo"]\nmay = ["force"]\n`);
  const vera = await join();
  const jo = await join('jo');
  jo.send('\x05cf');
  await jo.expect(/\[bumped vera@.*\]\r\n/);
  vera.send('\x05cf');
  await vera.expect(
    '[vera may not take the keyboard of a by force: it takes the right `force`, which is given to jo (/etc/h/a.toml:5)]\r\n',
  );
  vera.send('\x05cw');
  await vera.expect(/jo@\S+ +attach/);
});
