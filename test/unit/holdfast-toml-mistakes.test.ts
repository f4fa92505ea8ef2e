import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accepted, type Files, read, refused } from '../harness/read-config.ts';

/** One mistake each: the text, and all of its messages. */
const MISTAKES: readonly (readonly [what: string, text: string | Files, problems: readonly string[]])[] = [
  ['syntax', 'a = 1\nb = = 2', ['a.toml:2 : syntax error: invalid value']],
  [
    'a network without what it needs',
    '[network]\nlisten = ["0.0.0.0:99999"]\nlogin = []',
    [
      'a.toml:1 network: `certificate` is missing',
      'a.toml:1 network: `key` is missing',
      'a.toml:1 network: without [access] whoever logs in might do everything: add that section, with at least one [[access.rule]]',
      'a.toml:2 network.listen.0: there is no port 99999',
      'a.toml:3 network.login: nobody can log in: "password", "token", `client_ca`, [network.oidc] or `user_header` of [network.proxy]',
    ],
  ],
  [
    'a provider that cannot be one',
    '[access]\n[network]\nlisten = ["0.0.0.0:7633"]\ncertificate = "c"\nkey = "k"\n[network.oidc]\nissuer = "http://sso.example.org"',
    [
      'a.toml:6 network.oidc: `client_id` is missing',
      'a.toml:6 network.oidc: `url` of [network] is missing: the address to which the provider sends browsers back',
      'a.toml:7 network.oidc.issuer: http://sso.example.org: without TLS anybody on the way could be the provider',
    ],
  ],
  [
    'HTTP without TLS elsewhere than on loopback',
    '[access]\n[network]\nlisten = ["http://127.0.0.1:7634",\n"http://10.0.0.1:7634", "http://[::1]:1", "unix:/s"]',
    [
      'a.toml:4 network.listen.1: HTTP without TLS listens on loopback only (127.0.0.1, [::1], or unix:PATH): on 10.0.0.1 all could read along',
    ],
  ],
  [
    'one place with TLS needs a certificate',
    '[access]\n[network]\nlisten = ["unix:/s", "127.0.0.1:7633"]',
    ['a.toml:2 network: `certificate` is missing', 'a.toml:2 network: `key` is missing'],
  ],
  [
    'certificates of people where nothing speaks TLS',
    '[access]\n[network]\nlisten = ["unix:/s"]\nlogin = []\nclient_ca = "ca.pem"',
    [
      'a.toml:4 network.login: nobody can log in: "password", "token", `client_ca`, [network.oidc] or `user_header` of [network.proxy]',
    ],
  ],
  [
    'a proxy that names nobody',
    '[access]\n[network]\nlisten = ["unix:/s"]\nlogin = []\n[network.proxy]\nfrom = ["user:www"]\ngroups_header = "x-g"',
    [
      'a.toml:4 network.login: nobody can log in: "password", "token", `client_ca`, [network.oidc] or `user_header` of [network.proxy]',
      'a.toml:7 network.proxy.groups_header: `user_header` is missing: whose groups are they?',
    ],
  ],
  [
    'a proxy without an address',
    '[access]\n[network]\nlisten = ["unix:/s"]\n[network.proxy]\nuser_header = "x"',
    ['a.toml:4 network.proxy: `from` is missing: whose word counts?'],
  ],
  [
    'a proxy that is nowhere, and a header for two things',
    '[access]\n[network]\nlisten = ["unix:/s"]\n[network.proxy]\nfrom = ["user:www", "10.0.0.0/33"]\nuser_header = "X-A"\ngroups_header = "x-a"',
    [
      "a.toml:5 network.proxy.from.1: '10.0.0.0/33': expected ADDRESS, ADDRESS/BITS or user:NAME",
      'a.toml:7 network.proxy.groups_header: another key has the header x-a already',
    ],
  ],
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
    'marks',
    '[console.a]\nrun = "x"\nlog.marks = { every = "90s", lines = 3 }',
    [
      'a.toml:3 console.a.log.marks.every: marks come at whole minutes; expected 1m or a multiple of it',
      'a.toml:3 console.a.log.marks.lines: marks come by time or by lines; remove one of them',
    ],
  ],
  [
    'idle',
    '[console.a]\nrun = "x"\nidle = "20ms"',
    ['a.toml:3 console.a.idle: less than a second without input is nothing unusual; expected 1s or more, or 0'],
  ],
  [
    'open',
    '[console.a]\nrun = "x"\nopen = "never"',
    ['a.toml:3 console.a.open: expected "always", "on-entry" or "on-demand", not "never"'],
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
      'a.toml:1 console."a/b": \'a/b\' is not a name here; expected letters, digits and _ . : @ + -, the first a letter or digit',
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
    'a policy of processes',
    '[console.a]\nserial = "/dev/x"\nrestart.policy = "never"\n[console.b]\nunix = "/y"\nrestart = "on-failure"\n[console.c]\nunix = "/z"\nrestart = "always"',
    [
      "a.toml:3 console.a.restart.policy: only a console with 'run' has this; a link is always opened again, and the source here is 'serial'",
      "a.toml:6 console.b.restart: only a console with 'run' has this; a link is always opened again, and the source here is 'unix'",
    ],
  ],
  [
    'a short silence in a template is told once',
    '[template.t]\nrun = "x"\nidle = "500ms"\n[console.a]\ntemplate = "t"\n[console.b]\ntemplate = "t"',
    ['a.toml:3 template.t.idle: less than a second without input is nothing unusual; expected 1s or more, or 0'],
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
    ["a.toml:6 console.b.after.0: unknown console 'gatway'; did you mean 'gateway'?"],
  ],
  [
    'unknown after of a template',
    '[template.t]\nrun = "x"\nafter = ["gatway"]\n[console.gateway]\nrun = "x"\n[console.b]\ntemplate = "t"',
    ["a.toml:3 template.t.after.0: console 'b': unknown console 'gatway'; did you mean 'gateway'?"],
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
    'whoever may do something at an endpoint that does not exist',
    'console.a = { run = "x", endpoints = [{ at = "70000", may = ["read"] }] }',
    ["a.toml:1 console.a.endpoints.0: '70000': a port is 0 to 65535"],
  ],
  [
    'a right that does not exist',
    'console.a = { run = "x", endpoints = [{ at = "7", may = ["red"] }] }',
    [
      `a.toml:1 console.a.endpoints.0.may.0: expected "see", "read", "start", "stop", "restart", "hold", "release", "signal", "operate", "write", "force", "configure" or "admin", not "red"; did you mean 'read'?`,
    ],
  ],
  [
    'long socket path',
    `console.a = { run = "x", endpoints = ["unix:${'p'.repeat(100)}"] }`,
    [
      `a.toml:1 console.a.endpoints.0: 'unix:/run/holdfast/${'p'.repeat(100)}': the path of a socket has at most 107 bytes; shorten server.runtime_dir or the name`,
    ],
  ],
  [
    'soft over hard',
    'console.a = { run = "x", limits = { core = "2:1" } }',
    ['a.toml:1 console.a.limits.core: the soft limit of "2:1" is above the hard one; write SOFT:HARD'],
  ],
  [
    'shared port',
    '[console.a]\nrun = "x"\nendpoints = ["20001"]\n[console.b]\nrun = "x"\nendpoints = ["0.0.0.0:20001"]',
    ["a.toml:6 console.b.endpoints.0: port 20001 is used by console 'a' too"],
  ],
  [
    'shared port of a template: one mistake',
    '[defaults]\nrun = "x"\nendpoints = ["20001"]\n[console.a]\n[console.b]\n[console.c]',
    ["a.toml:3 defaults.endpoints.0: console 'b': port 20001 is used by console 'a' too"],
  ],
  [
    'shared socket',
    '[console.a]\nrun = "x"\nendpoints = ["unix:s", "unix:::666:/run/holdfast/s"]',
    ['a.toml:3 console.a.endpoints.1: /run/holdfast/s is used twice by the same console'],
  ],
  [
    'its own source',
    '[console.a]\nunix = "s"\nendpoints = ["unix:s"]',
    ['a.toml:3 console.a.endpoints.0: /run/holdfast/s is its own source'],
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
    ["a.toml:3 console.a.env.A-B: 'A-B' is not a name here; expected letters, digits and _, the first not a digit"],
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
    'a socket of the server itself',
    '[console.a]\nrun = "x"\nendpoints = ["unix:control", "unix:/run/holdfast/holder"]',
    [
      'a.toml:3 console.a.endpoints.0: /run/holdfast/control is a socket of the server itself; take another name',
      'a.toml:3 console.a.endpoints.1: /run/holdfast/holder is a socket of the server itself; take another name',
    ],
  ],
  [
    'no program',
    '[console.a]\nrun = ["", "x"]',
    ['a.toml:2 console.a.run: the first word is empty: it names the program'],
  ],
  [
    'NUL',
    '[console.a]\nrun = ["x", "a\\u0000b"]\nenv.A = "\\u0000"\nstop = [{ send = "\\u0000" }]',
    [
      'a.toml:2 console.a.run: there is a NUL character in it, which the kernel does not take',
      'a.toml:3 console.a.env: there is a NUL character in it, which the kernel does not take',
    ],
  ],
  [
    'two kinds of readiness',
    '[console.a]\nrun = "x"\nready = { pattern = "x", port = 7 }',
    ['a.toml:3 console.a.ready.port: a process is ready by its pattern or by its port; remove one of them'],
  ],
  [
    'a log that its writer may not write',
    '[console.a]\nrun = "x"\nlog.mode = "0440"',
    ['a.toml:3 console.a.log.mode: "0440" does not let the holder itself read and write the log; 0600 is the least'],
  ],
  [
    'no size, no age',
    '[console.a]\nrun = "x"\nlog = { size = "0k", age = 0 }\nquota.memory = 0',
    [
      'a.toml:3 console.a.log.size: a log of no size would be rotated with every line; "unlimited" is for no limit',
      'a.toml:3 console.a.log.age: a log of no age would be rotated with every line; without the key it is not rotated by age',
      'a.toml:4 console.a.quota.memory: nothing runs without memory; without the key there is no quota',
    ],
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

test('a console without a source is still checked', () => {
  const said = refused('[console.a]\ntemplate = "none"\nafter = ["b"]\n[console.c]\nafter = ["d"]');
  assert.deepEqual(
    said.map((line) => line.split(':').slice(0, 2).join(':')),
    ['a.toml:2 console.a.template', 'a.toml:3 console.a.after.0', 'a.toml:4 console.c', 'a.toml:5 console.c.after.0'],
  );
});

test('a name with a dot that is not quoted', () => {
  const [problem] = refused('[defaults]\nrun = "x"\n[console.vac.01]\nhistory = 1');
  assert.match(
    problem ?? '',
    /^a.toml:3 console.vac.01: unknown key '01'.*; a name with a dot in it is quoted: \[console."vac.01"\]$/,
  );
});

/** Valid lines of a console, each with a wrong value for it. */
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

test('a mistake in a variable is reported without its value', () => {
  for (const value of ['12345', '1979-05-27', 'true', '[12345]', '{ a = 12345 }']) {
    const { problems } = read(`[console.a]\nrun = "x"\nenv = { TOKEN = ${value} }`);
    assert.match(problems?.[0]?.message ?? '', /^expected a text, not (a|an) /);
    assert.doesNotMatch(JSON.stringify(problems), /12345|1979|true/);
  }
  const { problems } = read('[console.a]\nrun = "x"\nenv = "TOKEN=12345"');
  assert.equal(problems?.[0]?.message, 'expected a table of texts, not a string');
});
