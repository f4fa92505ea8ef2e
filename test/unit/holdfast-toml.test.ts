import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { discoverRequests } from '../../src/grammar/config-discovered.ts';
import { ConfigTables } from '../../src/grammar/config-tables.ts';
import { holdfastToml } from '../../src/grammar/holdfast-toml.ts';
import type { HostConfig } from '../../src/model/config.ts';
import type { DiscoverRequest, Found } from '../../src/model/config-input.ts';

const DIRECTORIES = { runtimeDir: '/run/holdfast', stateDir: '/var/lib/holdfast', logDir: '/var/log/holdfast' };

type Files = Readonly<Record<string, string>>;

interface More {
  readonly discover?: (request: DiscoverRequest) => Found;
}

function read(files: string | Files, { discover = () => [] }: More = {}) {
  const given = typeof files === 'string' ? { '/etc/h/a.toml': files } : files;
  const tables = new ConfigTables(Object.entries(given).map(([file, text]) => ({ file, text })));
  const found = new Map(discoverRequests(tables).map((request) => [request.table, discover(request)]));
  return holdfastToml({ tables, directories: DIRECTORIES, found });
}

function accepted(files: string | Files, more?: More): HostConfig {
  const { config, problems } = read(files, more);
  assert.deepEqual(problems, undefined);
  return config as HostConfig;
}

/** All problems as `file:line key: message`, file without its folder. */
function refused(files: string | Files, more?: More): string[] {
  const { problems } = read(files, more);
  assert.ok(problems && problems.length > 0, 'accepted');
  return problems.map(({ file, line, key, message }) => `${file.replace('/etc/h/', '')}:${line} ${key}: ${message}`);
}

test('one line is a console, with all defaults', () => {
  const { consoles, server, files } = accepted('console.vac.run = ["iocsh.bash", "{name}.cmd"]');
  assert.deepEqual(consoles, [
    {
      name: 'vac',
      place: { file: '/etc/h/a.toml', line: 1 },
      source: { kind: 'run', argv: ['iocsh.bash', 'vac.cmd'] },
      env: {},
      envFiles: [],
      limits: {},
      restart: { mode: 'always', holdoff: 15_000 },
      start: true,
      stop: [{ signal: 15 }, { wait: 10_000 }, { signal: 9 }],
      after: [],
      log: { path: '/var/log/holdfast/vac.log', keep: 5, compress: false },
      history: 20,
      ignore: '',
      keys: { kill: '^X', toggle: '^T', logout: '' },
      endpoints: [],
      groups: [],
      description: '',
      labels: {},
    },
  ]);
  assert.deepEqual(server, {
    ...DIRECTORIES,
    controlMode: 0o660,
    startAtOnce: 10,
    logDelay: 50,
    eventsKeep: 16 * 2 ** 20,
  });
  assert.deepEqual(files, ['/etc/h/a.toml']);
});

test('defaults < outer template < inner template < console; tables are joined, the rest replaced', () => {
  const { consoles } = accepted({
    '/etc/h/a.toml': `
[defaults]
history = 1
restart = { policy = "never", holdoff = 1 }
env = { A = "1", B = "1", C = "1", D = "1" }
groups = ["x"]
[template.outer]
history = 2
restart.holdoff = "2s"
env = { B = "2", C = "2", D = "2" }
run = "outer"
[template.inner]
template = "outer"
history = 3
restart = "on-failure"
env = { C = "3", D = "3" }
groups = ["y"]`,
    '/etc/h/b.toml': `
[console.a]
template = "inner"
history = 4
env.D = "{name}"
[console.b]
template = "inner"
unix = "b.sock"`,
  });
  const [a, b] = consoles;
  assert.deepEqual(a?.source, { kind: 'run', argv: ['/bin/sh', '-c', 'outer'] });
  assert.deepEqual(a?.env, { A: '1', B: '2', C: '3', D: 'a' });
  assert.deepEqual(a?.restart, { mode: 'on-failure', holdoff: 2000 });
  assert.deepEqual([a?.history, a?.groups], [4, ['y']]);
  assert.deepEqual(b?.source, { kind: 'unix', path: '/run/holdfast/b.sock' });
  assert.deepEqual([b?.history, b?.env, b?.stop], [3, {}, []]);
  assert.deepEqual(a?.place, { file: '/etc/h/b.toml', line: 2 });
});

test('every kind of value is resolved', () => {
  const { consoles, server } = accepted(`
[server]
runtime_dir = "/tmp/r"
log_dir = "logs"
control_mode = "600"
log_sync = "1.5s"
log_delay = 0
events_keep = "1k"
[console.a]
run = "x {name}"
user = "u"
group = "g"
chdir = "../{name}"
env_file = ["-{name}.env", "/etc/{name}"]
umask = "0027"
limits = { core = "unlimited", nofile = "1k:unlimited", nproc = 7 }
restart = { policy = "on-failure", holdoff = 0.5, backoff = { factor = 2, max = "10m" }, limit = { count = 3, within = "1h" } }
start = false
stop = [{ send = "exit\\n" }, { wait = "5s" }, { signal = "int" }, { signal = "SIGUSR1" }, { signal = 1 }]
ready = { pattern = "^ok", port = 1, within = "2m" }
after = ["b", "b"]
log = { path = "{name}/out.log", stamp = "%F ", size = "10M", age = "1d", keep = 2, compress = true }
ignore = "^C^D"
keys = { kill = "", logout = "^Q" }
endpoints = ["20001", "10.0.0.1:20001", "unix:{name}.sock", "unix:u:g:660:/run/{name}", "unix:@{name}", "[::1]:20001"]
groups = ["g", "g"]
description = "d"
labels = { a = "b" }
[console.b]
serial = "/dev/ttyS0"
baud = 115200
parity = "even"
log = false
[console.c]
telnet = "[fe80::1]:23"
[console.d]
tcp = "{name}.lab:4001"
`);
  const [a, b, c, d] = consoles;
  assert.deepEqual(a, {
    name: 'a',
    place: { file: '/etc/h/a.toml', line: 9 },
    source: { kind: 'run', argv: ['/bin/sh', '-c', 'x a'] },
    user: 'u',
    group: 'g',
    chdir: '/etc/a',
    env: {},
    envFiles: [
      { path: '/etc/h/a.env', optional: true },
      { path: '/etc/a', optional: false },
    ],
    umask: 0o27,
    limits: { core: { soft: -1, hard: -1 }, nofile: { soft: 1024, hard: -1 }, nproc: { soft: 7, hard: 7 } },
    restart: {
      mode: 'on-failure',
      holdoff: 500,
      backoff: { factor: 2, most: 600_000 },
      limit: { count: 3, within: 3_600_000 },
    },
    start: false,
    stop: [{ send: 'exit\n' }, { wait: 5000 }, { signal: 2 }, { signal: 10 }, { signal: 1 }, { signal: 9 }],
    ready: { pattern: '^ok', port: 1, within: 120_000 },
    after: ['b'],
    log: {
      path: '/etc/h/logs/a/out.log',
      stamp: '%F ',
      size: 10 * 2 ** 20,
      age: 86_400_000,
      keep: 2,
      compress: true,
    },
    history: 20,
    ignore: '^C^D',
    keys: { kill: '', toggle: '^T', logout: '^Q' },
    endpoints: ['20001', '10.0.0.1:20001', 'unix:/tmp/r/a.sock', 'unix:u:g:660:/run/a', 'unix:@a', '[::1]:20001'],
    groups: ['g'],
    description: 'd',
    labels: { a: 'b' },
  });
  assert.deepEqual(b?.source, {
    kind: 'serial',
    path: '/dev/ttyS0',
    baud: 115200,
    dataBits: 8,
    stopBits: 1,
    parity: 'even',
    flow: 'none',
  });
  assert.equal(b?.log, undefined);
  assert.deepEqual(c?.source, { kind: 'telnet', host: 'fe80::1', port: 23 });
  assert.deepEqual(d?.source, { kind: 'tcp', host: 'd.lab', port: 4001 });
  assert.deepEqual(server, {
    runtimeDir: '/tmp/r',
    stateDir: '/var/lib/holdfast',
    logDir: '/etc/h/logs',
    controlMode: 0o600,
    startAtOnce: 10,
    logDelay: 0,
    logSync: 1500,
    eventsKeep: 1024,
  });
});

/** One mistake each: the text, and all that is said of it. */
const MISTAKES: readonly (readonly [what: string, text: string | Files, problems: readonly string[]])[] = [
  ['syntax', 'a = 1\nb = = 2', ['a.toml:2 : syntax error: invalid value']],
  [
    'unknown section',
    '[consoles.a]\nrun = "x"',
    ["a.toml:1 consoles: unknown key 'consoles'; did you mean 'console'?"],
  ],
  [
    'unknown key',
    '[console.a]\nrun = "x"\n\nrestart.holdof = 3',
    ["a.toml:4 console.a.restart.holdof: unknown key 'holdof'; did you mean 'holdoff'?"],
  ],
  [
    'duration',
    '[console.a]\nrun = "x"\nrestart = { holdoff = "5 s" }',
    [
      'a.toml:3 console.a.restart.holdoff: expected a duration (seconds, or a text such as "500ms", "5s", "10m", "2h", "7d"), not "5 s"',
    ],
  ],
  [
    'choice',
    '[console.a]\nrun = "x"\nrestart = "sometimes"',
    [
      'a.toml:3 console.a.restart: expected "always", "on-failure", "never" or a table (policy, holdoff, backoff, limit), not "sometimes"',
    ],
  ],
  [
    'bad source',
    '[console.a]\nrun = 5',
    ['a.toml:2 console.a.run: expected a command (an array of words, or a line for /bin/sh), not 5'],
  ],
  [
    'missing part',
    '[console.a]\nrun = "x"\nrestart.backoff = { factor = 2 }',
    [
      'a.toml:3 console.a.restart.backoff: \'max\' is missing: a duration (seconds, or a text such as "500ms", "5s", "10m", "2h", "7d")',
    ],
  ],
  [
    'name',
    '[console."a/b"]\nrun = "x"\n[console.c]\nrun = "y"\nafter = ["a/b"]',
    [
      'a.toml:1 console."a/b": \'a/b\' is no name here; expected letters, digits and _ . : @ + -, the first a letter or digit',
    ],
  ],
  [
    'no source',
    '[console.a]\nhistory = 3',
    ["a.toml:1 console.a: console 'a' has no source; give it one of run, unix, tcp, telnet, serial"],
  ],
  [
    'two sources',
    '[console.a]\nrun = "x"\nunix = "/y"',
    ["a.toml:3 console.a.unix: a console has one source, and 'run' is given too; remove one of them"],
  ],
  [
    'a key of another kind',
    '[console.a]\ntcp = "h:1"\nbaud = 9600',
    ["a.toml:3 console.a.baud: only a console with 'serial' has this; the source here is 'tcp'"],
  ],
  [
    'a key of processes',
    '[console.a]\nserial = "/dev/x"\nuser = "me"',
    ["a.toml:3 console.a.user: only a console with 'run' has this; the source here is 'serial'"],
  ],
  [
    'duplicate console',
    { '/etc/h/a.toml': '[console.a]\nrun = "x"', '/etc/h/b.toml': '\n[console.a]\nrun = "y"' },
    ["b.toml:2 console.a: 'a' is given already in /etc/h/a.toml:1; rename or remove one of them"],
  ],
  [
    'duplicate default',
    { '/etc/h/a.toml': '[defaults]\nhistory = 1', '/etc/h/b.toml': '[defaults]\nstart = true\nhistory = 1' },
    ['b.toml:3 defaults.history: given already in /etc/h/a.toml:2; keep one of them'],
  ],
  [
    'unknown template',
    '[template.ioc]\n[console.a]\nrun = "x"\ntemplate = "iok"',
    ["a.toml:4 console.a.template: unknown template 'iok'; did you mean 'ioc'?"],
  ],
  [
    'template circle',
    '[template.a]\ntemplate = "b"\n[template.b]\ntemplate = "a"\n[console.c]\ntemplate = "a"',
    ['a.toml:4 template.b.template: templates build on each other in a circle: a -> b -> a'],
  ],
  [
    'unknown after',
    '[console.gateway]\nrun = "x"\n[console.b]\nrun = "x"\nafter = [\n"gatway"]',
    ["a.toml:6 console.b.after.0: console 'b' waits for an unknown console 'gatway'; did you mean 'gateway'?"],
  ],
  [
    'circle',
    '[defaults]\nrun = "x"\n[console.a]\nafter = ["b"]\n[console.b]\nafter = ["c"]\n[console.c]\nafter = ["a"]',
    ['a.toml:8 console.c.after: consoles wait for each other in a circle: a -> b -> c -> a'],
  ],
  [
    'after itself',
    'console.a = { run = "x", after = ["a"] }',
    ['a.toml:1 console.a.after: consoles wait for each other in a circle: a -> a'],
  ],
  [
    'signal',
    '[console.a]\nrun = "x"\nstop = [\n{ signal = "SIGTREM" }]',
    ["a.toml:4 console.a.stop.0.signal: unknown signal 'SIGTREM'; did you mean 'TERM'?"],
  ],
  [
    'signal number',
    '[console.a]\nrun = "x"\nstop = [{ signal = 99 }]',
    ["a.toml:3 console.a.stop.0.signal: unknown signal '99'; a name such as TERM, or 1 to 31"],
  ],
  [
    'stop step',
    '[console.a]\nrun = "x"\nstop = [{ signla = "INT" }]',
    [
      'a.toml:3 console.a.stop.0: expected a step ({ send = "text" }, { signal = "NAME" } or { wait = "5s" }), not a table',
    ],
  ],
  [
    'wait of a step',
    '[console.a]\nrun = "x"\nstop = [{ wait = "x" }]',
    [
      'a.toml:3 console.a.stop.0.wait: expected a duration (seconds, or a text such as "500ms", "5s", "10m", "2h", "7d"), not "x"',
    ],
  ],
  [
    'pattern',
    '[console.a]\nrun = "x"\nready.pattern = "("',
    ['a.toml:3 console.a.ready.pattern: no regular expression: /(/: Unterminated group'],
  ],
  [
    'endpoint',
    '[console.a]\nrun = "x"\nendpoints = ["1",\n"localhost:20001"]',
    [
      "a.toml:4 console.a.endpoints.1: 'localhost:20001': expected PORT, ADDRESS:PORT (a number, not a name), unix:PATH or unix:USER:GROUP:MODE:PATH",
    ],
  ],
  [
    'endpoint port',
    'console.a = { run = "x", endpoints = ["70000"] }',
    ["a.toml:1 console.a.endpoints.0: '70000': a port is 0 to 65535"],
  ],
  [
    'long socket path',
    `console.a = { run = "x", endpoints = ["unix:${'p'.repeat(100)}"] }`,
    [
      `a.toml:1 console.a.endpoints.0: the path of a socket has at the most 107 bytes, and '/run/holdfast/${'p'.repeat(100)}' has more; shorten server.runtime_dir or the name`,
    ],
  ],
  [
    'shared port',
    '[console.a]\nrun = "x"\nendpoints = ["20001"]\n[console.b]\nrun = "x"\nendpoints = ["0.0.0.0:20001"]',
    ["a.toml:6 console.b.endpoints.0: console 'b': port 20001 is used by console 'a' too"],
  ],
  [
    'shared port of a template: one mistake',
    '[defaults]\nrun = "x"\nendpoints = ["20001"]\n[console.a]\n[console.b]\n[console.c]',
    ["a.toml:3 defaults.endpoints.0: console 'b': port 20001 is used by console 'a' too"],
  ],
  [
    'shared socket',
    '[console.a]\nrun = "x"\nendpoints = ["unix:s", "unix:::666:/run/holdfast/s"]',
    ["a.toml:3 console.a.endpoints.1: console 'a': /run/holdfast/s is used twice by the same console"],
  ],
  [
    'its own source',
    '[console.a]\nunix = "s"\nendpoints = ["unix:s"]',
    ["a.toml:3 console.a.endpoints.0: console 'a': /run/holdfast/s is its own source"],
  ],
  [
    'shared log',
    '[defaults]\nlog.path = "all.log"\n[console.a]\nrun = "x"\n[console.b]\nrun = "x"',
    [
      "a.toml:2 defaults.log.path: console 'b': /var/log/holdfast/all.log is the log of console 'a' too; use {name} in log.path",
    ],
  ],
  [
    'key',
    '[console.a]\nrun = "x"\nkeys.kill = "^X^Y"',
    [`a.toml:3 console.a.keys.kill: '^X^Y' is more than one key (^X and ^Y); write one, such as ^X, or "" for none`],
  ],
  [
    'limit name',
    '[console.a]\nrun = "x"\nlimits = { nofiles = 3 }',
    ["a.toml:3 console.a.limits.nofiles: unknown limit 'nofiles'; did you mean 'nofile'?"],
  ],
  [
    'limit',
    '[console.a]\nrun = "x"\nlimits.core = "much"',
    [
      'a.toml:3 console.a.limits.core: expected a limit (N for both, "SOFT:HARD", each a number such as 4096 or "64M", or "unlimited"), not "much"',
    ],
  ],
  [
    'variable',
    '[console.a]\nrun = "x"\nenv = { "A-B" = "x" }',
    ["a.toml:3 console.a.env.A-B: 'A-B' is no name here; expected letters, digits and _, the first no digit"],
  ],
  [
    'address',
    '[console.a]\ntcp = "host"',
    ['a.toml:2 console.a.tcp: expected an address (HOST:PORT, [IPV6]:PORT), not "host"'],
  ],
  [
    'port of an address',
    '[console.a]\ntelnet = "host:99999"',
    ['a.toml:2 console.a.telnet: port 99999 is not one of 1 to 65535'],
  ],
  [
    'mode',
    '[server]\ncontrol_mode = "rw"',
    ['a.toml:2 server.control_mode: expected an octal mode (a text such as "0660"), not "rw"'],
  ],
  [
    'a mistake in a template is told once',
    '[template.t]\nrun = "x"\nready.pattern = "["\n[console.a]\ntemplate = "t"\n[console.b]\ntemplate = "t"',
    ['a.toml:3 template.t.ready.pattern: no regular expression: /[/: Unterminated character class'],
  ],
];

for (const [what, text, problems] of MISTAKES) {
  test(`a mistake: ${what}`, () => assert.deepEqual(refused(text), problems));
}

test('all mistakes of all files at once, in the order of files and lines', () => {
  const said = refused({
    '/etc/h/a.toml': '[console.a]\nrun = 5\n[console.b]\nhistory = -1\nrun = "x"\n[console.c]\nrun = "x"\nunix = "/x"',
    '/etc/h/b.toml': 'x = [',
    '/etc/h/c.toml': '[console.b]\nrun = "x"\n[console.d]\nrun = "x"\nafter = ["only in b.toml"]',
  });
  assert.deepEqual(
    said.map((line) => line.split(' ')[0]),
    ['a.toml:2', 'a.toml:4', 'a.toml:8', 'b.toml:1', 'c.toml:1'],
  );
});

test('what was found: tables say more than discovery, discovery more than defaults', () => {
  const folders = ['vac', 'cryo', 'rf'].map((name) => ({ name, dir: `/opt/iocs/e3-ioc-${name}` }));
  const asked: unknown[] = [];
  const { consoles } = accepted(
    '[defaults]\nrun = "never"\n[template.t]\nhistory = 7\n[discover.e3]\ndir = "/opt/iocs"\ntemplate = "t"\n[console.cryo]\nhistory = 8\n[console.rf]\nunix = "/s"',
    {
      discover: (request) => {
        asked.push(request);
        return folders;
      },
    },
  );
  assert.deepEqual(asked, [{ table: 'e3', dir: '/opt/iocs', match: 'e3-ioc-*', file: 'st.cmd' }]);
  const shown = consoles.map(({ name, source, chdir, history, place }) => ({
    name,
    source,
    chdir,
    history,
    place: place.line,
  }));
  const found = (name: string) => ({
    source: { kind: 'run', argv: ['iocsh.bash', `/opt/iocs/e3-ioc-${name}/st.cmd`] },
    chdir: `/opt/iocs/e3-ioc-${name}`,
  });
  assert.deepEqual(shown, [
    { name: 'cryo', ...found('cryo'), history: 8, place: 8 },
    { name: 'rf', source: { kind: 'unix', path: '/s' }, chdir: undefined, history: 7, place: 10 },
    { name: 'vac', ...found('vac'), history: 7, place: 5 },
  ]);
});

test('discovery: its own run, folders that cannot be read, names that are none, found twice', () => {
  const discover = '[discover.x]\ndir = "d"\nrun = ["sh", "{file}", "{dir}", "{name}"]\n';
  const { consoles } = accepted(discover, { discover: ({ dir }) => [{ name: 'a', dir: `${dir}/ioc-a` }] });
  assert.deepEqual(consoles[0]?.source, {
    kind: 'run',
    argv: ['sh', '/etc/h/d/ioc-a/st.cmd', '/etc/h/d/ioc-a', 'a'],
  });
  assert.deepEqual(refused(discover, { discover: () => ({ error: 'ENOENT' }) }), ['a.toml:2 discover.x.dir: ENOENT']);
  assert.deepEqual(
    refused(`${discover}[discover.y]\ndir = "d"`, { discover: ({ dir }) => [{ name: 'a', dir: `${dir}/a` }] }),
    ["a.toml:4 discover.y: /etc/h/d/a: console 'a' was found already by /etc/h/a.toml:1"],
  );
  assert.match(refused(discover, { discover: () => [{ name: '-x', dir: '/d/-x' }] })[0] as string, /'-x' is no name/);
});

test('2,000 consoles in well under a second', () => {
  const template =
    '[template.ioc]\nrun = ["iocsh.bash", "/opt/iocs/{name}/st.cmd"]\nendpoints = ["unix:{name}.sock"]\nready.pattern = "^epics>"\n';
  const lines = Array.from(
    { length: 2000 },
    (_, n) => `[console.ioc-${n}]\ntemplate = "ioc"\nafter = ["ioc-${Math.max(0, n - 1)}"]`,
  );
  lines[0] = '[console.ioc-0]\ntemplate = "ioc"';
  // Processor time: the clock on the wall tells how busy the machine is with other tests.
  const before = process.cpuUsage();
  assert.equal(accepted(template + lines.join('\n')).consoles.length, 2000);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 800_000, `${user + system} us`);
});

test('any text is answered', () => {
  const piece = fc.constantFrom(
    ...[
      '[console.a]\n',
      '[defaults]\n',
      '[template.t]\n',
      '[discover.d]\n',
      'run = ',
      'template = ',
      '"t"\n',
      '"x"\n',
      '1\n',
    ],
    ...[
      'restart = ',
      'log = ',
      'stop = ',
      '{',
      '}',
      '[',
      ']',
      'signal = ',
      ', ',
      'env = ',
      '-1e400',
      'inf\n',
      'false\n',
    ],
    ...[
      '__proto__',
      '.',
      ' = ',
      'constructor',
      '1979-05-27\n',
      'dir = ',
      'console',
      'server',
      '"{name}"\n',
      'after = ',
    ],
  );
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
      ),
      (text) => {
        const { config, problems } = read(text);
        accepted += config ? 1 : 0;
        assert.ok(config || problems.length > 0);
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 10, `${accepted} of 3000 were valid`);
});

/** Lines of a console that are right by themselves, each with a value in its place that is wrong. */
const LINES: readonly (readonly [key: string, right: string, wrong: string])[] = [
  ['template', '"t"', '"u"'],
  ['run', '["x"]', '[]'],
  ['user', '"u"', '""'],
  ['chdir', '"/"', 'true'],
  ['env', '{ A = "1" }', '{ A = 1 }'],
  ['env_file', '[\n"a",\n"b"]', '{}'],
  ['umask', '"022"', '"22"'],
  ['limits', '{ core = 1 }', '{ cores = 1 }'],
  ['restart', '{ holdoff = 1 }', '{ holdoff = "1" }'],
  ['start', 'true', '"yes"'],
  ['stop', '[{ wait = 1 }]', '[{ signal = "TREM" }]'],
  ['ready', '{ pattern = "a" }', '{ pattern = "(" }'],
  ['after', '["b"]', '["c"]'],
  ['log', '{ keep = 1 }', '{ keep = 0 }'],
  ['history', '3', '1979-05-27'],
  ['ignore', '"^C"', '3'],
  ['keys', '{ kill = "" }', '{ kill = "abc" }'],
  ['endpoints', '["20001", "unix:x"]', '["20001", "tcp:x"]'],
  ['groups', '["""\na"""]', '[1]'],
  ['labels', "{ a = '''\n\n''' }", '{ a = [] }'],
];

test('one wrong value among any others gives one problem, at its line', () => {
  const lines = fc.shuffledSubarray([...LINES], { minLength: 1 });
  fc.assert(
    fc.property(lines, fc.nat(), (some, at) => {
      const wrong = some[at % some.length] as (typeof LINES)[number];
      const table = (mistaken: boolean) =>
        some.map((line) => `${line[0]} = ${mistaken && line === wrong ? line[2] : line[1]}`);
      const around = ['[template.t]', 'run = "x"', '[console.b]', 'run = "x"', '[console.a]', 'template = "t"'];
      if (some.some(([key]) => key === 'template')) {
        around.pop();
      }
      const text = (mistaken: boolean) => [...around, ...table(mistaken)].join('\n');
      accepted(text(false));
      const before = [...around, ...table(true).slice(0, some.indexOf(wrong))].join('\n');
      const { problems } = read(text(true));
      assert.deepEqual(
        problems?.map(({ line, key }) => [line, key.split('.').slice(0, 3).join('.')]),
        [[before.split('\n').length + 1, `console.a.${wrong[0]}`]],
        JSON.stringify(problems),
      );
    }),
    { numRuns: 500 },
  );
});
