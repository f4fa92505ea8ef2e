import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { importE3 } from '../../src/cli/import/e3.ts';
import { meansThisHost } from '../../src/cli/import/host-guard.ts';
import { importSource } from '../../src/cli/import/kinds.ts';
import { runImport } from '../../src/cli/import/run-import.ts';
import { loadHostConfig } from '../../src/config/load-config.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/import');

async function run(words: readonly string[], env: Record<string, string> = {}, uid = 0) {
  let out = '';
  let err = '';
  const code = await runImport(words, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    uid,
    hostname: 'ioc-host.example.org',
  });
  return { code, out, err };
}

function load(text: string, folder: string) {
  const file = join(folder, 'holdfast.toml');
  writeFileSync(file, text);
  return loadHostConfig(file, { env: {}, uid: 0 });
}

const golden = (name: string) => readFileSync(join(FIXTURES, name), 'utf8');
/** The fixtures are in this checkout. */
const portable = (text: string) => text.replaceAll(FIXTURES, '/fixtures');

const CASES: readonly [kind: string, paths: string[], consoles: number][] = [
  ['procserv', ['procserv/procServ.conf', 'procserv/procServ.d'], 2],
  ['e3', ['e3'], 2],
  ['manage-iocs', ['manage-iocs'], 2],
  ['ioc-runner', ['ioc-runner'], 2],
  ['conserver', ['conserver/conserver.cf'], 5],
];

for (const [kind, paths, consoles] of CASES) {
  test(`${kind}: the document, what could not be converted, and that it is a valid configuration`, async (t) => {
    const words = [kind, ...paths.map((path) => join(FIXTURES, path))];
    const { code, out, err } = await run(words);
    assert.equal(portable(out), golden(`${kind}.toml`));
    assert.equal(portable(err), golden(`${kind}.stderr`));
    assert.equal(code, 0);
    assert.doesNotThrow(() => parse(out));
    const home = temporaryDirectory(t);
    const file = join(home, 'holdfast.toml');
    const written = await run([...words, '--write', '-c', file]);
    assert.equal(written.code, 0, written.err);
    assert.equal(readFileSync(join(home, `conf.d/${kind}.toml`), 'utf8'), out);
    const { config, problems } = await load('', home);
    assert.deepEqual(problems, []);
    assert.equal(config?.consoles.length, consoles);
  });
}

test('what the server makes of an imported instance', async (t) => {
  const { out } = await run([
    'procserv',
    ...['procServ.conf', 'procServ.d'].map((name) => join(FIXTURES, 'procserv', name)),
  ]);
  const { config } = await load(out, temporaryDirectory(t));
  const [vac, rf] = config?.consoles ?? [];
  assert.deepEqual(vac?.source, { kind: 'run', argv: ['./st.cmd', '--label', 'vacuum 100%'] });
  assert.deepEqual(vac?.env, {
    PROCSERV_NAME: 'vac-1',
    EPICS_CA_ADDR_LIST: '10.0.0.255 10.0.1.255',
    FORMAT: '%d',
  });
  assert.deepEqual([vac?.user, vac?.group, vac?.chdir], ['vacuum', 'iocgroup', '/opt/iocs/vac']);
  assert.deepEqual(vac?.endpoints, ['unix:/run/procserv-vac-1/control']);
  assert.deepEqual([vac?.ignore, vac?.keys.logout], ['^D^C^]', '^D']);
  assert.deepEqual([rf?.name, rf?.start, rf?.endpoints, rf?.env.IOCNAME], ['rf-main', false, ['20011'], 'rf main']);
});

test('e3: keys, log, stamps, endpoint and program are those of ioc@.service', async (t) => {
  const folder = temporaryDirectory(t);
  const source = { ...importSource({}, 0, false), paths: [join(FIXTURES, 'e3')] };
  const imported = (execStart: string) => {
    writeFileSync(
      join(folder, 'ioc@.service'),
      `[Service]\nUser=iocuser\nGroup=iocgroup\nExecStartPre=/bin/true\nExecStart=${execStart}\n`,
    );
    const { template, discover, about } = importE3(source, ['/nowhere', folder]);
    return { ...template?.table, run: discover?.table.run, about: about.join('\n') };
  };
  const { about, ...table } = imported(`/usr/bin/procServ \\
  -f --name=%i --logfile=/var/log/procServ/%i/out.log --ignore=^C^D -x ^Q --logstamp=%%F_%%T_ \\
  --port=unix:/var/run/procServ/%i/control /opt/epics/iocsh.bash /opt/iocs/e3-ioc-%i/st.cmd`);
  assert.deepEqual(table, {
    ...{ user: 'iocuser', group: 'iocgroup', ignore: '^C^D', keys: { logout: '^Q' } },
    endpoints: ['unix:/var/run/procServ/{name}/control'],
    log: { path: '/var/log/procServ/{name}/out.log', stamp: '%F_%T_', size: 'unlimited' },
    run: ['/opt/epics/iocsh.bash', '{file}'],
  });
  assert.match(about, /procServ let these logs grow/);
  assert.doesNotMatch(about, /PATH|guess/);
  const rotated = imported('procServ -L /l/%i --logstamp --logsize 2M --logkeep 7 2000 iocsh.bash -x %i').log;
  assert.deepEqual(rotated, { path: '/l/{name}', stamp: '[%c] ', size: '2M', keep: 7 });
  const bare = imported('/usr/bin/procServ -f -L - 2000 /opt/iocs/run %i');
  assert.deepEqual(
    [bare.log, bare.keys, bare.endpoints, bare.run],
    [undefined, undefined, ['2000'], ['/opt/iocs/run', '{name}']],
  );
  assert.doesNotMatch(bare.about, /grow/);
  const other = imported('/opt/iocs/run-in-screen %i');
  assert.deepEqual([other.ignore, other.user, other.run], ['^D^C^]', 'iocuser', ['iocsh.bash', '{file}']]);
});

test('errors in the sources: all of them, and nothing else', async (t) => {
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, 'a.conf'), 'x\n[a]\ncommand = "open\n[b]\n');
  const { code, out, err } = await run(['procserv', folder]);
  assert.deepEqual([code, out], [78, '']);
  assert.equal(
    err.replaceAll(folder, ''),
    [
      "/a.conf:1: expected a section such as [NAME] before 'x'",
      "/a.conf:4: b.command: needs 'command', or 'instance = false' if others refer to it",
      '/a.conf:3: a.command: no closing "',
      'nothing was imported',
      '',
    ]
      .map((line) => (line === '' ? '' : `holdfast import: ${line}`))
      .join('\n'),
  );
});

test('an existing file is replaced with --force only', async (t) => {
  const folder = temporaryDirectory(t);
  const words = ['ioc-runner', join(FIXTURES, 'ioc-runner'), '-w', '-c', join(folder, 'holdfast.toml')];
  mkdirSync(join(folder, 'conf.d'));
  const target = join(folder, 'conf.d/ioc-runner.toml');
  writeFileSync(target, 'mine');
  const refused = await run(words);
  assert.equal(refused.code, 1);
  assert.equal(refused.err, `holdfast import: ${target} exists; --force replaces it\n`);
  assert.equal(readFileSync(target, 'utf8'), 'mine');
  assert.equal((await run([...words, '--force'])).code, 0);
  assert.notEqual(readFileSync(target, 'utf8'), 'mine');
});

test('nothing is written that clashes with existing files', async (t) => {
  const folder = temporaryDirectory(t);
  const file = join(folder, 'holdfast.toml');
  writeFileSync(file, 'console.flux.run = "true"\n');
  const { code, err } = await run(['ioc-runner', join(FIXTURES, 'ioc-runner'), '--write', '-c', file]);
  assert.equal(code, 78);
  assert.match(err, /ioc-runner\.toml:\d+: console\.flux: .*holdfast\.toml:1/);
  assert.ok(!existsSync(join(folder, 'conf.d/ioc-runner.toml')));
});

test('the command line', async (t) => {
  assert.match((await run(['--help'])).out, /^Usage: holdfast import KIND/);
  const wrong = await run(['procsrv']);
  assert.deepEqual(
    [wrong.code, wrong.err],
    [64, "holdfast import: no such kind: 'procsrv'; did you mean 'procserv'?; see holdfast import --help\n"],
  );
  assert.equal((await run([])).code, 64);
  assert.equal((await run(['e3', '--nope'])).code, 64);
  const home = temporaryDirectory(t);
  const none = await run(['procserv'], { HOME: home }, 1000);
  assert.deepEqual([none.code, none.out], [1, '']);
  assert.match(none.err, /nothing to import/);
  const missing = await run(['procserv', join(home, 'none.conf')]);
  assert.equal(missing.code, 78);
  assert.match(missing.err, /none\.conf:1: ENOENT: no such file or directory/);
});

test("a user's own instances, at their usual place", async (t) => {
  const home = temporaryDirectory(t);
  mkdirSync(join(home, '.config/procServ.d'), { recursive: true });
  writeFileSync(join(home, '.config/procServ.d/sim.conf'), '[sim]\ncommand = ./sim\nchdir = /opt/sim\n');
  const { code, out, err } = await run(['procserv'], { HOME: home, XDG_RUNTIME_DIR: '/run/user/7' }, 7);
  assert.deepEqual([code, err], [0, '']);
  const { config, problems } = await load(out, home);
  assert.deepEqual(problems, []);
  const [sim] = config?.consoles ?? [];
  assert.deepEqual(sim?.source, { kind: 'run', argv: ['./sim'] });
  assert.deepEqual(
    [sim?.user, sim?.chdir, sim?.endpoints],
    [undefined, '/opt/sim', ['unix:/run/user/7/procserv-sim/control']],
  );
  assert.equal(sim?.log?.size, 100 << 20);
});

test('ioc-runner: logs are rotated as its own rules for logrotate do it, for the system and for a user', async (t) => {
  const logs = async (uid: number) => {
    const { out } = await run(['ioc-runner', join(FIXTURES, 'ioc-runner')], { HOME: '/h' }, uid);
    const { config } = await load(out, temporaryDirectory(t));
    return config?.consoles.map(({ log }) => [log?.size, log?.age, log?.keep, log?.compress]);
  };
  const week = 7 * 24 * 3_600_000;
  assert.deepEqual(await logs(0), Array(2).fill([undefined, week, 8, true]));
  assert.deepEqual(await logs(1000), Array(2).fill([50 << 20, week, 8, true]));
});

test('the owner of the host', () => {
  for (const [host, mine] of [
    ['ioc-host', true],
    ['IOC-HOST.example.org', true],
    ['ioc-*', true],
    ['localhost', true],
    ['ioc-host.other.org', false],
    ['ioc', false],
  ] as const) {
    assert.equal(meansThisHost(host, 'ioc-host.example.org'), mine, host);
  }
  assert.equal(meansThisHost('ioc-host.example.org', 'ioc-host'), true);
});

test('every file of two lines is imported as TOML that can be read, or refused', async (t) => {
  const folder = temporaryDirectory(t);
  const text = fc.string({ unit: ANY_CHARACTER, maxLength: 20 }).map((value) => value.replace(/[\r\n]/g, ' '));
  const source = fc.tuple(fc.constantFrom('procserv', 'ioc-runner'), text, text);
  await fc.assert(
    fc.asyncProperty(source, async ([kind, command, directory]) => {
      const file = join(folder, 'x.conf');
      const ini = `[x]\ncommand = a ${command}\nchdir = /${directory}\n`;
      writeFileSync(file, kind === 'procserv' ? ini : `IOC_CMD='${command}'\nIOC_META_X="${directory}"\n`);
      const { code, out } = await run([kind, file]);
      assert.ok([0, 78].includes(code));
      parse(out);
    }),
    { numRuns: 100 },
  );
});

test('manage-iocs: what the tool would have run', async (t) => {
  const folder = temporaryDirectory(t);
  const config = (name: string, ...lines: string[]) => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'config'), `${lines.join('\n')}\n`);
  };
  config('config', 'USER=site', 'export EPICS_CA_ADDR_LIST="10.0.0.255 10.0.1.255"', 'CORESIZE=1000');
  config('relative', 'EXEC=st.cmd', 'CHDIR=iocBoot/x', 'PORT=4001');
  config('words', 'EXEC="python3 -u server.py"', 'USER=own', 'A=1', 'export A B', 'B=2', 'C=3');
  config('spaced', 'NAME = other', 'EXEC = bin/run --name "a b"', 'CORESIZE = unlimited', 'export D = 4');
  const { code, out, err } = await run(['manage-iocs', folder]);
  assert.equal(code, 0, err);
  const { config: read } = await load(out, temporaryDirectory(t));
  const consoles = new Map(read?.consoles.map((console) => [console.name, console]));
  assert.deepEqual([...consoles.keys()], ['relative', 'other', 'words']);
  const argv = (name: string) => {
    const source = consoles.get(name)?.source;
    return source?.kind === 'run' ? source.argv : undefined;
  };
  assert.deepEqual(argv('relative'), [join(folder, 'relative/iocBoot/x/st.cmd')]);
  assert.deepEqual(argv('words'), ['python3', '-u', 'server.py']);
  assert.deepEqual(argv('other'), [join(folder, 'spaced/bin/run'), '--name', 'a b']);
  assert.deepEqual(
    ['relative', 'words', 'other'].map((name) => consoles.get(name)?.user),
    ['site', 'own', 'site'],
  );
  const { TOP: _, HOSTNAME: __, ...env } = consoles.get('words')?.env ?? {};
  assert.deepEqual(env, { EPICS_CA_ADDR_LIST: '10.0.0.255 10.0.1.255', A: '1', B: '2' });
  assert.equal(consoles.get('other')?.env.D, '4');
  assert.equal(consoles.get('relative')?.env.PROCPORT, '4001');
  assert.deepEqual(consoles.get('relative')?.limits, { core: { soft: 1000, hard: 1000 } });
  assert.match(err, /CORESIZE: 'unlimited' is not a number of bytes/);
  assert.match(err, /EXEC: python3 is not in .*: looked for in the PATH/);
  assert.match(err, /C: not known, left out/);
});

test('conserver: consoles of other masters are not reported as missing; UTF-8 stays, and other bytes are named', async (t) => {
  const folder = temporaryDirectory(t);
  const file = join(folder, 'c.cf');
  const E = 'type exec; exec cat;';
  writeFileSync(file, `console a { master con1.example.org; ${E} }\nconsole b { master con2.example.org; ${E} }\n`);
  const elsewhere = await run(['conserver', file]);
  assert.deepEqual([elsewhere.code, elsewhere.out], [1, '']);
  assert.match(elsewhere.err, /nothing to import: .*c\.cf have other masters: con1\.example\.org, con2\.example\.org/);
  writeFileSync(file, 'console a { master localhost; type noop; }\n');
  assert.match((await run(['conserver', file])).err, /only noop consoles/);
  writeFileSync(file, '# nothing\naccess * { trusted 127.0.0.1; }\n');
  assert.match((await run(['conserver', file])).err, /c\.cf has no console|no console/);
  const text =
    'console tést { master localhost; type exec; exec "printf %s café"; logfile /var/log/Kühlung/&; aliases kühl; motd "größer"; }\n';
  writeFileSync(
    file,
    Buffer.concat([
      Buffer.from(text),
      Buffer.from('console l { master localhost; type exec; exec "echo caf\xe9"; }\n', 'latin1'),
    ]),
  );
  const { code, out, err } = await run(['conserver', file]);
  assert.equal(code, 0, err);
  for (const part of ['printf %s café', '/var/log/Kühlung/tést', 'größer', 'echo café', "was 'tést'"]) {
    assert.ok(out.includes(part), `${part} in ${out}`);
  }
  assert.match(err, /alias 'kühl' of \S+ is not a name here/);
  assert.match(out, /run is not UTF-8: its bytes were taken for Latin-1/);
});
