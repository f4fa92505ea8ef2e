import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigOnDisk, wholeConfig } from '../../src/config/config-on-disk.ts';
import type { LoadedConfig } from '../../src/config/load-config.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { configOf } from '../fakes/host-in-memory.ts';

const WARNING = { file: 'h.toml', line: 3, column: 1, key: 'discover.x', message: 'cannot be read' };

function world() {
  const clock = new FakeClock();
  const told: string[] = [];
  const disk = { digest: 'A', seen: 0 };
  const reader = {
    load: () => Promise.reject(new Error('not read')),
    digest: async () => disk.digest,
    changed: () => void disk.seen++,
  };
  const files = new ConfigOnDisk(reader, clock, (text) => void told.push(text));
  const loaded = (digest: string, warnings: LoadedConfig['warnings'] = []): LoadedConfig => ({
    ...{ config: configOf({}), problems: [], warnings, digest, folders: [] },
  });
  const settled = async () => {
    clock.advance(499);
    assert.deepEqual(told, []);
    clock.advance(1);
    await new Promise(setImmediate);
    return told.splice(0);
  };
  return { disk, files, loaded, settled, told };
}

test('a change on disk is reported when it has settled, once for each state of the files', async () => {
  const { disk, files, loaded, settled } = world();
  files.applied(loaded('A'));
  files.noticed();
  assert.deepEqual(await settled(), [], 'nothing differs');
  disk.digest = 'B';
  files.noticed();
  files.noticed();
  assert.deepEqual(await settled(), ['the configuration files have changed, not applied: see holdfast plan']);
  files.noticed();
  assert.deepEqual(await settled(), []);
  assert.equal(disk.seen, 4);
});

test('files that were applied in part are not in force: they still differ from disk', async () => {
  const { disk, files, loaded } = world();
  files.applied(loaded('A'));
  disk.digest = 'B';
  files.applied(loaded('B'), false);
  assert.equal(await files.changedOnDisk(), true);
  files.applied(loaded('B'));
  assert.equal(await files.changedOnDisk(), false);
});

test('omissions are reported when they appear, and again after another configuration', () => {
  const { files, loaded, told } = world();
  files.applied(loaded('A', [WARNING]));
  files.applied(loaded('B', [WARNING]));
  assert.deepEqual(told.splice(0), ['left out: h.toml:3:1: discover.x: cannot be read']);
  files.tellOnce('x');
  files.tellOnce('x');
  files.applied(loaded('C'));
  files.tellOnce('x');
  assert.deepEqual(told, ['x', 'x']);
});

test('a server starts with the whole configuration, or reports all that is wrong with it', () => {
  const { loaded } = world();
  assert.equal(wholeConfig(loaded('A')).consoles.length, 0);
  const problems = [WARNING, { file: 'h.toml', line: 9, key: '', message: 'not TOML' }];
  assert.throws(() => wholeConfig({ problems, warnings: [], digest: '', folders: [] }), {
    code: 'HF_BAD_CONFIG',
    message: /nothing was started:\nh.toml:3:1: discover.x: cannot be read\nh.toml:9: not TOML$/,
  });
});
