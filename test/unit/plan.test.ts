import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import { comparePlan, serverChanges, serverInForce } from '../../src/host/plan.ts';
import { planDifferences } from '../../src/host/plan-differences.ts';
import type { HostConfig } from '../../src/model/config.ts';

function config(...texts: readonly string[]): HostConfig {
  const tables = new ConfigTables(texts.map((text, index) => ({ file: `/etc/${index}.toml`, text })));
  const directories = { runtimeDir: '/run/h', stateDir: '/var/lib/h' };
  const { config: read, problems } = holdfastToml({ tables, directories, found: new Map() });
  assert.deepEqual(problems, undefined);
  return read as HostConfig;
}

const table = (name: string, ...lines: readonly string[]) => [`[console.${name}]`, ...lines, ''].join('\n');
const RUN = 'run = ["sleep", "1"]';

test('equal configurations give no steps, whatever the order of files, consoles, keys and sets', () => {
  const a = table('a', RUN, 'env = { X = "1", Y = "2" }', 'groups = ["p", "q"]', 'history = 3');
  const a2 = table('a', 'history = 3', 'groups = ["q", "p"]', 'env = { Y = "2", X = "1" }', RUN);
  const one = '{ at = "2", may = ["read"] }';
  const other = '{ at = "3", may = [] }';
  const b = table('b', 'unix = "/s"', `endpoints = ["1", ${one}, "unix:x", ${other}]`, 'after = ["a"]');
  const b2 = table('b', 'after = ["a"]', `endpoints = [${other}, "unix:x", "1", ${one}]`, 'unix = "/s"');
  assert.deepEqual(comparePlan(config(a, b), config(b2, `\n\n${a2}`)), []);
});

/** Each key of a console with `run`: a line, and whether the process must be restarted for it. */
const KEYS: readonly (readonly [key: string, line: string, effect: 'live' | 'restart'])[] = [
  ['user', 'user = "u"', 'restart'],
  ['group', 'group = "g"', 'restart'],
  ['chdir', 'chdir = "/tmp"', 'restart'],
  ['env', 'env.X = "y"', 'restart'],
  ['env_file', 'env_file = "/e"', 'restart'],
  ['umask', 'umask = "022"', 'restart'],
  ['limits', 'limits.core = 0', 'restart'],
  ['quota', 'quota.memory = "64M"', 'restart'],
  ['restart', 'restart.holdoff = 1', 'live'],
  ['start', 'start = false', 'live'],
  ['stop', 'stop = [{ signal = "INT" }]', 'live'],
  ['ready', 'ready.port = 5', 'live'],
  ['after', 'after = ["z"]', 'live'],
  ['log', 'log.keep = 2', 'live'],
  ['history', 'history = 9', 'live'],
  ['ignore', 'ignore = "^D"', 'live'],
  ['keys', 'keys.kill = ""', 'live'],
  ['endpoints', 'endpoints = ["7"]', 'live'],
  ['endpoints', 'endpoints = [{ at = "7", may = [] }]', 'live'],
  ['groups', 'groups = ["g"]', 'live'],
  ['description', 'description = "d"', 'live'],
  ['labels', 'labels.a = "b"', 'live'],
];

for (const [key, line, effect] of KEYS) {
  test(`change of ${key}: ${effect}`, () => {
    const plain = config(table('a', RUN), table('z', RUN));
    const changed = config(table('a', RUN, line), table('z', RUN));
    const step = { action: 'change', console: 'a', keys: [key], effect };
    assert.deepEqual(comparePlan(plain, changed), [step]);
    assert.deepEqual(comparePlan(changed, plain), [step]);
  });
}

test('a change of the command, and of several keys', () => {
  const steps = comparePlan(
    config(table('a', RUN)),
    config(table('a', 'run = ["sleep", "2"]', 'history = 3', 'log = false')),
  );
  assert.deepEqual(steps, [{ action: 'change', console: 'a', keys: ['run', 'log', 'history'], effect: 'restart' }]);
});

test('another kind of source, or a link to another place, is another console', () => {
  const tcp = config(table('a', 'tcp = "h:1"'));
  const replaced = [
    { action: 'remove', console: 'a' },
    { action: 'add', console: 'a' },
  ];
  assert.deepEqual(comparePlan(tcp, config(table('a', 'telnet = "h:1"'))), replaced);
  assert.deepEqual(comparePlan(tcp, config(table('a', 'tcp = "h:2"'))), replaced);
  assert.deepEqual(comparePlan(tcp, config(table('a', RUN))), replaced);
});

test('keys of the server that differ', () => {
  const { server } = config('');
  const wanted = config('[server]\nlog_dir = "/x"\nstart_at_once = 3\nlog_delay = "1s"').server;
  assert.deepEqual(serverChanges(server, wanted), [
    { key: 'log_dir', effect: 'server' },
    { key: 'start_at_once', effect: 'live' },
    { key: 'log_delay', effect: 'server' },
  ]);
  // Applied changes are in force, the rest is reported until the restart.
  assert.deepEqual(serverChanges(serverInForce(server, wanted), wanted), [
    { key: 'log_dir', effect: 'server' },
    { key: 'log_delay', effect: 'server' },
  ]);
  assert.deepEqual(serverChanges(server, config('[server]').server), []);
});

test('applying a plan leads to the new configuration: every console that differs has a step', () => {
  const some = fc.uniqueArray(
    fc.tuple(
      fc.constantFrom<string>('a', 'b', 'c', 'd'),
      fc.constantFrom(RUN, 'unix = "/s"'),
      fc.integer({ min: 0, max: 1 }),
    ),
    { selector: ([name]) => name },
  );
  fc.assert(
    fc.property(some, some, (before, after) => {
      const write = (consoles: typeof before) =>
        config(...consoles.map(([name, source, history]) => table(name, source, `history = ${history}`)));
      const running = new Map(before.map((one) => [one[0], one]));
      for (const step of comparePlan(write(before), write(after))) {
        if (step.action === 'remove') {
          assert.ok(running.delete(step.console));
        } else {
          assert.equal(running.has(step.console), step.action === 'change');
          running.set(step.console, after.find(([name]) => name === step.console) as (typeof after)[number]);
        }
      }
      assert.deepEqual([...running.values()].sort(), after.toSorted());
    }),
  );
});

test('where changes may be resets, no console is replaced, and nothing waits for the next start', () => {
  const before = config(table('a', RUN), table('b', 'unix = "/s"'), table('c', RUN));
  const after = config(table('a', RUN, 'user = "u"'), table('b', 'unix = "/t"'), table('d', RUN));
  const live = (console: string, key: string) => ({ action: 'change', console, keys: [key], effect: 'live' });
  assert.deepEqual(
    comparePlan(before, after, () => true),
    [{ action: 'remove', console: 'c' }, live('a', 'user'), live('b', 'unix'), { action: 'add', console: 'd' }],
  );
});

test('the values behind the keys that differ are told, but for secrets', () => {
  const before = config(table('a', RUN, 'history = 3', 'env = { X = "1", DB_PASSWORD = "old", Z = "same" }'));
  const after = config(table('a', RUN, 'log = { size = "5M" }', 'env = { X = "2", DB_PASSWORD = "new", Z = "same" }'));
  const steps = comparePlan(before, after);
  const differences = planDifferences(before, after, steps).map(({ place, ...rest }) => ({
    ...rest,
    line: place?.line,
  }));
  const byPath = new Map(differences.map((each) => [each.path.join('.'), each]));
  assert.deepEqual(byPath.get('env.X'), { console: 'a', path: ['env', 'X'], from: '1', to: '2', line: 4 });
  const secret = {
    console: 'a',
    path: ['env', 'DB_PASSWORD'],
    from: '(hidden)',
    to: '(hidden)',
    hidden: true,
    line: 4,
  };
  assert.deepEqual(byPath.get('env.DB_PASSWORD'), secret);
  assert.deepEqual(
    { ...byPath.get('history'), to: 'the default' },
    {
      ...{ console: 'a', path: ['history'], from: 3, to: 'the default', line: undefined },
    },
  );
  assert.equal(byPath.get('log.size')?.to, '5M');
  assert.equal(byPath.has('env.Z'), false);
  assert.deepEqual(planDifferences(before, after, []), []);
  assert.deepEqual(planDifferences(before, before, comparePlan(before, before)), []);
});
