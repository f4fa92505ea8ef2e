// The account of a logged-in user: /etc/shadow, PAM, and a directory that does not answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Accounts } from '../../src/access/accounts.ts';
import type { PamAnswer } from '../../src/access/pam.ts';
import { faultInShadow } from '../../src/access/shadow.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const NOW = 20_000 * 86_400_000;

test('/etc/shadow: locked, expired, and users who never had a password', () => {
  const shadow = [
    'ann:$6$salt$hash:19000:0:99999:7:::',
    'locked:!$6$salt$hash:19000:0:99999:7:::',
    'twice:!!$y$j9T$x:19000:0:99999:7:::',
    'old:$6$salt$hash:19000:0:99999:7::19001:',
    'today:$6$salt$hash:19000:0:99999:7::20000:',
    'robot:!:19000::::::',
    'made:!!:19000::::::',
    'daemon:*:19000:0:99999:7:::',
    'starred:!*:19000:0:99999:7:::',
    'oldrobot:!:19000::::::1',
  ].join('\n');
  const fault = (user: string) => faultInShadow(shadow, user, NOW);
  for (const user of ['ann', 'robot', 'made', 'daemon', 'starred', 'oldrobot', 'not-here']) {
    assert.equal(fault(user), undefined, user);
  }
  for (const user of ['locked', 'twice']) {
    assert.equal(fault(user), `the account of ${user} is locked`);
  }
  for (const user of ['old', 'today']) {
    assert.equal(fault(user), `the account of ${user} has expired`);
  }
});

function site() {
  const clock = new FakeClock();
  const people = new Set(['vera']);
  const asked: string[] = [];
  const world: { hang?: Promise<unknown>; pam?: PamAnswer; shadow: string; isDown: boolean } = {
    shadow: 'vera:$6$salt$hash:19000:0:99999:7:::\n',
    isDown: false,
  };
  const accounts = new Accounts({
    clock,
    users: {
      async userByName(name) {
        asked.push(name);
        await world.hang;
        if (world.isDown) {
          throw new Error('sssd is not there');
        }
        return people.has(name) ? { name, uid: 1, gid: 1, home: '/', shell: '/' } : undefined;
      },
      readFile: async () => Buffer.from(world.shadow),
    },
    pam: async () => world.pam,
  });
  const of = (user = 'vera') => accounts.of(user, '10.0.0.3');
  const later = () => clock.advance(20_000);
  return { accounts, asked, clock, later, of, people, world };
}

test('an answer is good for some seconds; then the next one counts', async () => {
  const { asked, later, of, people, world } = site();
  assert.equal(await of(), 'good');
  world.shadow = 'vera:!$6$salt$hash:19000:0:99999:7:::\n';
  assert.equal(await of(), 'good');
  assert.deepEqual(asked, ['vera']);
  later();
  assert.deepEqual(await of(), { ended: 'the account of vera is locked' });
  people.clear();
  later();
  assert.equal(await of(), 'unknown');
});

test('PAM may know users that the system does not, and refuse those that it does', async () => {
  const { later, of, world } = site();
  world.pam = { kind: 'right' };
  assert.equal(await of('pat'), 'good');
  world.pam = { kind: 'wrong', reason: 'User account has expired' };
  assert.deepEqual(await of('pat'), 'good', 'the last answer, for some seconds');
  later();
  assert.equal(await of('pat'), 'unknown');
  assert.deepEqual(await of(), { ended: 'PAM does not let vera in any more: User account has expired' });
  later();
  world.pam = { kind: 'unable', reason: 'x' };
  assert.equal(await of(), 'good');
});

test('a directory that fails or hangs takes nothing away; nobody waits for long, and the late answer counts', async () => {
  const { asked, clock, later, of, people, world } = site();
  world.isDown = true;
  assert.equal(await of(), undefined);
  later();
  world.isDown = false;
  assert.equal(await of(), 'good');
  const { promise, resolve } = Promise.withResolvers<void>();
  world.hang = promise;
  people.clear();
  later();
  const waits = of();
  assert.equal(await of(), 'good', 'somebody waits for it already');
  clock.advance(5000);
  assert.equal(await waits, 'good');
  assert.equal(asked.length, 3);
  resolve();
  await new Promise(setImmediate);
  assert.equal(await of(), 'unknown');
});

test('whoever has just logged in is not taken for who they were before', async () => {
  const { accounts, of, world } = site();
  world.shadow = 'vera:!$6$salt$hash:19000:0:99999:7:::\n';
  assert.notEqual(await of(), 'good');
  world.shadow = 'vera:$6$salt$hash:19000:0:99999:7:::\n';
  accounts.forget('vera', '10.0.0.3');
  assert.equal(await of(), 'good');
});

test('whether there is such a user; a directory that hangs has nobody', async () => {
  const { accounts, clock, world } = site();
  assert.deepEqual([await accounts.has('vera'), await accounts.has('pat')], [true, false]);
  world.hang = new Promise(() => undefined);
  const hung = accounts.has('vera');
  clock.advance(5000);
  assert.equal(await hung, false);
});
