import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { childSpec } from '../../src/config/child-spec.ts';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { RESOURCE_LIMITS } from '../../src/model/resource-limits.ts';
import type { ChildSpec } from '../../src/model/runner.ts';
import { SIGNALS, signalName, signalNumber } from '../../src/model/signals.ts';
import { native } from '../../src/platform/native.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { LocalRunner } from '../../src/terminal/local-runner.ts';

function spec(lines: string, notes: (text: string) => void = () => undefined): Promise<ChildSpec> {
  const tables = new ConfigTables([{ file: '/etc/h.toml', text: `[console.vac]\n${lines}\n` }]);
  const directories = { runtimeDir: '/run/h', stateDir: '/var/lib/h' };
  const { config, problems } = holdfastToml({ tables, directories, found: new Map() });
  assert.deepEqual(problems, undefined);
  // An immediate error is a rejection here too.
  return Promise.resolve().then(() =>
    childSpec((config as NonNullable<typeof config>).consoles[0] as never, { waits: () => undefined, notes }),
  );
}

async function variables(lines: string): Promise<Record<string, string>> {
  return Object.fromEntries(((await spec(lines)).env ?? []).map((text) => text.split(/=(.*)/s).slice(0, 2)));
}

const RUN = 'run = ["true", "{name}"]\n';
const isRoot = process.geteuid?.() === 0;
const rootOnly = { skip: isRoot ? false : 'only root may change users' };

test('command, directory, mask, limits', async () => {
  const { env, stop, ...rest } = await spec(
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

test('the environment: a few of our own, the name, then files, then env', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-env-'));
  writeFileSync(join(folder, 'a'), 'A=file\nB=file\n');
  process.env.HOLDFAST_TEST_SECRET = 'x';
  try {
    const env = await variables(`${RUN}env_file = ["${folder}/a", "-${folder}/none"]\nenv = { B = "{name} a=b" }`);
    assert.equal(env.PATH, process.env.PATH);
    assert.equal(env.HOME, process.env.HOME);
    assert.deepEqual([env.A, env.B], ['file', 'vac a=b']);
    assert.deepEqual([env.IOCNAME, env.HOLDFAST_CONSOLE], ['vac', 'vac']);
    assert.equal(env.HOLDFAST_TEST_SECRET, undefined);
    // Independent of the server's own terminal: the one that will show the output is unknown.
    assert.equal(env.TERM, 'vt220');
    assert.equal((await variables(`${RUN}env = { TERM = "xterm" }`)).TERM, 'xterm');
    await assert.rejects(spec(`${RUN}env_file = "${folder}/none"`), /environment file .*none cannot be read: ENOENT/);
  } finally {
    delete process.env.HOLDFAST_TEST_SECRET;
    rmSync(folder, { recursive: true });
  }
});

test('another user: the ids, all groups, the account in the environment', rootOnly, async () => {
  const lines = `${RUN}user = "daemon"`;
  const user = native.userByName('daemon');
  assert.ok(user);
  const { uid, gid, groups } = await spec(lines);
  assert.deepEqual({ uid, gid, groups }, { uid: user.uid, gid: user.gid, groups: native.groupsOf('daemon', user.gid) });
  const env = await variables(lines);
  assert.deepEqual([env.USER, env.LOGNAME, env.HOME, env.SHELL], ['daemon', 'daemon', user.home, user.shell]);
});

test('another group', rootOnly, async () => {
  const gid = native.groupByName('daemon') as number;
  assert.deepEqual((await spec(`${RUN}group = "daemon"`)).gid, gid);
  const both = await spec(`${RUN}user = "nobody"\ngroup = "daemon"`);
  assert.equal(both.gid, gid);
  assert.ok(both.groups?.includes(gid));
});

test('anyone may name their own user', async () => {
  const { username, uid } = userInfo();
  assert.equal((await spec(`${RUN}user = "${username}"`)).uid, isRoot ? uid : undefined);
});

test('users and groups that do not exist', async () => {
  await assert.rejects(spec(`${RUN}user = "no-such-user"`), /^Error: unknown user 'no-such-user'/);
  await assert.rejects(spec(`${RUN}group = "no-such-group"`), /^Error: unknown group 'no-such-group'/);
});

test('a console without a process', async () => {
  await assert.rejects(spec('unix = "/s"'), /console 'vac' has no process: its source is unix/);
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

test('from a line of TOML to what the process sees', rootOnly, async () => {
  const ring = new OutputRing({ keep: 65536, most: 65536 }, (size) => Buffer.alloc(size));
  const host = new LocalRunner(ring, undefined, systemClock);
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
    await spec(`
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
