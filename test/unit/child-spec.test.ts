import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigTables } from '../../src/grammar/config-tables.ts';
import { holdfastToml } from '../../src/grammar/holdfast-toml.ts';
import { LocalHost } from '../../src/holder/local-host.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { RESOURCE_LIMITS } from '../../src/model/resource-limits.ts';
import { SIGNALS, signalName, signalNumber } from '../../src/model/signals.ts';
import { childSpec } from '../../src/platform/child-spec.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { parseEnvFile } from '../../src/platform/env-file.ts';
import { native } from '../../src/platform/native.ts';

function spec(lines: string) {
  const tables = new ConfigTables([{ file: '/etc/h.toml', text: `[console.vac]\n${lines}\n` }]);
  const directories = { runtimeDir: '/run/h', stateDir: '/var/lib/h' };
  const { config, problems } = holdfastToml({ tables, directories, found: new Map() });
  assert.deepEqual(problems, undefined);
  return childSpec((config as NonNullable<typeof config>).consoles[0] as never);
}

function variables(lines: string): Record<string, string> {
  return Object.fromEntries((spec(lines).env ?? []).map((text) => text.split(/=(.*)/s).slice(0, 2)));
}

const RUN = 'run = ["true", "{name}"]\n';
const isRoot = process.geteuid?.() === 0;
const rootOnly = { skip: isRoot ? false : 'only root may change users' };

test('command, directory, mask, limits', () => {
  const { env, stop, ...rest } = spec(
    `${RUN}chdir = "/tmp"\numask = "027"\nlimits = { core = "unlimited", nofile = "1k:2k" }`,
  );
  assert.ok(env);
  assert.deepEqual(rest, {
    file: 'true',
    argv: ['true', 'vac'],
    cwd: '/tmp',
    umask: 0o27,
    limits: { core: { soft: -1, hard: -1 }, nofile: { soft: 1024, hard: 2048 } },
  });
  assert.deepEqual(stop, { steps: [{ signal: 15 }, { wait: 10_000 }, { signal: 9 }], before: [] });
});

test('the environment: a few of ours, the name, then files, then env', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-env-'));
  writeFileSync(join(folder, 'a'), 'A=file\nB=file\n');
  process.env.HOLDFAST_TEST_SECRET = 'x';
  try {
    const env = variables(`${RUN}env_file = ["${folder}/a", "-${folder}/none"]\nenv = { B = "{name} a=b" }`);
    assert.equal(env.PATH, process.env.PATH);
    assert.equal(env.HOME, process.env.HOME);
    assert.deepEqual([env.A, env.B], ['file', 'vac a=b']);
    assert.deepEqual([env.IOCNAME, env.HOLDFAST_CONSOLE], ['vac', 'vac']);
    assert.equal(env.HOLDFAST_TEST_SECRET, undefined);
    assert.throws(() => spec(`${RUN}env_file = "${folder}/none"`), /console 'vac': environment file .*none: ENOENT/);
  } finally {
    delete process.env.HOLDFAST_TEST_SECRET;
    rmSync(folder, { recursive: true });
  }
});

test('another user: his ids, all his groups, his account in the environment', rootOnly, () => {
  const lines = `${RUN}user = "daemon"`;
  const user = native.userByName('daemon');
  assert.ok(user);
  const { uid, gid, groups } = spec(lines);
  assert.deepEqual({ uid, gid, groups }, { uid: user.uid, gid: user.gid, groups: native.groupsOf('daemon', user.gid) });
  const env = variables(lines);
  assert.deepEqual([env.USER, env.LOGNAME, env.HOME, env.SHELL], ['daemon', 'daemon', user.home, user.shell]);
});

test('another group', rootOnly, () => {
  const gid = native.groupByName('daemon') as number;
  assert.deepEqual(spec(`${RUN}group = "daemon"`).gid, gid);
  const both = spec(`${RUN}user = "nobody"\ngroup = "daemon"`);
  assert.equal(both.gid, gid);
  assert.ok(both.groups?.includes(gid));
});

test('our own user may be named by everybody', () => {
  const { username, uid } = userInfo();
  assert.equal(spec(`${RUN}user = "${username}"`).uid, isRoot ? uid : undefined);
});

test('users and groups that are not there', () => {
  assert.throws(() => spec(`${RUN}user = "no-such-user"`), /^Error: console 'vac': unknown user 'no-such-user'/);
  assert.throws(() => spec(`${RUN}group = "no-such-group"`), /^Error: console 'vac': unknown group 'no-such-group'/);
});

test('a console without a process', () => {
  assert.throws(() => spec('unix = "/s"'), /console 'vac' has no process: its source is unix/);
});

test('environment files', () => {
  const text = [
    '# comment',
    '; comment',
    '',
    ' A=1 ',
    'export B="two words"',
    'C=\'$HOME "x"\'',
    'D=a\\ b"c d"\'e\'',
    'E=',
    'F=one \\',
    '  two',
    'G="say \\"hi\\" \\$x \\n"',
    'H=a=b',
    'I=ends with \\\\',
    '',
  ].join('\r\n');
  assert.deepEqual(parseEnvFile(text, '/e'), [
    ['A', '1'],
    ['B', 'two words'],
    ['C', '$HOME "x"'],
    ['D', 'a bc de'],
    ['E', ''],
    ['F', 'one two'],
    ['G', 'say "hi" $x \\n'],
    ['H', 'a=b'],
    ['I', 'ends with \\'],
  ]);
});

test('mistakes in environment files have their line', () => {
  assert.throws(() => parseEnvFile('A=1\n\nB', '/e'), /environment file \/e:3: expected NAME=VALUE, not 'B'/);
  assert.throws(() => parseEnvFile('A="x', '/e'), /environment file \/e:1: a quote is not closed/);
  assert.throws(() => parseEnvFile('2A=x', '/e'), /\/e:1/);
  assert.throws(() => parseEnvFile('A=\0', '/e'), /\/e:1: A has a NUL byte/);
});

test('any text is an environment file or a mistake that names its line', () => {
  const piece = fc.constantFrom('A', '=', '"', "'", '\\', '\n', ' ', '#', 'export ', '$x', '\0', 'é');
  fc.assert(
    fc.property(
      fc.array(piece).map((all) => all.join('')),
      (text) => {
        try {
          parseEnvFile(text, '/e');
        } catch (error) {
          assert.match((error as Error).message, /^environment file \/e:\d+: /);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('values quoted for a shell read back as they were', () => {
  fc.assert(
    fc.property(
      fc.string().filter((value) => !/[\0\r\n]/.test(value)),
      (value) => {
        const quoted = `'${value.replaceAll("'", `'\\''`)}'`;
        assert.deepEqual(parseEnvFile(`X=${quoted}`, '/e'), [['X', value]]);
      },
    ),
  );
});

test('names of limits and signals are those of this machine', async () => {
  assert.deepEqual([...RESOURCE_LIMITS].sort(), Object.keys(native.rlimit).sort());
  const { constants } = await import('node:os');
  for (const [name, number] of Object.entries(SIGNALS)) {
    assert.equal(constants.signals[`SIG${name}` as NodeJS.Signals], number, name);
    assert.deepEqual(
      [signalNumber(name), signalNumber(`sig${name}`), signalNumber(String(number))],
      [number, number, number],
    );
    assert.equal(signalName(number), `SIG${name}`);
  }
  assert.equal(Object.keys(SIGNALS).length, 31);
  assert.deepEqual(
    [signalNumber('NO'), signalNumber(0), signalNumber(32), signalName(34)],
    [undefined, undefined, undefined, 'signal 34'],
  );
});

test('from a line of TOML to what the process sees of it', rootOnly, async () => {
  const ring = new OutputRing({ keep: 65536, most: 65536 }, (size) => Buffer.alloc(size));
  const host = new LocalHost(ring, undefined, systemClock);
  const ended = new Promise<void>((resolve, reject) => {
    host.handlers = {
      started: (_, failure) => failure && reject(new Error(`${failure.step}: ${failure.message}`)),
      notStarted: reject,
      ended: () => resolve(),
      advanced: () => undefined,
      drained: () => undefined,
    };
  });
  host.start(
    spec(`
run = 'id -un; id -gn; pwd; umask; ulimit -Sn; ulimit -Hn; echo "$HOME $USER $IOCNAME $GREETING"'
user = "daemon"
group = "nogroup"
chdir = "/tmp"
umask = "0027"
limits = { nofile = "100:200" }
env = { GREETING = "hello {name}" }`),
  );
  await ended;
  assert.deepEqual(Buffer.from(ring.read(ring.tail)).toString().split('\r\n'), [
    ...['daemon', 'nogroup', '/tmp', '0027', '100', '200', `${native.userByName('daemon')?.home} daemon vac hello vac`],
    '',
  ]);
});
