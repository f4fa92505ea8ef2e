/** Folders of consoles that are missing or unusable keep nothing else down; and processes from them go on. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HostUnderTest } from '../harness/host.ts';
import { temporaryDirectory } from '../harness/machine.ts';

function ioc(folder: string, name: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'st.cmd'), 'exec cat\n');
}

const discover = (name: string, dir: string) => `[discover.${name}]\ndir = "${dir}"\nrun = ["/bin/sh", "{file}"]\n`;

test('a stray folder and one that is not mounted yet: everything else starts, both are named, and consoles that appear are started', async (t) => {
  const folder = temporaryDirectory(t);
  const iocs = join(folder, 'iocs');
  const late = join(folder, 'late');
  ioc(iocs, 'e3-ioc-a');
  ioc(iocs, 'e3-ioc-a (copy)');
  const host = await HostUnderTest.start(
    t,
    `${discover('x', iocs)}${discover('y', late)}[console.gateway]\nrun = ["/bin/cat"]\n`,
  );
  await host.state('gateway', 'running');
  await host.state('a', 'running');
  for (const named of ["'a (copy)' is not a name of a console", `${late}: cannot be read`]) {
    await host.server.stderr.expect(new RegExp(`warning: .*${named.replace(/[()]/g, '\\$&')}`));
    await host.event(`an event for ${named}`, ({ text }) => text.startsWith('left out: ') && text.includes(named));
    assert.ok((await host.command('plan')).stderr.includes(named));
    assert.ok((await host.command('doctor')).stdout.includes(named));
  }
  ioc(late, 'e3-ioc-b');
  await host.state('b', 'running');
  await host.event('that it is taken', ({ text }) => text.includes(`${late} can be read now: its consoles are taken`));
  assert.equal((await host.command('plan')).code, 0);
});

test('a console that a person has changed too is not started with a folder that appears', async (t) => {
  const late = join(temporaryDirectory(t), 'late');
  const host = await HostUnderTest.start(t, discover('y', late));
  host.configure(`${discover('y', late)}[console.other]\nrun = ["/bin/cat"]\n`);
  ioc(late, 'e3-ioc-b');
  await host.event('that it is not taken', ({ text }) => text.includes('not taken, since more has changed'));
  assert.deepEqual(await host.client.list({}), []);
  assert.equal((await host.command('reload')).code, 2);
  await host.state('b', 'running');
});

test('a process goes on while its folder is away: over a reload, and over a restart of the server', async (t) => {
  const folder = temporaryDirectory(t);
  const iocs = join(folder, 'iocs');
  ioc(iocs, 'e3-ioc-a');
  ioc(iocs, 'e3-ioc-held');
  const host = await HostUnderTest.start(t, `${discover('x', iocs)}[console.a]\nlabels = { own = "table" }\n`);
  const { pid } = await host.state('a', 'running');
  assert.equal((await host.command('hold', 'held', '-r', 'painting')).code, 0);
  renameSync(iocs, join(folder, 'away'));
  assert.equal((await host.command('reload')).code, 0);
  assert.deepEqual((await host.client.list({})).map(({ name }) => name).sort(), ['a', 'held']);

  await host.kill();
  await host.up();
  assert.deepEqual(await host.client.list({}), []);
  await host.event('that it is left alone', ({ text }) => text.startsWith('a is not configured, and left alone'));
  renameSync(join(folder, 'away'), iocs);
  assert.equal((await host.state('a', 'running')).pid, pid);
  assert.equal((await host.state('held', 'held')).hold?.reason, 'painting');

  rmSync(join(iocs, 'e3-ioc-a'), { recursive: true });
  rmSync(join(iocs, 'e3-ioc-held'), { recursive: true });
  host.configure(discover('x', iocs));
  assert.equal((await host.command('reload')).code, 2);
  assert.deepEqual(await host.client.list({}), []);
});

test('a large configuration is read while the server answers', async (t) => {
  const host = await HostUnderTest.start(t, '[console.a]\nrun = ["/bin/cat"]\n');
  const consoles = Array.from({ length: 2500 }, (_, n) => `[console.c${n}]\nrun = "x"\nafter = ["d${n}"]\n`);
  host.configure(consoles.join(''));
  let answered = 0;
  let planning = true;
  const plan = host.client.plan().finally(() => {
    planning = false;
  });
  while (planning) {
    await host.client.list({});
    answered++;
  }
  assert.equal((await plan).problems.length, 2500);
  assert.ok(answered > 5, `answered ${answered} times`);
  assert.equal((await host.client.version()).config.changedOnDisk, true);
});
