// The commands that need files and no server: check, init. They are in memory but for the files.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { configTools } from '../../../src/cli/import/config-tools.ts';
import { importE3 } from '../../../src/cli/import/e3.ts';
import { findOnHost } from '../../../src/cli/import/find-on-host.ts';
import { type ImportKind, importSource } from '../../../src/cli/import/kinds.ts';
import { importProcServ } from '../../../src/cli/import/procserv.ts';
import { actingAs } from '../../fakes/acting-as.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { person } from '../../fakes/principals.ts';
import { temporaryDirectory } from '../../harness/machine.ts';
import { runCommand } from '../../harness/run-command.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/import');

/** As an ordinary user whose home is empty. */
function world(t: TestContext, kinds: Readonly<Record<string, ImportKind>> = {}) {
  const home = temporaryDirectory(t);
  const file = join(home, '.config/holdfast/holdfast.toml');
  const files = configTools({ env: { HOME: home }, uid: 1000 }, kinds);
  const client = actingAs(new FakeHost(), person('ada'));
  return {
    ...{ home, file, files },
    put: (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    },
    runs: (...words: string[]) => runCommand({ client, files }, ...words),
  };
}

test('check: what is right, and with how many consoles', async (t) => {
  const { file, home, put, runs } = world(t);
  put(file, '[console.a]\nrun = "x"\n[console.b]\nrun = "x"\n');
  const { code, err, out } = await runs('check');
  assert.deepEqual([code, out, err], [0, `no mistakes: 2 consoles in ${file}\n`, '']);
  put(join(home, 'other.toml'), '[discover.x]\ndir = "nowhere"\n');
  const other = await runs('check', '-c', join(home, 'other.toml'));
  assert.deepEqual([other.code, other.out], [0, `no mistakes: 0 consoles in ${home}/other.toml\n`]);
  assert.match(other.err, /^warning: \S+other\.toml:2: discover\.x\.dir: \S+nowhere: cannot be read: ENOENT/);
});

test('check: every mistake of every file with its line, as text and as JSON', async (t) => {
  const { file, home, put, runs } = world(t);
  put(file, '[console.a]\nrunn = "x"\n');
  put(join(home, '.config/holdfast/conf.d/b.toml'), 'x\n');
  const { code, err, out } = await runs('check');
  assert.deepEqual([code, out], [78, '']);
  const lines = err.replaceAll(join(home, '.config/holdfast'), '').split('\n');
  assert.match(lines[0] as string, /^\/holdfast\.toml:2: console\.a\.runn: unknown key 'runn'; did you mean 'run'\?$/);
  assert.match(lines[1] as string, /^\/conf\.d\/b\.toml:1: syntax error: /);
  assert.deepEqual(lines.slice(2), ['2 mistakes: a server would not start with this', '']);
  const json = await runs('check', '--json');
  const { problems, warnings, consoles } = JSON.parse(json.out);
  assert.deepEqual([json.code, problems.length, problems[0].line, warnings, consoles], [78, 2, 2, [], []]);
});

test('check without any file says where it looked, and what helps', async (t) => {
  const { file, runs } = world(t);
  const { code, err } = await runs('check');
  assert.equal(code, 78);
  assert.match(
    err,
    /holdfast\.toml:1: there is no such file, and no \*\.toml in \S+conf\.d; 'holdfast init' writes one/,
  );
  assert.match((await runs('check', '-c', `${file}x`)).err, /holdfast\.tomlx:1: there is no such file\n/);
});

test('init writes what check takes, also with its examples, and never replaces a file', async (t) => {
  const { file, home, put, runs } = world(t);
  const { code, err, out } = await runs('init');
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^wrote \S+holdfast\.toml: look into it, then\n {2}holdfast check +find mistakes\n/);
  assert.equal((await runs('check')).out, `no mistakes: 0 consoles in ${file}\n`);
  const sample = readFileSync(file, 'utf8');
  assert.match(sample, /^# No configuration of procServ, conserver or softioc was found on this machine\.$/m);
  assert.equal((await runs('init', '--stdout')).out, sample);
  const again = await runs('init');
  assert.deepEqual([again.code, again.out], [1, '']);
  assert.match(again.err, /there is a configuration already: \S+holdfast\.toml; nothing was written/);
  put(file, sample.replace(/^#(?=\S)/gm, ''));
  assert.match((await runs('check')).out, /^no mistakes: \d+ consoles in /);
  put(join(home, 'x/conf.d/a.toml'), '');
  assert.match((await runs('init', '-c', join(home, 'x/holdfast.toml'))).err, /already: \S+a\.toml/);
});

test('init names what import would take, and what it could not', async (t) => {
  const at = (path: string) => join(FIXTURES, path);
  const broken = temporaryDirectory(t);
  writeFileSync(join(broken, 'a.conf'), '[b]\n');
  const kinds = {
    procserv: {
      help: 'procServ.d',
      read: (source: Parameters<typeof importProcServ>[0]) =>
        importProcServ({ ...source, paths: [at('procserv/procServ.conf'), at('procserv/procServ.d')] }),
    },
    e3: {
      help: 'folders [/opt/iocs]',
      read: (source: Parameters<typeof importE3>[0]) => importE3({ ...source, paths: [at('e3')] }),
    },
    other: {
      help: 'others',
      read: (source: Parameters<typeof importProcServ>[0]) => importProcServ({ ...source, paths: [broken] }),
    },
    gone: {
      help: 'gone',
      read: (source: Parameters<typeof importE3>[0]) => importE3({ ...source, paths: ['/nowhere'] }),
    },
  };
  const { file, runs } = world(t, kinds);
  const { out } = await runs('init');
  assert.match(out, /\n {2}holdfast import procserv --write +take what was found/);
  const sample = readFileSync(file, 'utf8');
  assert.match(sample, /^# procServ\.d: 2 of them: vac-1, rf-main\n# {3}holdfast import procserv --write /m);
  assert.match(sample, /^# folders: 2 of them: /m);
  assert.match(sample, /^# others\n# {3}cannot be taken as it is: \S+a\.conf:1: b\.command: needs/m);
  assert.doesNotMatch(sample, /gone/);
  assert.equal((await runs('check')).code, 0);
});

test('units that run an IOC are found, and no others', async (t) => {
  const folder = temporaryDirectory(t);
  const unit = (name: string, line: string) => writeFileSync(join(folder, name), `[Service]\n${line}\n`);
  unit('softioc-vac.service', 'ExecStart=/usr/bin/procServ -f 4051 ./st.cmd');
  unit('sim.service', 'ExecStart=/opt/epics/bin/softIocPVA -d sim.db');
  unit('ssh.service', 'ExecStart=/usr/sbin/sshd # not softIocs');
  unit('ioc@.service', 'ExecStart=/usr/bin/procServ -f');
  const { units } = await findOnHost({}, importSource({}, 0, false), [folder, '/nowhere']);
  assert.deepEqual(units, [join(folder, 'sim.service'), join(folder, 'softioc-vac.service')]);
});
