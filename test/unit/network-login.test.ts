// holdfast login and --host against a real gateway over TLS on loopback; the host behind it is in memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';
import { Logins } from '../../src/access/logins.ts';
import { Tokens } from '../../src/access/tokens.ts';
import { KnownHosts } from '../../src/cli/holdfast/parts/known-hosts.ts';
import { lookAt } from '../../src/client/tls-way.ts';
import * as toml from '../../src/grammar/holdfast/hosts.ts';
import { AccessControl } from '../../src/host/access-control.ts';
import { Door } from '../../src/host/door.ts';
import type { Happening } from '../../src/model/events.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import type { FakeConsole } from '../fakes/fake-console.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { GOOD_ACCOUNTS } from '../fakes/good-accounts.ts';
import { openParts } from '../fakes/open-door.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';
import { type CertificateFiles, certificateIn, contentsOf, expiredIn } from '../harness/certificates.ts';
import { entered } from '../harness/entered.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { networkDoor } from '../harness/network-door.ts';
import { accepted } from '../harness/read-config.ts';
import { runCommand, type Site } from '../harness/run-command.ts';
import { until } from '../harness/until.ts';

const PASSWORD = 'correct-horse';

async function site(t: TestContext) {
  const host = new FakeHost();
  host.add('vac-01');
  host.add('rf-01');
  host.emit({ type: 'server', text: 'is up' });
  const told: Happening[] = [];
  const event = (one: Happening) => void told.push(one);
  const tokens = new Tokens({
    ...{ clock: systemClock, event, accounts: GOOD_ACCOUNTS },
    file: { read: async () => [], write: async () => undefined },
  });
  const shown: string[] = [];
  const logins = new Logins({
    ...{
      clock: systemClock,
      tokens,
      accounts: GOOD_ACCOUNTS,
      event,
      allows: () => true,
      issuer: () => undefined,
      sessionMs: () => 3_600_000,
    },
    password: async (_user, password) => password === PASSWORD,
  });
  const real: typeof logins.login = (proof, place) => {
    shown.push(proof.method);
    return logins.login(proof, place);
  };
  const access = new AccessControl({
    first: accepted('[[access.rule]]\nwho = ["vera", "robot"]\nmay = ["force", "operate", "configure", "admin"]\n')
      .access,
    changed: () => undefined,
    groupsOf: () => [],
    memberships: { has: () => false, learn: async () => undefined },
    ownUid: 0,
    clock: systemClock,
  });
  const door = new Door({ ...openParts(host), access, tokens });
  const { port, settings } = await networkDoor(t, door, {}, systemClock, { login: real });
  const folder = temporaryDirectory(t);
  const path = join(folder, 'holdfast', 'hosts.toml');
  const hosts = new KnownHosts(path, systemClock, toml);
  const name = `127.0.0.1:${port}`;
  const { fingerprint } = await lookAt({ name, host: '127.0.0.1', port });
  const runs = (more: Partial<Site>, ...words: string[]) =>
    runCommand({ client: undefined as never, hosts, ...more }, ...words);
  const logIn = () =>
    runs({ secret: PASSWORD }, 'login', name, '--user', 'vera', '--fingerprint', fingerprint) as Promise<unknown>;
  const known = () => hosts.find(name) as toml.KnownHost;
  return { host, told, tokens, shown, port, settings, folder, path, hosts, name, fingerprint, runs, logIn, known };
}

test('log in with a password, work there as here, log out: then the token is over', async (t) => {
  const { host, tokens, shown, path, hosts, name, fingerprint, runs, known } = await site(t);
  const made = await runs(
    { answer: true, secret: PASSWORD },
    'login',
    name,
    '--user',
    'vera',
    '--may',
    'write,restart',
  );
  assert.equal(made.code, 0, made.err);
  assert.match(made.err, new RegExp(`shows a key that is not known here:\n  ${fingerprint.replace(/[+]/g, '.')}\n`));
  assert.match(made.err, /logged in at 127\.0\.0\.1:\d+ as vera, until 20/);
  assert.equal(made.asked.length, 1);
  assert.deepEqual(shown, ['password'], 'nothing was shown before the answer');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, 'utf8').includes(PASSWORD), false);
  assert.match((await runs({}, 'login')).out, /^HOST .*\n127\.0\.0\.1:\d+ .* vera +11h59m\n$/);
  assert.equal((await runs({}, 'login', '-q')).out, `${name}\n`);

  assert.match((await runs({}, '--host', name, 'ps', '-q')).out, /^rf-01\nvac-01\n$|^vac-01\nrf-01\n$/);
  assert.match((await runs({}, 'ps', '-q', 'vac-*', `--host=${name}`)).out, /^vac-01\n$/);
  assert.match((await runs({ env: { HOLDFAST_HOST: name } }, 'ps', '-q', 'vac')).out, /^vac-01\n$/);
  assert.equal((await runs({}, 'restart', `${name}/vac-01`)).code, 0);
  const { by } = host.calls.at(-1) as (typeof host.calls)[0];
  assert.deepEqual(
    { ...by, port: 0 },
    { user: 'vera', channel: 'network', from: '127.0.0.1', port: 0, assurance: 'token', bound: ['write', 'restart'] },
  );
  const refused = await runs({}, '--host', name, 'down', '-y');
  assert.deepEqual([refused.code, /down at 127.*only write, restart/.test(refused.err)], [77, true], refused.err);
  const interrupt = new AbortController();
  const watched = (text: string) => text.includes('vac-01') && interrupt.abort();
  assert.equal(
    (await runs({ interrupted: interrupt.signal, shown: watched }, '--host', name, 'ps', '--watch')).code,
    0,
  );
  const session = await entered(hosts.client(name), 'vac-01', { from: { lines: 10 }, mode: 'write' });
  session.leave();

  const { id, token } = known();
  const out = await runs({}, 'logout', name);
  assert.deepEqual([out.code, out.err], [0, `logged out at ${name}\n`]);
  assert.deepEqual(await tokens.list(), []);
  assert.equal(await tokens.check(token), 'unknown');
  assert.ok(id);
  const gone = await runs({}, '--host', name, 'ps');
  assert.deepEqual([gone.code, /not logged in at '127.*holdfast login 127/.test(gone.err)], [77, true], gone.err);
});

test('a token that was made elsewhere, and what is sent with it; one that is over, or of another host, says how to go on', async (t) => {
  const { host, tokens, name, fingerprint, runs, hosts, known } = await site(t);
  const { token, id } = await tokens.create({ seconds: 3600 }, person('robot'));
  const words = ['login', name, '--token', '--fingerprint', fingerprint];
  assert.equal((await runs({ secret: `${token}\n` }, ...words)).code, 0);
  assert.match((await runs({}, '--host', name, 'ps', '-q')).out, /vac-01/);
  const console = host.consoles.get('vac-01') as FakeConsole;
  const sent = runs({}, '--host', name, 'send', 'vac-01', 'dbl', '--for', '0.5s');
  await until('the line', () => console.input === 'dbl\r');
  console.say('dbl\r\nvac:Pressure\r\n');
  assert.deepEqual(await sent, { code: 0, out: 'vac:Pressure\n', err: '', asked: [] });
  await host.hold('rf-01', 'rack open', undefined, person('ada'));
  const held = await runs({}, 'send', `${name}/rf-01`, 'dbl');
  assert.deepEqual(
    [held.code, held.err],
    [
      75,
      `holdfast send: rf-01: it is held by ada: rack open\nholdfast send: 'holdfast release ${name}/rf-01' ends the hold\n`,
    ],
  );
  const wrong = await runs({ secret: `hft_${'A'.repeat(43)}` }, ...words);
  assert.deepEqual([wrong.code, wrong.err.includes('AAAA')], [77, false]);
  assert.equal(known().token, token, 'what is there stays');
  assert.match((await runs({ secret: 'hunter2' }, ...words)).err, /that is not a token: it begins with hft_\n$/);
  await tokens.revoke(id, person('root'));
  await hosts.keep({ ...known(), token: `hft_${'B'.repeat(43)}` });
  const over = await runs({}, '--host', name, 'ps');
  assert.equal(over.code, 77);
  assert.match(
    over.err,
    /ps at 127.*: there is no such token, or it was revoked: 'holdfast login 127\S+' logs in again\n$/,
  );
  const kept = await runs({}, 'logout', name);
  assert.match(kept.err, /its token was made elsewhere, and stays valid/);
});

test('a wrong password is refused, and nothing is kept; scripts give the fingerprint', async (t) => {
  const { told, shown, name, fingerprint, runs, hosts } = await site(t);
  const blind = await runs({ secret: PASSWORD }, 'login', name, '-u', 'vera');
  assert.deepEqual([blind.code, blind.err.includes(fingerprint)], [64, true]);
  assert.deepEqual((await runs({ answer: false, secret: PASSWORD }, 'login', name, '-u', 'vera')).code, 64);
  const other = await runs({ secret: PASSWORD }, 'login', name, '-u', 'vera', '--fingerprint', 'SHA256:AAAA');
  assert.deepEqual([other.code, /the key of .* is SHA256:\S+, not SHA256:AAAA/.test(other.err)], [77, true], other.err);
  assert.deepEqual(shown, [], 'no password was sent');
  const wrong = await runs({ secret: 'hunter2' }, 'login', name, '-u', 'vera', '--fingerprint', fingerprint);
  assert.deepEqual([wrong.code, wrong.err], [77, 'holdfast: login: user or password is wrong\n']);
  assert.equal((await runs({ secret: '' }, 'login', name, '-u', 'vera', '--fingerprint', fingerprint)).code, 64);
  assert.deepEqual(hosts.list(), []);
  assert.equal(JSON.stringify(told).includes('hunter2'), false);
});

test('a key that has changed is told loudly, before anything is sent', async (t) => {
  const { shown, name, runs, hosts, logIn, known } = await site(t);
  await logIn();
  shown.splice(0);
  await hosts.keep({ ...known(), key: `SHA256:${'A'.repeat(43)}` });
  for (const words of [
    ['--host', name, 'ps'],
    ['--host', name, 'ps', '--watch'],
    ['login', name, '-u', 'vera'],
  ]) {
    const { code, err } = await runs({ secret: PASSWORD, answer: true }, ...words);
    assert.deepEqual([code, /THE KEY OF 127.* HAS CHANGED.*Known: SHA256:AAA.*logout/.test(err)], [77, true], err);
  }
  assert.deepEqual(shown, []);
  assert.equal((await runs({}, 'logout', name)).code, 0, 'it can be forgotten');
  await logIn();
  assert.equal((await runs({}, '--host', name, 'ps')).code, 0);
});

test('an authority: the right one, a wrong one, one that is gone', async (t) => {
  const { shown, settings, folder, name, runs } = await site(t);
  const right = join(folder, 'ca.pem');
  writeFileSync(right, settings.certificate);
  const login = (ca: string) => runs({ secret: PASSWORD }, 'login', name, '-u', 'vera', '--ca', ca);
  const wrong = await login(certificateIn(folder, 'other').certificate);
  assert.deepEqual([wrong.code, /is not of the authority in .*other\.pem/.test(wrong.err)], [77, true], wrong.err);
  const none = await login(join(folder, 'none.pem'));
  assert.deepEqual([none.code, /none\.pem, which cannot be read/.test(none.err)], [77, true], none.err);
  assert.deepEqual(shown, []);
  assert.equal((await login(right)).code, 0);
  assert.equal((await runs({}, '--host', name, 'ps')).code, 0);
});

/** A TLS server that is not a gateway. */
async function stranger(t: TestContext, options: TlsOptions): Promise<number> {
  const server = createServer(options, () => assert.fail('something was sent'));
  server.removeAllListeners('secureConnection');
  let heard = 0;
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => heard++);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => {
    server.close();
    assert.equal(heard, 0, 'something was sent to it');
  });
  return (server.address() as { port: number }).port;
}

const keyAndCert = (files: CertificateFiles) => {
  const { certificate, key } = contentsOf(files);
  return { cert: certificate, key };
};

test('a certificate that has expired, and TLS 1.2, are refused before anything is sent', async (t) => {
  const { folder, hosts, runs } = await site(t);
  const expired = expiredIn(folder);
  const port = await stranger(t, keyAndCert(expired));
  const { fingerprint } = await lookAt({ name: 'x', host: '127.0.0.1', port });
  const name = `127.0.0.1:${port}`;
  for (const how of [
    ['--fingerprint', fingerprint],
    ['--ca', expired.certificate],
  ]) {
    const { code, err } = await runs({ secret: PASSWORD }, 'login', name, '-u', 'vera', ...how);
    assert.deepEqual([code, /the certificate of 127.* has expired/.test(err)], [77, true], err);
  }
  const old = await stranger(t, { ...keyAndCert(certificateIn(folder, 'old')), maxVersion: 'TLSv1.2' });
  const { code, err } = await runs({ answer: true, secret: PASSWORD }, 'login', `127.0.0.1:${old}`, '-u', 'vera');
  assert.deepEqual([code, /does not speak TLS 1\.3/.test(err)], [77, true], err);
  assert.deepEqual(hosts.list(), []);
});

test('no server, no host of that name, a word that is no host', async (t) => {
  const { hosts, runs } = await site(t);
  const there = { host: '127.0.0.1', port: 1, key: 'SHA256:x', token: 'hft_x' };
  await hosts.keep({ ...there, name: 'gone' });
  await hosts.keep({ ...there, name: 'lost', host: 'nobody.invalid' });
  const gone = await runs({}, '--host', 'gone', 'ps');
  assert.deepEqual([gone.code, /ps at gone: nothing listens at 127\.0\.0\.1:1/.test(gone.err)], [69, true], gone.err);
  const lost = await runs({}, '--host', 'lost', 'ps');
  assert.deepEqual([lost.code, /there is no host nobody\.invalid/.test(lost.err)], [69, true], lost.err);
  for (const word of ['a/b', 'a:0', 'a:99999', '', 'a b', '[::1', 'a:b:c']) {
    assert.equal((await runs({}, 'login', word)).code, 64, word);
  }
});

test('what is about this machine says so; one host at a time', async (t) => {
  const { hosts, name, runs, logIn } = await site(t);
  await logIn();
  for (const words of [['up'], ['systemd', 'units'], ['login'], ['completion', 'bash'], ['import', 'procserv']]) {
    const { code, err } = await runs({}, '--host', name, ...words);
    assert.deepEqual([code, err.includes('this is about this machine')], [64, true], err);
  }
  await hosts.keep({ ...(hosts.find(name) as toml.KnownHost), name: 'other' });
  assert.equal((await runs({}, 'stop', `${name}/vac-01`, 'other/vac-01')).code, 64);
  assert.equal((await runs({}, 'stop', `${name}/vac-01`, 'vac-02')).code, 64);
  assert.equal((await runs({}, '--host', name, 'ps', '--socket', '/x')).code, 64);
  const doctor = await runs({}, '--host', name, 'doctor');
  assert.match(
    doctor.out,
    /the machine: users, control socket.* cannot be seen from here: run 'holdfast doctor' there/,
  );
});

test('hosts.toml: others may not read it; a damaged one is not quoted; two at a time lose nothing', async (t) => {
  const { folder, path, hosts, runs, logIn } = await site(t);
  await logIn();
  chmodSync(path, 0o640);
  const open = await runs({}, 'login');
  assert.deepEqual([open.code, /chmod 600/.test(open.err)], [64, true]);
  chmodSync(path, 0o600);
  const whole = readFileSync(path, 'utf8');
  for (const damaged of [whole.replace('hft_', 'hft_\n'), whole.replace(/^host = .*$/m, '')]) {
    writeFileSync(path, damaged);
    const { code, err } = await runs({}, 'login');
    assert.deepEqual([code, /hosts\.toml: .*remove it/.test(err), /hft|token =/.test(err)], [64, true, false], err);
  }
  writeFileSync(path, whole);
  const fresh = new KnownHosts(join(folder, 'b', 'hosts.toml'), systemClock, toml);
  const host = { ...{ host: 'x', port: 1, key: 'SHA256:x', token: 'hft_x' } };
  await Promise.all(['a', 'b', 'c.example', 'd.example'].map((name) => fresh.keep({ ...host, name })));
  assert.deepEqual(
    fresh.list().map(({ name }) => name),
    ['a', 'b', 'c.example', 'd.example'],
  );
  assert.equal(fresh.find('c')?.name, 'c.example');
  assert.equal(hosts.find('c'), undefined);
  await fresh.keep({ ...host, name: 'six', host: '2001:db8::7', port: 7633 });
  await fresh.keep({ ...host, name: 'ioc1.example', host: 'ioc1.example', port: 7633 });
  assert.equal(fresh.find('ioc1.example:7633')?.name, 'ioc1.example', 'as it was given to login');
  assert.equal(fresh.find('[2001:db8::7]:7633')?.name, 'six');
  assert.equal(fresh.find('ioc1.example:7634'), undefined);
});
