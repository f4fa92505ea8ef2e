import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEndpoint, parseEndpoint } from '../../src/model/endpoint-notation.ts';
import { accepted, DIRECTORIES, read, refused } from '../harness/read-config.ts';

test('one line is a console, with all defaults', () => {
  const { consoles, server, files } = accepted('console.vac.run = ["iocsh.bash", "{name}.cmd"]');
  assert.deepEqual(consoles, [
    {
      name: 'vac',
      place: { file: '/etc/h/a.toml', line: 1 },
      source: { kind: 'run', argv: ['iocsh.bash', 'vac.cmd'] },
      env: {},
      envFile: [],
      limits: {},
      restart: { mode: 'always', holdoff: 15_000 },
      start: true,
      stop: [{ signal: 15 }, { wait: 10_000 }, { signal: 9 }],
      after: [],
      log: { path: '/var/log/holdfast/vac.log', size: 100 << 20, keep: 5, compress: false, mode: 0o640 },
      history: 0,
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
ready = { pattern = "^ok", within = "2m" }
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
    envFile: [
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
    ready: { pattern: '^ok', within: 120_000 },
    after: ['b'],
    log: {
      path: '/etc/h/logs/a/out.log',
      stamp: '%F ',
      size: 10 * 2 ** 20,
      age: 86_400_000,
      keep: 2,
      compress: true,
      mode: 0o640,
    },
    history: 0,
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

test('names with colons, the words of the shell, and a template for everybody', () => {
  const { consoles } = accepted(`
[defaults]
template = "ioc"
[template.ioc]
run = "echo {name} \${name} {other}"
endpoints = ["unix:{name}.sock", "unix:u::660:{name}", "unix:@{name}"]
[template.other]
run = "other"
[console."TS:vac.01"]
[console.b]
template = "other"
[console.c]
unix = "/s"
`);
  const [colon, other, link] = consoles;
  assert.deepEqual(colon?.source, { kind: 'run', argv: ['/bin/sh', '-c', `echo TS:vac.01 \${name} {other}`] });
  assert.deepEqual(colon?.endpoints, [
    'unix::::/run/holdfast/TS:vac.01.sock',
    'unix:u::660:/run/holdfast/TS:vac.01',
    'unix::::@TS:vac.01',
  ]);
  assert.deepEqual(
    colon?.endpoints.map((spec) => isEndpoint(parseEndpoint(spec, ''))),
    [true, true, true],
  );
  assert.deepEqual(other?.source, { kind: 'run', argv: ['/bin/sh', '-c', 'other'] });
  assert.deepEqual(link?.source, { kind: 'unix', path: '/s' });
});

test('discovered consoles: tables win over discovery, discovery over defaults', () => {
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

test('discovery: its own run, unreadable folders, invalid names, found twice', () => {
  const discover = '[discover.x]\ndir = "d"\nrun = ["sh", "{file}", "{dir}", "{name}"]\n';
  const { consoles } = accepted(discover, { discover: ({ dir }) => [{ name: 'a', dir: `${dir}/ioc-a` }] });
  assert.deepEqual(consoles[0]?.source, {
    kind: 'run',
    argv: ['sh', '/etc/h/d/ioc-a/st.cmd', '/etc/h/d/ioc-a', 'a'],
  });
});

test('folders that discovery cannot use are left out with a warning, and the rest stays', () => {
  const discover = '[discover.x]\ndir = "d"\nrun = ["sh", "{file}"]\n[console.b]\nrun = "x"\n';
  const left = (files: string, more: Parameters<typeof read>[1]) => {
    const { config, warnings } = read(files, more);
    return {
      names: config?.consoles.map(({ name }) => name),
      unread: config?.unread,
      warnings: warnings?.map(({ line, key, message }) => `${line} ${key}: ${message}`),
    };
  };
  assert.deepEqual(left(discover, { discover: () => ({ error: 'ENOENT' }) }), {
    names: ['b'],
    unread: ['/etc/h/d'],
    warnings: ['2 discover.x.dir: ENOENT'],
  });
  const twice = left(`${discover}[discover.y]\ndir = "e"`, { discover: ({ dir }) => [{ name: 'a', dir: `${dir}/a` }] });
  assert.deepEqual(twice.names, ['b', 'a']);
  assert.deepEqual(twice.warnings, ["6 discover.y: /etc/h/e/a: console 'a' was found already by /etc/h/a.toml:1"]);
  const stray = left(discover, {
    discover: () => [
      { name: 'a (copy)', dir: '/d/a (copy)' },
      { name: 'c', dir: '/d/c' },
    ],
  });
  assert.deepEqual(stray.names, ['b', 'c']);
  assert.match(
    stray.warnings?.join() ?? '',
    /^1 discover\.x: \/d\/a \(copy\): 'a \(copy\)' is not a name of a console/,
  );
  const long = left(`${discover}[defaults]\nendpoints = ["unix:{name}.sock"]`, {
    discover: () => [
      { name: 'x'.repeat(120), dir: '/d/x' },
      { name: 'c', dir: '/d/c' },
    ],
  });
  assert.deepEqual(long.names, ['b', 'c']);
  assert.match(long.warnings?.join() ?? '', /at most 107 bytes/);
});

test('a table of a console whose folder cannot be read is not a mistake', () => {
  const text = '[discover.x]\ndir = "d"\n[console.a]\nuser = "x"\n[console.b]\nrun = "x"\nafter = ["a", "z"]\n';
  const { config } = read(text, { discover: () => ({ error: 'ENOENT' }) });
  assert.deepEqual(
    config?.consoles.map(({ name }) => name),
    ['b'],
  );
});

test('2,000 consoles in well under a second', () => {
  const template =
    '[template.ioc]\nrun = ["iocsh.bash", "/opt/iocs/{name}/st.cmd"]\nendpoints = ["unix:{name}.sock"]\nready.pattern = "^epics>"\n';
  const lines = Array.from(
    { length: 2000 },
    (_, n) => `[console.ioc-${n}]\ntemplate = "ioc"\nafter = ["ioc-${Math.max(0, n - 1)}"]`,
  );
  lines[0] = '[console.ioc-0]\ntemplate = "ioc"';
  // Processor time: wall time depends on the load by other tests.
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

test('a log is bounded by its size unless told otherwise, also where it has an age', () => {
  const [a, b, c, d] = accepted(`[template.t]
log.size = "unlimited"
[console]
a = { run = "x", log = { age = "7d" } }
b = { run = "x", log = { size = "unlimited" } }
c = { run = "x", template = "t", log = { keep = 2 } }
d = { run = "x", template = "t", log = { size = "1k" } }
`).consoles.map(({ log }) => log?.size);
  assert.deepEqual([a, b, c, d], [100 << 20, undefined, undefined, 1024]);
});

test('a device may be the log of several consoles; a path below /dev/shm is a file', () => {
  const shared = (path: string) =>
    `[defaults]\nlog = { path = "${path}", size = "1M" }\n[console.a]\nrun = "x"\n[console.b]\nrun = "x"`;
  for (const path of ['/dev/null', '/dev/stdout']) {
    assert.deepEqual(
      accepted(shared(path)).consoles.map(({ log }) => log?.path),
      [path, path],
    );
  }
  assert.match(refused(shared('/dev/shm/log'))[0] ?? '', /is the log of console 'a' too/);
});

test('when a source is open, what prepares it, and what is done to what passes', () => {
  const { consoles, server } = accepted({
    '/etc/h/a.toml': `
[server]
unified_log = "all.log"
[defaults]
idle = "5m"
strip_high = true
[template.line]
init = { command = "login {name}", user = "plc" }
log.marks = { every = "2h", activity = true }
[console.a]
template = "line"
tcp = "h:1"
open = "on-demand"
idle.send = "\\r"
unloved = true
[console.b]
template = "line"
run = "x"
open = "on-entry"
init = ""
idle.after = 0
strip_high = false
log.marks = { lines = 50 }
[console.c]
run = "x"
init = "one"
log.marks = false
[console.d]
run = "x"
log.marks = {}`,
  });
  assert.equal(server.unifiedLog, '/etc/h/all.log');
  const picked = consoles.map(({ open, init, idle, stripHigh, unloved, log }) => ({
    ...{ open, init, idle, stripHigh, unloved, marks: log?.marks },
  }));
  const none = { activity: false, breaks: false, tasks: false };
  assert.deepEqual(picked, [
    {
      ...{ open: 'on-demand', init: { command: 'login a', user: 'plc' }, idle: { after: 300_000, send: '\r' } },
      ...{ stripHigh: true, unloved: true, marks: { every: { unit: 'minutes', count: 120 }, ...none, activity: true } },
    },
    {
      ...{ open: 'on-entry', init: undefined, idle: undefined, stripHigh: undefined, unloved: undefined },
      marks: { every: { unit: 'lines', count: 50 }, ...none },
    },
    {
      ...{ open: undefined, init: { command: 'one' }, idle: { after: 300_000, send: '\n' } },
      ...{ stripHigh: true, unloved: undefined, marks: undefined },
    },
    {
      ...{ open: undefined, init: undefined, idle: { after: 300_000, send: '\n' } },
      ...{ stripHigh: true, unloved: undefined, marks: none },
    },
  ]);
});
