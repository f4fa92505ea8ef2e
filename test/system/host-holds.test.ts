// Holds across restarts of the machine: with damaged files, a full disk, wrong clocks, missing consoles.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HoldsFile } from '../../src/host/holds-file.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { HostUnderTest } from '../harness/host.ts';
import { isAlive } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const THREE = ['held', 'runs', 'stopped'].map((name) => `[console.${name}]\nrun = ["/bin/cat"]\n`).join('');

/** As after a power cut: neither server nor holder is there, and only their files are left. */
async function reboot(host: HostUnderTest, meanwhile: () => unknown = () => undefined): Promise<void> {
  const holder = await host.holder();
  await host.kill();
  process.kill(holder, 'SIGKILL');
  await until('the holder to be gone', () => !isAlive(holder));
  rmSync(host.runtimeDir, { recursive: true });
  await meanwhile();
  await host.up();
}

const states = async (host: HostUnderTest) =>
  Object.fromEntries((await host.client.list({})).map(({ name, state }) => [name, state]));

test('with one of its files damaged exactly the held consoles are still held', async (t) => {
  const host = await HostUnderTest.start(t, THREE);
  await host.state('runs', 'running');
  assert.equal((await host.command('hold', 'held', '-r', 'rack open')).code, 0);
  for (const name of ['holds.json', 'holds.json.copy']) {
    await reboot(host, () => writeFileSync(join(host.stateDir, name), '{"version": 3, "sum": "x", "hol'));
    assert.equal((await host.state('held', 'held')).hold?.reason, 'rack open');
    await host.state('runs', 'running');
    assert.ok(existsSync(join(host.stateDir, `${name}.bad`)));
    // Intact again for the next round.
    assert.equal((await host.command('hold', 'held', '-r', 'rack open')).code, 0);
  }
});

test('with both damaged everything is held until a person releases it; a server that restarts stops nothing', async (t) => {
  const host = await HostUnderTest.start(t, THREE);
  await host.client.hold('held', 'rack open', undefined);
  await host.state('held', 'held');
  await host.state('runs', 'running');
  const damage = () => {
    for (const name of ['holds.json', 'holds.json.copy']) {
      writeFileSync(join(host.stateDir, name), '\0\0\0');
    }
  };
  // The holder knows the holds.
  const before = await host.pids();
  await host.kill();
  damage();
  await host.up();
  assert.match((await host.state('held', 'held')).hold?.reason ?? '', /it may have been held/);
  assert.equal((await host.command('start', 'held')).code, 75);
  assert.deepEqual(await host.pids(), before);

  await reboot(host, damage);
  await host.consoles('all held', (all) => [...all.values()].every(({ state }) => state === 'held'));
  assert.match((await host.command('why', 'runs')).stdout, /it may have been held/);
  assert.match(host.server.stderr.text, /holds\.json cannot be read: .*; it is kept as holds\.json\.bad/);
  await host.client.release('runs');
  await host.state('runs', 'running');
  await reboot(host);
  await host.state('runs', 'running');
  assert.deepEqual(await states(host), { held: 'held', runs: 'running', stopped: 'held' });
});

test('a hold that cannot be saved still holds, and the exit status says that it is not saved', async (t) => {
  const host = await HostUnderTest.start(t, THREE);
  await host.state('held', 'running');
  const obstacle = join(host.stateDir, 'holds.json.copy.tmp');
  mkdirSync(obstacle);
  const refused = await host.command('hold', 'held', '-r', 'rack open');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /held is held now, but that does not outlive a restart of the machine: EISDIR/);
  await host.state('held', 'held');
  const release = await host.command('release', 'held');
  assert.equal(release.code, 1);
  assert.match(release.stderr, /held is released now, but that does not outlive/);
  await host.state('held', 'running');
  rmSync(obstacle, { recursive: true });
  assert.equal((await host.command('hold', 'held', '-r', 'rack open')).code, 0);
  await host.event('that they are kept', ({ text }) => text.includes('are kept over a restart of the machine again'));
  await reboot(host);
  await host.state('held', 'held');
});

test('an end that passed while the machine was off waits until the clock is trusted', async (t) => {
  const host = await HostUnderTest.start(t, THREE);
  await host.state('held', 'running');
  await reboot(host, async () => {
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const hold = { reason: 'rack open', by: 'anna', since, until: new Date(Date.now() - 1000).toISOString() };
    const before = new HoldsFile(host.stateDir, systemClock, assert.fail, { id: 'the one before', uptime: () => 0 });
    await before.write(new Map([['held', hold]]));
  });
  await host.event(
    'the doubt',
    ({ console, text }) => console === 'held' && text.includes('by the clock its hold ended'),
  );
  assert.equal((await states(host)).held, 'held');
});

test('an end that passed between two servers of one boot counts', async (t) => {
  const host = await HostUnderTest.start(t, THREE);
  await host.state('held', 'running');
  const end = Date.now() + 300;
  await host.client.hold('held', 'rack open', end);
  await reboot(host, () => until('the end of the hold', () => Date.now() > end));
  await host.state('held', 'running');
});

test('a console that was not configured for a while is held when it comes back', async (t) => {
  const host = await HostUnderTest.start(t, THREE);
  await host.client.hold('held', 'rack open', undefined);
  const without = '[console.runs]\nrun = ["/bin/cat"]\n';
  host.configure(without);
  await host.client.apply();
  host.configure(THREE);
  await host.client.apply();
  await host.state('held', 'held');
  await reboot(host, () => host.configure(without));
  await host.client.hold('runs', 'x', undefined);
  await host.client.release('runs');
  await reboot(host, () => host.configure(THREE));
  assert.equal((await host.state('held', 'held')).hold?.reason, 'rack open');
  await host.state('runs', 'running');
});
