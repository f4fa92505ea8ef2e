/** A running host with consoles named like properties of every JavaScript object: they are consoles like others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isConsoleName } from '../../src/grammar/holdfast/tables.ts';
import { HostUnderTest } from '../harness/host.ts';

const NAMES = Object.getOwnPropertyNames(Object.prototype).filter(isConsoleName);

test('they run, only those that were put on hold are held, and a hold outlives the server', async (t) => {
  const tables = NAMES.map(
    (name) =>
      `[console.${name}]\nrun = ["/bin/sh", "-c", "env; exec cat"]\nlabels = { ${name} = "here" }\nenv = { ${name} = "there" }\n`,
  );
  const host = await HostUnderTest.start(t, tables.join(''));
  const all = await host.consoles('all to run', (byName) =>
    NAMES.every((name) => byName.get(name)?.state === 'running'),
  );
  for (const name of NAMES) {
    await host.said(name, `${name}=there`);
    assert.deepEqual(all.get(name)?.labels, { [name]: 'here' });
  }
  const [held, ...others] = NAMES as [string, ...string[]];
  assert.equal((await host.command('hold', held, '-r', 'painting')).code, 0);
  await host.kill();
  await host.up();
  await host.consoles('one to be held', (byName) => byName.get(held)?.state === 'held');
  const now = await host.consoles('the others to run', (byName) =>
    others.every((name) => byName.get(name)?.state === 'running'),
  );
  assert.deepEqual(
    others.filter((name) => now.get(name)?.hold !== undefined),
    [],
  );
});
