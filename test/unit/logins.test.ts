import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from '../../src/access/accounts.ts';
import { Logins } from '../../src/access/logins.ts';
import { Tokens } from '../../src/access/tokens.ts';
import type { Happening } from '../../src/model/events.ts';
import type { Proof } from '../../src/model/login-port.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { person } from '../fakes/principals.ts';

const DESK = { address: '10.0.0.3', port: 51_234 };
const PASSWORD = 'pässwort hunter2';

const ISSUER = 'https://sso.example.org';
const SESSION_MS = 12 * 3_600_000;

function site() {
  const clock = new FakeClock();
  const told: Happening[] = [];
  const asked: string[][] = [];
  const ways = new Set<Proof['method']>(['token', 'login-link', 'password', 'certificate', 'oidc']);
  const event = (one: Happening) => void told.push(one);
  /** Of users that have one. */
  const standings = new Map<string, Standing>();
  const accounts = {
    of: async (user: string) => standings.get(user) ?? 'unknown',
    has: async (user: string) => standings.has(user),
    forget: (user: string) => void standings.delete(user),
  };
  const tokens = new Tokens({ file: { read: async () => [], write: async () => undefined }, clock, event, accounts });
  const logins = new Logins({
    ...{ clock, tokens, accounts, event, allows: (method) => ways.has(method) },
    ...{ issuer: () => ISSUER, sessionMs: () => SESSION_MS },
    password: async (...question) => {
      asked.push(question);
      return question[1] === Buffer.from(PASSWORD).toString('latin1');
    },
  });
  const tries = (proof: Proof, place = DESK) =>
    logins.login(proof, place).then(
      ({ principal }) => principal.user,
      ({ code }) => code as string,
    );
  return { clock, told, asked, standings, tokens, logins, tries, ways };
}

const password = (text: string, user = 'vera'): Proof => ({ method: 'password', user, password: text });

test('a token: its user, its rights, its end; nothing of it is told', async () => {
  const { clock, told, tokens, logins, tries } = site();
  const made = await tokens.create({ seconds: 60, may: ['read'] }, person('vera'));
  assert.deepEqual(await logins.login({ method: 'token', token: made.token }, DESK), {
    principal: {
      ...{ user: 'vera', channel: 'network', from: '10.0.0.3', port: 51_234, assurance: 'token', bound: ['read'] },
    },
    expires: made.until,
  });
  clock.advance(60_000);
  assert.equal(await tries({ method: 'token', token: made.token }), 'HF_LOGIN_REFUSED');
  assert.equal(await tries({ method: 'token', token: `${made.token.slice(0, -1)}_` }), 'HF_LOGIN_REFUSED');
  const reasons = told.flatMap((event) => (event.type === 'login' ? [event.reason] : []));
  assert.deepEqual(reasons, ['the token has expired', 'there is no such token, or it was revoked']);
  assert.equal(JSON.stringify(told).includes('hft_'), false);
});

test('a link logs in once, for a session, and is nothing else', async () => {
  const { clock, told, tokens, logins, tries } = site();
  const { token } = await tokens.create({ seconds: 60, once: true, may: ['read'], on: ['vac-*'] }, person('vera'));
  assert.equal(await tries({ method: 'token', token }), 'HF_LOGIN_REFUSED', 'a bearer of it is nobody');
  assert.deepEqual(await logins.login({ method: 'login-link', token }, DESK), {
    principal: {
      ...{ user: 'vera', channel: 'network', from: '10.0.0.3', port: 51_234, assurance: 'token' },
      ...{ bound: ['read'], boundOn: ['vac-*'] },
    },
    expires: new Date(clock.now() + SESSION_MS).toISOString(),
  });
  assert.equal(await tries({ method: 'login-link', token }), 'HF_LOGIN_REFUSED', 'it was used');
  const late = await tokens.create({ seconds: 60, once: true }, person('vera'));
  clock.advance(60_000);
  assert.equal(await tries({ method: 'login-link', token: late.token }), 'HF_LOGIN_REFUSED', 'it has expired');
  const lasting = await tokens.create({ seconds: 60 }, person('vera'));
  assert.equal(
    await tries({ method: 'login-link', token: lasting.token }),
    'HF_LOGIN_REFUSED',
    'it is one like others',
  );
  assert.equal(await tries({ method: 'token', token: lasting.token }), 'vera');
  assert.equal(JSON.stringify(told).includes('hft_'), false);
});

test('a token that is good is never delayed by others from there that are not', async () => {
  const { told, tokens, tries } = site();
  const { token } = await tokens.create({ seconds: 60 }, person('vera'));
  const results = [];
  for (let count = 0; count < 30; count++) {
    results.push(await tries({ method: 'token', token: 'hft_old' }));
  }
  assert.equal(results.at(-1), 'HF_LOGIN_WAIT');
  const before = told.length;
  await tries({ method: 'token', token: 'hft_old' });
  assert.equal(told.length, before, 'a script that goes on does not fill the history');
  assert.equal(await tries({ method: 'token', token }), 'vera');
});

test('a password goes to PAM as bytes, with the address; what is told has the user and the place', async () => {
  const { told, asked, tries } = site();
  assert.equal(await tries(password(PASSWORD)), 'vera');
  assert.deepEqual(asked, [['vera', Buffer.from(PASSWORD).toString('latin1'), '10.0.0.3']]);
  assert.deepEqual(told, []);
  assert.equal(await tries(password('hunter2')), 'HF_LOGIN_REFUSED');
  assert.deepEqual(told, [
    {
      ...{ type: 'login', what: 'refused', method: 'password', reason: 'user or password is wrong' },
      by: { user: 'vera', channel: 'network', from: '10.0.0.3', port: 51_234, assurance: 'claimed' },
    },
  ]);
});

test('an empty password, and what is not the name of a user, is refused before PAM is asked', async () => {
  const { asked, tries } = site();
  assert.equal(await tries(password('')), 'HF_LOGIN_REFUSED');
  for (const user of ['', 'a b', 'a\0b', 'a\nb', 'a:b', 'a/b', 'x'.repeat(65)]) {
    assert.equal(await tries(password(PASSWORD, user)), 'HF_LOGIN_REFUSED', user);
    assert.equal(await tries({ method: 'certificate', subject: user, fingerprint: '' }), 'HF_LOGIN_REFUSED', user);
  }
  assert.deepEqual(asked, []);
});

test('wrong passwords cost growing time, by user and address; then nothing is asked, and others are not hindered', async () => {
  const { clock, asked, tries } = site();
  for (let count = 0; count < 11; count++) {
    assert.equal(await tries(password('wrong')), 'HF_LOGIN_REFUSED');
  }
  assert.equal(await tries(password(PASSWORD)), 'HF_LOGIN_WAIT');
  assert.equal(asked.length, 11);
  assert.equal(await tries(password(PASSWORD, 'ada')), 'ada');
  assert.equal(await tries(password(PASSWORD), { address: '10.9.0.1', port: 1 }), 'vera');
  clock.advance(1000);
  assert.equal(await tries(password('wrong')), 'HF_LOGIN_REFUSED');
  clock.advance(1000);
  assert.equal(await tries(password(PASSWORD)), 'HF_LOGIN_WAIT', 'twice as long');
  clock.advance(1000);
  assert.equal(await tries(password(PASSWORD)), 'vera');
});

test('many guesses at once count before the first is answered', async () => {
  const { asked, tries } = site();
  await Promise.all(Array.from({ length: 50 }, () => tries(password('wrong'))));
  assert.equal(asked.length, 11);
});

test('a certificate is its user, for half a day', async () => {
  const { clock, logins } = site();
  const { principal, expires } = await logins.login(
    { method: 'certificate', subject: 'vera', fingerprint: 'AA' },
    DESK,
  );
  assert.deepEqual([principal.user, principal.assurance], ['vera', 'certificate']);
  assert.equal(Date.parse(expires) - clock.now(), 12 * 3_600_000);
});

test('a way that the configuration does not name is refused and told, whatever is shown', async () => {
  const { asked, told, tokens, tries, ways } = site();
  const { token } = await tokens.create({ seconds: 60 }, person('vera'));
  told.splice(0);
  const all: readonly Proof[] = [
    { method: 'token', token },
    password(PASSWORD),
    { method: 'certificate', subject: 'vera', fingerprint: 'AA' },
  ];
  for (const proof of all) {
    ways.delete(proof.method);
    assert.equal(await tries(proof), 'HF_LOGIN_REFUSED');
    assert.deepEqual(told.at(-1), {
      ...{ type: 'login', what: 'refused', method: proof.method },
      reason: `[network] does not have this way to log in (${proof.method})`,
      by: { user: 'unknown', channel: 'network', from: '10.0.0.3', port: 51_234, assurance: 'claimed' },
    });
    ways.add(proof.method);
    assert.equal(await tries(proof), 'vera', 'as soon as it is named');
  }
  assert.equal(asked.length, 1, 'PAM is not asked');
  ways.clear();
  for (let count = 0; count < 30; count++) {
    await tries(all[0] as Proof);
  }
  assert.ok(told.length < 20, 'a script that goes on does not fill the history');
});

test('whoever the provider of the configuration names is in, vouched for, as long as a session holds', async () => {
  const { clock, logins, told, tries, ways } = site();
  const proof = { method: 'oidc', issuer: ISSUER, user: 'vera', groups: ['vac'] } as const;
  const { expires, principal } = await logins.login(proof, DESK);
  assert.deepEqual([principal.assurance, principal.user, principal.groups], ['vouched', 'vera', ['vac']]);
  assert.equal(Date.parse(expires), clock.now() + SESSION_MS);
  assert.equal(await tries({ ...proof, issuer: 'https://other.example.org' }), 'HF_LOGIN_REFUSED');
  assert.equal(await tries({ ...proof, user: 'a b' }), 'HF_LOGIN_REFUSED');
  assert.equal(await tries({ method: 'oidc', issuer: ISSUER, fault: 'a used state' }), 'HF_LOGIN_REFUSED');
  ways.delete('oidc');
  assert.equal(await tries(proof), 'HF_LOGIN_REFUSED');
  assert.deepEqual(
    told.map((event) => event.type === 'login' && event.reason),
    [
      'that is not the provider of [network.oidc]',
      'what the provider says is not the name of a user',
      'a used state',
      '[network] does not have this way to log in (oidc)',
    ],
  );
});

test('a token of somebody of the system is over with the account; of anybody else there is none', async () => {
  const { standings, told, tokens, tries } = site();
  standings.set('vera', 'good');
  const mine = await tokens.create({ seconds: 60 }, person('vera'));
  const robot = await tokens.create({ seconds: 60, user: 'night-watch' }, person('vera'));
  const certificate: Proof = { method: 'certificate', subject: 'vera', fingerprint: 'AB' };
  const all = async () => [
    await tries({ method: 'token', token: mine.token }),
    await tries({ method: 'token', token: robot.token }),
    await tries(certificate),
  ];
  assert.deepEqual(await all(), ['vera', 'night-watch', 'vera']);
  standings.set('vera', { ended: 'the account of vera is locked' });
  assert.deepEqual(await all(), ['HF_LOGIN_REFUSED', 'night-watch', 'HF_LOGIN_REFUSED']);
  const refusals = told.flatMap((event) => (event.type === 'login' ? [`${event.by?.user}: ${event.reason}`] : []));
  assert.deepEqual(new Set(refusals), new Set(['vera: the account of vera is locked']));
  standings.delete('vera');
  assert.deepEqual(
    await all(),
    ['HF_LOGIN_REFUSED', 'night-watch', 'vera'],
    'whose certificate it is says its authority',
  );
});

test('somebody who logged in with a password remains as long as the account does', async () => {
  const { asked, standings, tries, ways } = site();
  const remains: Proof = { method: 'password', user: 'vera', remains: true };
  standings.set('vera', 'good');
  assert.equal(await tries(remains), 'vera');
  for (const standing of [{ ended: 'the account of vera has expired' }, 'unknown'] as const) {
    standings.set('vera', standing);
    assert.equal(await tries(remains), 'HF_LOGIN_REFUSED');
  }
  assert.deepEqual(asked, [], 'PAM is asked for no password');
  assert.equal(await tries(password(PASSWORD)), 'vera');
  assert.equal(standings.has('vera'), false, 'what was known of the account is asked again');
  standings.set('vera', 'good');
  ways.delete('password');
  assert.equal(await tries(remains), 'HF_LOGIN_REFUSED');
});
