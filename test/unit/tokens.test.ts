import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TokenFile } from '../../src/access/token-file.ts';
import { Tokens } from '../../src/access/tokens.ts';
import { AccessControl } from '../../src/host/access-control.ts';
import { NO_AUDIT } from '../../src/host/audit-port.ts';
import { GuardedHost } from '../../src/host/guarded-host.ts';
import type { Happening } from '../../src/model/events.ts';
import type { Principal } from '../../src/model/principal.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { GOOD_ACCOUNTS } from '../fakes/good-accounts.ts';
import { person } from '../fakes/principals.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { accepted } from '../harness/read-config.ts';

const VERA = person('vera');
const ROOT = person('root', { uid: 0 });
const DAY = 86_400;

class Site {
  readonly folder: string;
  readonly path: string;
  readonly clock = new FakeClock();
  readonly told: Happening[] = [];
  tokens: Tokens;

  constructor(t: TestContext) {
    const folder = temporaryDirectory(t);
    this.folder = folder;
    this.path = join(folder, 'tokens.json');
    this.tokens = this.again();
  }

  /** As the next server has them. */
  again(): Tokens {
    this.tokens = new Tokens({
      file: new TokenFile(this.path, this.clock),
      clock: this.clock,
      event: (event) => this.told.push(event),
      accounts: GOOD_ACCOUNTS,
    });
    return this.tokens;
  }

  /** Behind the door, with these rules. */
  as(by: Principal, rules: string): GuardedHost['tokens'] {
    const access = new AccessControl({
      first: accepted(rules).access,
      changed: () => undefined,
      groupsOf: () => [],
      memberships: { has: () => false, learn: async () => undefined },
      ownUid: 500,
      clock: this.clock,
    });
    return new GuardedHost({ host: new FakeHost(), tokens: this.tokens, access, audit: NO_AUDIT }, by).tokens;
  }
}

test('one that is good once is used up in this server and the next, also where many come at the same time', async (t) => {
  const site = new Site(t);
  const { id, token } = await site.tokens.create({ seconds: DAY, once: true }, VERA);
  assert.equal((await site.again().list())[0]?.once, true);
  const taken = await Promise.all(Array.from({ length: 5 }, () => site.tokens.take(token, '10.0.0.3')));
  assert.deepEqual(
    taken.map((each) => (typeof each === 'string' ? each : each.id)),
    [id, ...Array(4).fill('unknown')],
  );
  assert.equal(await site.again().take(token, '10.0.0.3'), 'unknown');
  assert.deepEqual(await site.tokens.list(), []);
});

test('a token is good for its user and its rights, in this server and the next; the file has its digest only', async (t) => {
  const site = new Site(t);
  const { token, ...info } = await site.tokens.create({ may: ['restart'], seconds: DAY, label: 'pump' }, VERA);
  assert.match(token, /^hft_[\w-]{43}$/);
  assert.deepEqual([info.user, info.may, info.label, info.createdBy], ['vera', ['restart'], 'pump', 'vera']);
  const used = await site.tokens.check(token);
  assert.deepEqual(used, { ...info, isAccount: true }, 'as it was before it was used');
  const text = readFileSync(site.path, 'utf8');
  assert.equal(text.includes(token.slice(4)), false);
  assert.equal(statSync(site.path).mode & 0o777, 0o600);
  await site.tokens.create({ seconds: 60 }, ROOT);
  const later = await site.again().check(token);
  assert.ok(typeof later !== 'string');
  assert.equal(later.id, info.id);
  await site.tokens.create({ seconds: 60 }, ROOT);
  for (const wrong of ['', 'hft_', `${token}x`, `hft_${'A'.repeat(43)}`, token.slice(0, -1), token.toUpperCase()]) {
    assert.equal(await site.tokens.check(wrong), 'unknown', wrong);
  }
  assert.deepEqual(
    site.told.map(({ type, by }) => [type, by?.user]),
    [
      ['token', 'vera'],
      ['token', 'root'],
      ['token', 'root'],
    ],
  );
  assert.equal(JSON.stringify(site.told).includes(token), false);
});

test('a token that is over says so for a week, then it is gone; one that is revoked is gone at once, also from the disk', async (t) => {
  const site = new Site(t);
  const short = await site.tokens.create({ seconds: 60 }, VERA);
  const long = await site.tokens.create({ seconds: 30 * DAY }, VERA);
  site.clock.advance(60_000);
  assert.equal(await site.tokens.check(short.token), 'expired');
  site.clock.advance(7 * DAY * 1000);
  assert.deepEqual(
    (await site.tokens.list()).map(({ id }) => id),
    [long.id],
  );
  assert.equal(await site.tokens.check(short.token), 'unknown');
  assert.equal((await site.tokens.revoke(long.id, ROOT)).user, 'vera');
  assert.equal(await site.tokens.check(long.token), 'unknown');
  assert.equal(await site.again().check(long.token), 'unknown');
  await assert.rejects(site.tokens.revoke(long.id, ROOT), { code: 'HF_NO_TOKEN' });
  assert.match(JSON.stringify(site.told.at(-1)), /"what":"revoked".*"user":"vera".*"root"/);
});

test('the day of the last use is kept', async (t) => {
  const site = new Site(t);
  const { token } = await site.tokens.create({ seconds: 30 * DAY }, VERA);
  await site.tokens.check(token);
  site.clock.advance(3 * DAY * 1000);
  await site.tokens.check(token);
  // Written behind what is asked next.
  await site.tokens.create({ seconds: 60 }, ROOT);
  const [, used] = await site.again().list();
  assert.equal(used?.lastUsed, new Date(site.clock.now()).toISOString().slice(0, 10));
});

test('a disk that does not take them: no token is made, one that is revoked is over all the same; told once', async (t) => {
  const site = new Site(t);
  const { id, token } = await site.tokens.create({ seconds: DAY }, VERA);
  rmSync(site.folder, { recursive: true });
  await assert.rejects(site.tokens.create({ seconds: DAY }, VERA), { code: 'HF_TOKEN_NOT_SAVED' });
  assert.equal((await site.tokens.list()).length, 1);
  await assert.rejects(site.tokens.revoke(id, VERA), { code: 'HF_TOKEN_NOT_SAVED', message: /would be valid again/ });
  assert.equal(await site.tokens.check(token), 'unknown');
  assert.equal(site.told.filter((event) => 'text' in event).length, 1);
});

test('a damaged file lets nobody in and is kept', async (t) => {
  const site = new Site(t);
  const { token } = await site.tokens.create({ seconds: DAY }, VERA);
  const whole = readFileSync(site.path, 'utf8');
  writeFileSync(site.path, whole.slice(0, -20));
  await assert.rejects(site.again().check(token), { code: 'HF_BUSY', message: /tokens\.json is damaged/ });
  await assert.rejects(site.tokens.create({ seconds: DAY }, VERA), { code: 'HF_BUSY' });
  assert.ok(existsSync(`${site.path}.bad`));
  writeFileSync(site.path, whole);
  assert.notEqual(await site.tokens.check(token), 'unknown', 'it is read again');
  // Behind what is written about its use.
  await site.tokens.create({ seconds: 60 }, VERA);
});

test('a disk that does not answer is not waited for', async (t) => {
  const site = new Site(t);
  const never = new Promise<never>(() => undefined);
  const file = new TokenFile(join(site.folder, 'x'), site.clock);
  const slow = new Tokens({
    file: { read: async () => [], write: () => never },
    clock: site.clock,
    event: () => undefined,
    accounts: GOOD_ACCOUNTS,
  });
  void slow.create({ seconds: 60 }, VERA).catch(() => undefined);
  // Of the file itself: its time is over before its disk has answered.
  const written = file.write(() => {
    site.clock.advance(5000);
    return [];
  });
  await assert.rejects(written, /has not answered for 5 s/);
});

test('behind the door: what is mine takes no right, what is of others takes admin', async (t) => {
  const site = new Site(t);
  const rules = `[[access.rule]]\nwho = ["vera"]\nmay = ["read"]\n[[access.rule]]\nwho = ["ada"]\nmay = ["admin"]\n`;
  const [vera, ada] = [site.as(VERA, rules), site.as(person('ada'), rules)];
  const hers = await vera.create({ seconds: 60 });
  assert.equal(hers.user, 'vera');
  await assert.rejects(vera.create({ seconds: 60, user: 'root' }), { code: 'HF_FORBIDDEN' });
  const robots = await ada.create({ seconds: 60, user: 'robot', may: ['read'] });
  assert.deepEqual(
    (await vera.list()).map(({ user }) => user),
    ['vera'],
  );
  assert.deepEqual(
    (await ada.list()).map(({ user }) => user),
    ['robot', 'vera'],
  );
  await assert.rejects(vera.revoke(robots.id), { code: 'HF_FORBIDDEN' });
  await assert.rejects(vera.revoke('none'), { code: 'HF_NO_TOKEN' });
  await ada.revoke(hers.id);
  assert.equal(await site.tokens.check(hers.token), 'unknown');
});

test('a token for some consoles is good for these, and for nothing of the host', async (t) => {
  const site = new Site(t);
  const { token, on } = await site.tokens.create({ seconds: 60, on: ['vac-*', '@rf'] }, VERA);
  assert.deepEqual(on, ['vac-*', '@rf']);
  const found = await site.again().check(token);
  assert.ok(typeof found !== 'string');
  assert.deepEqual(found.on, ['vac-*', '@rf'], 'in its file, too');
});

test('behind the door: a name that is only claimed owns nothing, a token makes none, a bound holds for what it makes', async (t) => {
  const site = new Site(t);
  const rules = '[[access.rule]]\nwho = ["vera"]\nmay = ["read", "admin"]\n';
  const { id } = await site.as(VERA, rules).create({ seconds: 60 });
  const claimed = site.as({ ...VERA, channel: 'conserver', assurance: 'claimed' }, rules);
  assert.deepEqual(await claimed.list(), []);
  await assert.rejects(claimed.create({ seconds: 60 }), { code: 'HF_FORBIDDEN' });
  await assert.rejects(claimed.revoke(id), { code: 'HF_FORBIDDEN' });
  const far: Principal = { ...VERA, channel: 'network', assurance: 'token' };
  await assert.rejects(site.as(far, rules).create({ seconds: 60 }), {
    code: 'HF_FORBIDDEN',
    message: /makes no tokens/,
  });
  assert.equal((await site.as(far, rules).revoke(id)).id, id, 'it can end itself');
  const bound = site.as({ ...far, assurance: 'password', bound: ['read'] }, rules);
  assert.deepEqual((await bound.create({ seconds: 60 })).may, ['read']);
  assert.deepEqual((await bound.create({ seconds: 60, may: ['see'] })).may, ['see']);
  await assert.rejects(bound.create({ seconds: 60, may: ['admin'] }), { code: 'HF_FORBIDDEN' });
});
