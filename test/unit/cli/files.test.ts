// The commands that need files and no server: check, init. They are in memory but for the files.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runExport } from '../../../src/cli/export/run-export.ts';
import type { ConfigTools, Hosts } from '../../../src/cli/holdfast/command/command.ts';
import { configTools } from '../../../src/cli/import/config-tools.ts';
import { importE3 } from '../../../src/cli/import/e3.ts';
import { findOnHost } from '../../../src/cli/import/find-on-host.ts';
import { type ImportKind, importSource } from '../../../src/cli/import/kinds.ts';
import { importProcServ } from '../../../src/cli/import/procserv.ts';
import { defaultDirectories } from '../../../src/config/config-files.ts';
import { runningConfig } from '../../../src/host/running-config.ts';
import type { RunningConfig, VersionInfo } from '../../../src/model/api.ts';
import type { HostConfig } from '../../../src/model/config.ts';
import { type ErrorCode, HoldfastError } from '../../../src/model/errors.ts';
import type { HostClient } from '../../../src/model/host-port.ts';
import { actingAs } from '../../fakes/acting-as.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { person } from '../../fakes/principals.ts';
import { isRoot, temporaryDirectory } from '../../harness/machine.ts';
import { runCommand, type Site } from '../../harness/run-command.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/import');

/** As an ordinary user whose home is empty. */
function world(t: TestContext, kinds: Readonly<Record<string, ImportKind>> = {}) {
  const home = temporaryDirectory(t);
  const file = join(home, '.config/holdfast/holdfast.toml');
  const socket = join(home, 'control');
  writeFileSync(socket, '');
  const files = configTools({ env: { HOME: home }, uid: 1000 }, kinds);
  const host = new FakeHost();
  const client = actingAs(host, person('ada'));
  return {
    ...{ home, file, files, host },
    put: (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    },
    runs: (...words: string[]) => runCommand({ client, files, socket }, ...words),
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
  const { file, files, host, runs } = world(t);
  const { code, err } = await runs('check');
  assert.equal(code, 78);
  assert.doesNotMatch(err, /HOLDFAST_SOCKET/);
  const env = { HOLDFAST_SOCKET: '/tmp/demo/control' };
  const named = await runCommand({ client: actingAs(host, person('ada')), files, env }, 'check');
  assert.match(
    named.err,
    /-c names the file of the server at \$HOLDFAST_SOCKET: 'holdfast version' shows which it reads\n$/,
  );
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

test('plan -c: what would change with another file, its mistakes, and no server', async (t) => {
  const { file, files, home, host, put, runs } = world(t);
  const other = join(home, 'new.toml');
  put(other, `[discover.x]\ndir = "nowhere"\n${LAYERED}`);
  const asked: HostConfig[] = [];
  host.plannedInstead = (config) => {
    asked.push(config);
    const consoles = config.consoles.map(({ name }) => name);
    return { steps: consoles.map((console) => ({ action: 'add', console })), server: [], problems: [] };
  };
  const { code, err, out } = await runs('plan', '-c', other);
  assert.deepEqual(
    [code, out],
    [2, `+ vac-01: new\n+ line: new\n2 changes, if the server took ${other} instead of its files.\n`],
  );
  assert.match(err, /^warning: \S+new\.toml:2: discover\.x\.dir: \S+nowhere: cannot be read/);
  assert.deepEqual(JSON.parse((await runs('plan', '-c', other, '--json')).out).steps.length, 2);
  // Of the owner of the socket, who is no ordinary user here, and not of whoever asks.
  assert.equal(asked[0]?.server.stateDir, isRoot ? '/var/lib/holdfast' : asked[0]?.server.stateDir);
  host.plannedInstead = () => ({ steps: [], server: [], problems: [] });
  assert.deepEqual(await runs('plan', '-c', other).then((same) => [same.code, same.out]), [
    0,
    `Nothing to do: the server runs what ${other} says.\n`,
  ]);
  put(file, '[console.a]\nrunn = "x"\n');
  const wrong = await runs('plan', '-c', file);
  assert.deepEqual([wrong.code, wrong.out], [78, '']);
  assert.match(wrong.err, /holdfast\.toml:2: console\.a\.runn: unknown key .*\n2 mistakes; nothing was applied\n$/);
  const client = actingAs(host, person('ada'));
  const far = await runCommand({ client, files, hosts: hostsOf(client) }, '--host', 'ioc1', 'plan', '-c', other);
  assert.deepEqual([far.code, far.out], [64, '']);
  const as = (found: () => Promise<VersionInfo>) => Object.assign(actingAs(host, person('ada')), { version: found });
  const upgraded = as(async () => ({ ...(await client.version()), version: '0.0.9' }));
  const older = await runCommand({ client: upgraded, files }, 'plan', '-c', other);
  assert.deepEqual([older.code, older.out], [1, '']);
  assert.match(older.err, /the server runs 0\.0\.9, this program is 0\.1\.0, .*: restart the server/);
  const away = as(() => Promise.reject(new HoldfastError('HF_NO_SERVER', 'nobody answers')));
  const none = await runCommand({ client: away, files }, 'plan', '-c', other);
  assert.deepEqual([none.code, none.out], [69, '']);
  assert.equal(none.err, `holdfast: plan: nobody answers; 'holdfast check -c ${other}' needs none\n`);
});

/** Every other host is this client, too. */
const hostsOf = (client: HostClient) => ({ find: () => undefined, client: () => client }) as unknown as Hosts;

const LAYERED = `[defaults]
log = { size = "10M" }
[template.ioc]
restart = "always"
env = { A_B = "t", C = "t" }
[console.vac-01]
template = "ioc"
run = ["./st.cmd", "a\\tb"]
env = { C = "own" }
[console.line]
serial = "/dev/ttyS0"
`;

test('show: what holds for a console, with defaults marked and the place of each key; it can be read again', async (t) => {
  const { file, home, put, runs } = world(t);
  put(file, LAYERED);
  const { code, err, out } = await runs('show', 'vac-01', '--origin', '-c', file);
  assert.deepEqual([code, err], [0, '']);
  const lines = out.replaceAll(file, 'F').split('\n');
  assert.deepEqual(lines.slice(0, 3), [
    '# F:6, template ioc',
    '[console.vac-01]',
    'run = ["./st.cmd", "a\\tb"]  # F:8',
  ]);
  for (const line of [
    'env.A_B = "t"  # F:5',
    'env.C = "own"  # F:9',
    'log.size = "10M"  # F:2',
    'log.keep = 5  # default',
    'log.stamp = ""  # default',
    'restart.policy = "always"  # F:4',
  ]) {
    assert.ok(lines.includes(line), `${line} in\n${out}`);
  }
  assert.doesNotMatch(out, /^(serial|baud|template)\b/m);
  const plain = await runs('show', 'vac-01', '-c', file);
  assert.match(plain.out, /^env\.C = "own"$/m);
  assert.match(plain.out, /^log\.keep = 5 {2}# default$/m);
  put(join(home, 'again.toml'), out);
  const [before, after] = await Promise.all(
    [file, join(home, 'again.toml')].map((each) => runs('show', 'vac-01', '--json', '-c', each)),
  );
  const values = (text = '') =>
    JSON.parse(text).keys.map(({ path, value }: { path: string[]; value: unknown }) => [path.join('.'), value]);
  assert.deepEqual(values(after?.out), values(before?.out));
  assert.match((await runs('show', 'line', '-c', file)).out, /^baud = \d+ {2}# default$/m);
  const unknown = await runs('show', 'vac-02', '-c', file);
  assert.deepEqual(
    [unknown.code, unknown.err],
    [66, "holdfast: show: no console is called 'vac-02'; did you mean 'vac-01'?\n"],
  );
  put(file, 'x = 1\n');
  assert.equal((await runs('show', 'vac-01', '-c', file)).code, 78);
});

/** The answer of a server that runs the configuration of this file. */
async function runningOf(files: ConfigTools, file: string): Promise<RunningConfig> {
  const { config } = await files.load(file);
  return runningConfig(config ?? assert.fail('there are mistakes'));
}

test('show is what the server runs, whatever the files say by now, and marks what is not applied', async (t) => {
  const { file, files, host, put, runs } = world(t);
  put(file, LAYERED.replace('C = "own"', 'C = "own", DB_PASSWORD = "x1"'));
  host.files = [file];
  host.running = await runningOf(files, file);
  put(file, LAYERED.replace('C = "own"', 'C = "newer"').replace('[console.line]', '[console.fresh]'));
  host.planned = {
    ...{ server: [], problems: [] },
    steps: [
      { action: 'remove', console: 'line' },
      { action: 'change', console: 'vac-01', keys: ['env'], effect: 'restart' },
      { action: 'add', console: 'fresh' },
    ],
  };
  const { code, err, out } = await runs('show', 'vac-01', '--origin');
  assert.equal(code, 0);
  assert.match(out, /^env\.C = "own" {2}# \S+holdfast\.toml:9; changed in the files, not applied yet$/m);
  assert.match(out, /^env\.DB_PASSWORD = "\(hidden\)" {2}# \S+:9; a secret by its name: the file has it; changed/m);
  assert.match(out, /^log\.keep = 5 {2}# default$/m);
  assert.equal(err, "env: changed in the files, not applied yet; 'holdfast plan' shows it\n");
  const json = JSON.parse((await runs('show', 'vac-01', '--json')).out);
  assert.deepEqual(
    [json.running, json.differs, json.new, json.removed, json.templates],
    [true, ['env'], false, false, ['ioc']],
  );
  const gone = await runs('show', 'line');
  assert.match(gone.out, /^serial = "\/dev\/ttyS0"$/m);
  assert.equal(gone.err, "the files no longer have this console: not applied yet; 'holdfast plan' shows it\n");
  const fresh = await runs('show', 'fresh');
  assert.match(fresh.out, /^\[console\.fresh\]$/m);
  assert.equal(fresh.err, "this console is not applied yet: the server does not run it; 'holdfast plan' shows it\n");
  put(file, 'x');
  host.planned = { steps: [], server: [], problems: [{ file, line: 1, key: '', message: 'x' }] };
  const broken = await runs('show', 'vac-01');
  assert.deepEqual([broken.code, broken.err], [0, "the files have mistakes by now; 'holdfast plan' shows it\n"]);
  host.add('vac-01');
  const unknown = await runs('show', 'vac-02');
  assert.deepEqual(
    [unknown.code, unknown.err],
    [66, "holdfast: show: no console is called 'vac-02'; did you mean vac-01?\n"],
  );
});

test('show: a server that does not tell, or is none, leaves it to the files of this machine, and to none elsewhere', async (t) => {
  const { file, files, home, host, put } = world(t);
  put(file, LAYERED);
  host.files = [file];
  const refusing = (code: ErrorCode) =>
    Object.assign(actingAs(host, person('ada')), {
      configuration: async () => {
        throw new HoldfastError(code, 'because');
      },
    });
  const shows = (code: ErrorCode, ...words: string[]) => {
    const client = refusing(code);
    return runCommand({ client, files, socket: join(home, 'control'), hosts: hostsOf(client) }, ...words);
  };
  for (const [code, said] of [
    ['HF_FORBIDDEN', 'as the files have it: because\n'],
    ['HF_NO_ROUTE', 'as the files have it: this server is older than its client: it does not tell its configuration\n'],
    ['HF_NO_SERVER', ''],
  ] as const) {
    const here = await shows(code, 'show', 'vac-01');
    assert.deepEqual([here.code, here.err, /^env\.C = "own"$/m.test(here.out)], [0, said, true], code);
    const far = await shows(code, '--host', 'ioc1', 'show', 'vac-01');
    assert.notEqual(far.code, 0);
    assert.deepEqual([far.out, /^holdfast: show at ioc1: /.test(far.err)], ['', true], far.err);
  }
  put(file, 'x');
  assert.deepEqual(await shows('HF_FORBIDDEN', 'show', 'vac-01').then((none) => [none.code, none.err]), [
    77,
    'holdfast: show: because\n',
  ]);
  const file2 = await shows('HF_NO_ROUTE', '--host', 'ioc1', 'show', 'vac-01', '-c', file);
  assert.deepEqual(
    [file2.code, file2.err],
    [64, 'holdfast: show: -c names a file of this machine, and cannot be used at ioc1\n'],
  );
});

test('doctor warns of logs that nothing bounds, and says what they take of which disk', async (t) => {
  const { file, home, host, put, runs } = world(t);
  host.files = [file];
  const said = async () => /^(\S+) +size of logs: (.*)$/m.exec((await runs('doctor')).out)?.slice(1);
  const top = `[server]\nlog_dir = "${home}"\n[defaults]\nlog.size = "unlimited"\n[console]\n`;
  const aged = 'b = { run = "x", log.age = "1d" }\nc = { run = "x", log = false }\n';
  put(file, `${top}a.run = "x"\n${aged}`);
  assert.deepEqual(await said(), ['warning', 'nothing bounds those of a']);
  put(file, `${top}a.run = "x"\nd.run = "x"\n${aged}`);
  put(join(home, 'a.log'), 'x'.repeat(3 << 10));
  put(join(home, 'd.log'), 'x'.repeat(2 << 10));
  const [, text = ''] = (await said()) ?? [];
  assert.match(text, /^nothing bounds those of a, d; they take 5\.0 KiB, 0\.0 % of the disk at \/\S*$/);
  assert.ok(home.startsWith(/\S+$/.exec(text)?.[0] as string), text);
  put(file, '[console.a]\nrun = "x"\n');
  assert.deepEqual(await said(), ['ok', 'all are bounded']);
  put(file, '[console.a]\nrun = "x"\nlog = false\n');
  assert.equal(await said(), undefined);
});

test('export is of what the server runs, here and elsewhere, unless a file is named', async (t) => {
  const { file, files, home, host, put } = world(t);
  const console = (name: string) => `[console.${name}]\nrun = "x"\nendpoints = ["unix:{name}", "0.0.0.0:2001"]\n`;
  put(file, console('runs'));
  host.running = await runningOf(files, file);
  host.files = [file];
  put(file, console('filed'));
  let said: readonly string[] = [];
  const client = actingAs(host, person('ada'));
  const exported = async (site: Partial<Site>, ...words: string[]) => {
    const texts: string[] = [];
    said = texts;
    const io = {
      out: (text: string) => void texts.push(text),
      err: (text: string) => void texts.push(text),
      env: { HOME: home },
      uid: 1000,
    };
    const hook: Site['export'] = (given, _io, running) => runExport(given, io, running);
    await runCommand({ client, hosts: hostsOf(client), export: hook, ...site }, ...words);
    return /console (\S+)/.exec(texts.join(''))?.[1];
  };
  assert.equal(await exported({}, 'export', 'conserver'), 'runs');
  assert.match(said.join(''), /uds "?\/\S+\/runs/);
  assert.equal(await exported({}, '--host', 'ioc1', 'export', 'conserver', '--host=ioc1'), 'runs');
  assert.match(said.join(''), /host ioc1/);
  assert.equal(await exported({}, 'export', 'conserver', '-c', file), 'filed');
  const configuration = async () => {
    throw new HoldfastError('HF_FORBIDDEN', 'lacks configure');
  };
  const forbidden = Object.assign(actingAs(host, person('ada')), { configuration });
  assert.equal(await exported({ client: forbidden }, 'export', 'conserver'), 'filed');
  assert.equal(said[0], 'holdfast export: as the files have it: lacks configure\n');
  const socket = join(home, 'control');
  put(socket, '');
  assert.equal(await exported({ client: forbidden, socket }, 'export', 'conserver'), 'filed');
  const { runtimeDir } = defaultDirectories({ env: { HOME: home }, uid: process.geteuid?.() as number });
  assert.match(
    said.join(''),
    new RegExp(`uds ${runtimeDir}/filed;`),
    'in the folder of the server, not in that of user 1000',
  );
});
