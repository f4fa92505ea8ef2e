// Logins of browsers, as the server keeps them for the next gateway.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrowserSessions } from '../../src/listeners/network/browser-sessions.ts';
import type { KeptSession } from '../../src/model/gateway-protocol.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const HOUR_MS = 3_600_000;
const keyOf = (letter: string) => `${letter.repeat(43)}=`;

function site(t: Parameters<typeof temporaryDirectory>[0]) {
  const clock = new FakeClock();
  const path = join(temporaryDirectory(t), 'browser-sessions.json');
  const notes: string[] = [];
  const again = async (): Promise<BrowserSessions> => {
    const sessions = new BrowserSessions({ clock, path, note: (text) => notes.push(text) });
    await sessions.load();
    return sessions;
  };
  const session = (letter: string, hours = 12): KeptSession => ({
    key: keyOf(letter),
    login: {
      principal: { user: 'vera', channel: 'network', from: '10.0.0.3', assurance: 'password' },
      expires: new Date(clock.now() + hours * HOUR_MS).toISOString(),
    },
    proof: { method: 'password', user: 'vera', password: '' },
  });
  const written = (letters: string) =>
    until(`${letters} in the file`, () => {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      // A wait for the disk would count as too long once the clock moves on.
      return (
        clock.pending === 0 && ['a', 'b', 'c'].every((each) => text.includes(keyOf(each)) === letters.includes(each))
      );
    });
  return { again, clock, notes, path, session, written };
}

test('they outlive a server, until they end or expire, in a file of its user alone', async (t) => {
  const { again, clock, notes, path, session, written } = site(t);
  const first = await again();
  assert.deepEqual(first.all(), []);
  for (const [letter, hours] of [
    ['a', 12],
    ['b', 12],
    ['c', 1],
  ] as const) {
    first.opened(session(letter, hours));
  }
  first.ended(keyOf('a'));
  await written('bc');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const keys = async () => (await again()).all().map(({ key }) => key);
  assert.deepEqual(await keys(), [keyOf('b'), keyOf('c')]);
  clock.advance(HOUR_MS);
  assert.deepEqual(await keys(), [keyOf('b')]);
  assert.deepEqual(
    first.all().map(({ key }) => key),
    [keyOf('b')],
  );
  assert.deepEqual(notes, []);
});

test('what a gateway that was broken into might send is not kept', async (t) => {
  const { again, session, written } = site(t);
  const sessions = await again();
  const good = session('a');
  for (const bad of [
    undefined,
    { ...good, key: 'x' },
    { ...good, login: { ...good.login, expires: 'never' } },
    { ...good, login: { ...good.login, principal: { ...good.login.principal, channel: 'api' } } },
    { ...good, proof: { method: 'oidc', issuer: 'x', user: 'x', groups: ['x'.repeat(20_000)] } },
  ]) {
    sessions.opened(bad as KeptSession);
  }
  assert.deepEqual(sessions.all(), []);
  sessions.opened(good);
  await written('a');
});

test('a file that is damaged is told, and costs a login', async (t) => {
  const { again, notes, path } = site(t);
  writeFileSync(path, '{"sessions":[{}]}');
  assert.deepEqual((await again()).all(), []);
  assert.match(notes.join(), /browsers have to log in anew: .* is damaged; a copy is/);
});
