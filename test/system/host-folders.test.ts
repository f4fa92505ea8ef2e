// A server of root does not work in folders that others can write to.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOLDFAST } from '../harness/host.ts';
import { isRoot, temporaryDirectory } from '../harness/machine.ts';
import { Program } from '../harness/procserv.ts';

const NOBODY = 65_534;

test('a runtime_dir or state_dir of another user is refused by name', {
  skip: isRoot ? false : 'needs root: the folders of others are not to be written to anyway',
}, async (t) => {
  const folder = temporaryDirectory(t);
  chmodSync(folder, 0o755);
  const his = join(folder, 'his');
  mkdirSync(join(his, 'below'), { recursive: true });
  chownSync(his, NOBODY, NOBODY);
  const own = join(folder, 'own');
  const file = join(folder, 'holdfast.toml');
  for (const [key, folders] of [
    ['runtime_dir', { runtime_dir: his, state_dir: own }],
    ['state_dir', { runtime_dir: own, state_dir: join(his, 'below') }],
  ] as const) {
    const lines = Object.entries({ ...folders, log_dir: own }).map(([name, path]) => `${name} = "${path}"\n`);
    writeFileSync(file, `[server]\n${lines.join('')}`);
    const up = new Program(t, HOLDFAST, ['up', '-f', '-c', file]);
    assert.equal((await up.exited).code, 78);
    assert.match(await up.stderr.whole(), new RegExp(`server\\.${key}: others than root may write to ${folders[key]}`));
  }
});
