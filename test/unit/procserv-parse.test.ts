import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OPTIONS } from '../../src/cli/procserv/options.ts';
import { type ProcServCommand, parseProcServ } from '../../src/cli/procserv/parse.ts';

const CTRL = (letter: string): number => letter.charCodeAt(0) - 64;
const tcp = (host: string, port: number) => ({ kind: 'tcp', host, family: 4, port }) as const;

function parsed(words: readonly string[], env: Record<string, string> = {}): ProcServCommand {
  const line = parseProcServ(words, env);
  assert.equal(line.verb, 'run', JSON.stringify(line));
  return line as ProcServCommand;
}

/** The fields of `expected` that the words produce. */
function expectFields(words: readonly string[], expected: Partial<ProcServCommand>, env = {}): void {
  const line = parsed(words, env) as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(expected)) {
    assert.deepEqual(line[name], value, `${name} of ${words.join(' ')}`);
  }
}

test('the first seed', () => {
  expectFields(['-n', 'iocsh', '2000', '/opt/epics/bin/iocsh.bash'], {
    ...{ name: 'iocsh', control: [{ spec: '2000', endpoint: tcp('127.0.0.1', 2000) }], log: undefined },
    ...{ file: '/opt/epics/bin/iocsh.bash', argv: ['/opt/epics/bin/iocsh.bash'], command: '/opt/epics/bin/iocsh.bash' },
    ...{ foreground: false, debug: false, quiet: false, wait: false, policy: { mode: 'always', holdoff: 15_000 } },
    ...{ killKey: CTRL('X'), toggleKey: CTRL('T'), logoutKey: undefined, ignore: new Set<number>(), killSignal: 9 },
    ...{ logFile: undefined, logStamp: undefined, logRotate: undefined, timeFormat: '%c', chdir: undefined },
    ...{ pidFile: undefined, infoFile: undefined, coreSize: undefined, allowFrom: [], warnings: [] },
  });
});

test('the second seed', () => {
  const path = '/var/run/procServ/my-ioc';
  expectFields(
    ['-n', 'Test IOC', '-i', '^D^C', '-L', 'procServ.log', `unix:${path}`, 'iocsh.bash', '/path/to/st.cmd'],
    {
      name: 'Test IOC',
      ignore: new Set([CTRL('D'), CTRL('C')]),
      logFile: 'procServ.log',
      control: [{ spec: `unix:${path}`, endpoint: { kind: 'unix', path, mode: 0o666 } }],
      argv: ['iocsh.bash', '/path/to/st.cmd'],
    },
  );
});

test('the unit of the seed, and its template', () => {
  const common = ['--foreground', '--ignore=^C^D', '--logfile=/home/iocuser/test-ioc.log', '--name=test-ioc'];
  expectFields([...common, '--port=2000', '/opt/iocsh.bash'], {
    ...{ foreground: true, name: 'test-ioc', ignore: new Set([3, 4]), logFile: '/home/iocuser/test-ioc.log' },
    ...{ control: [{ spec: '2000', endpoint: tcp('127.0.0.1', 2000) }], argv: ['/opt/iocsh.bash'] },
  });
  const run = '/var/run/procServ/x';
  const more = [`--info-file=${run}/info`, '--logoutcmd=^Q', `--chdir=${run}`, `--port=unix:${run}/control`];
  expectFields([...common, ...more, '/opt/iocsh.bash', 'st.cmd'], {
    ...{ infoFile: `${run}/info`, logoutKey: CTRL('Q'), chdir: run, argv: ['/opt/iocsh.bash', 'st.cmd'] },
  });
});

const END = ['2000', 'cmd', '-x', '--y'];
const always = { mode: 'always', holdoff: 15_000 } as const;

const OPTION_LINES: readonly (readonly [words: readonly string[], expected: Partial<ProcServCommand>])[] = [
  [['--allow'], { control: [{ spec: '2000', endpoint: tcp('0.0.0.0', 2000) }] }],
  [['--allow-from', '10.0.0.0/8,::1'], { allowFrom: ['10.0.0.0/8', '::1'] }],
  [['--autorestartcmd', '^A'], { toggleKey: 1 }],
  [['--autorestartcmd='], { toggleKey: undefined }],
  [['--backoff', '2/300'], { policy: { ...always, backoff: { factor: 2, most: 300_000 } } }],
  [['--backoff', '0.5/1'], { policy: { ...always, backoff: { factor: 1, most: 1000 } } }],
  [['--chdir', '/x'], { chdir: '/x' }],
  [['-c', '/x', '-c/y'], { chdir: '/y' }],
  [['--coresize', '1000'], { coreSize: 1000 }],
  [['--coresize=-1'], { coreSize: undefined }],
  [['-d'], { debug: true, foreground: false }],
  [['-e', '/bin/sh'], { file: '/bin/sh', argv: ['/bin/sh', 'cmd', '-x', '--y'], command: 'cmd' }],
  [['-f'], { foreground: true }],
  [['-g', '0.5'], { grace: 500 }],
  [[], { grace: 3000, history: 0, logSync: 1000, argv: ['cmd', '-x', '--y'] }],
  [['--history', '7'], { history: 7 }],
  [[], { toggleCycle: ['always', 'never'] }],
  [['--savelog'], { saveLog: true }],
  [['-o'], { toggleCycle: ['always', 'never', 'oneshot'] }],
  [['--oneshot', '--noautorestart'], { toggleCycle: ['always', 'never', 'oneshot'] }],
  [['--holdoff=-3'], { policy: always }],
  [['--holdoff', '0'], { policy: { mode: 'always', holdoff: 500 } }],
  [['--holdoff=0.01'], { policy: { mode: 'always', holdoff: 10 } }],
  [['--holdoff', 'word'], { policy: { mode: 'always', holdoff: 500 } }],
  [['-i', '^^x'], { ignore: new Set([94, 120]) }],
  [['-I', 'info'], { infoFile: 'info' }],
  [['-k', '^]'], { killKey: 0x1d }],
  [['-k', ''], { killKey: undefined }],
  [['--killsig', '15'], { killSignal: 15 }],
  [['--killsig=-15'], { killSignal: 15 }],
  [['--killsig', 'term'], { killSignal: 15 }],
  [['--killsig', 'SIGINT'], { killSignal: 2 }],
  [['--killsig', '40'], { killSignal: 9, warnings: ['invalid kill signal 40 (>31) - using default (9)'] }],
  [['-l', '2001'], { log: { spec: '2001', endpoint: tcp('0.0.0.0', 2001) } }],
  [['-l', '1.2.3.4:2001', '--restrict'], { log: { spec: '1.2.3.4:2001', endpoint: tcp('127.0.0.1', 2001) } }],
  [['-L', '-'], { logFile: '-' }],
  [['--logstamp'], { logStamp: '[%c] ' }],
  [['--logstamp', '--timefmt', '%T'], { logStamp: '[%T] ', timeFormat: '%T' }],
  [['--logstamp=%s '], { logStamp: '%s ' }],
  [['--logsize', '2M'], { logRotate: { size: 2 << 20, keep: 5 } }],
  [['--logsize', '100', '--logkeep', '0'], { logRotate: { size: 100, keep: 1 } }],
  [['--logkeep', '3'], { logRotate: undefined }],
  [['--logsync', 'never'], { logSync: undefined }],
  [['--logsync', 'always'], { logSync: 0 }],
  [['--noautorestart'], { policy: { mode: 'never', holdoff: 15_000 } }],
  [['--noauto'], { policy: { mode: 'never', holdoff: 15_000 } }],
  [['-o'], { policy: { mode: 'oneshot', holdoff: 15_000 } }],
  [['-o', '--noautorestart'], { policy: { mode: 'never', holdoff: 15_000 } }],
  [['-o', '--noautorestart', '-o'], { policy: { mode: 'oneshot', holdoff: 15_000 } }],
  [['-p', 'pid'], { pidFile: 'pid' }],
  [['-q'], { quiet: true }],
  [['--restart-limit', '5/60'], { policy: { ...always, limit: { count: 5, within: 60_000 } } }],
  [['-w'], { wait: true }],
  [['-x', '^D'], { logoutKey: 4 }],
];

for (const [words, expected] of OPTION_LINES) {
  test(`option ${words.join(' ') || 'none'}`, () => expectFields([...words, ...END], expected));
}

test('any -P makes the first word the command', () => {
  const line = parsed(['-P', '10.0.0.1:1', '-P', 'unix:@x', 'cmd', '2000']);
  assert.deepEqual(line.control, [
    { spec: '10.0.0.1:1', endpoint: tcp('127.0.0.1', 1) },
    { spec: 'unix:@x', endpoint: { kind: 'unix', path: '@x', mode: 0o666 } },
  ]);
  assert.deepEqual(line.argv, ['cmd', '2000']);
  assert.deepEqual(parsed(['--', '2000', 'cmd']).argv, ['cmd']);
});

test('environment', () => {
  expectFields(END, { pidFile: '/run/pid' }, { PROCSERV_PID: '/run/pid' });
  expectFields(END, { pidFile: undefined }, { PROCSERV_PID: '' });
  expectFields(['-p', 'mine', ...END], { pidFile: 'mine' }, { PROCSERV_PID: '/run/pid' });
  expectFields(END, { debug: true, foreground: false }, { PROCSERV_DEBUG: '' });
});

test('help and version come before everything else', () => {
  assert.deepEqual(parseProcServ(['-V'], {}), { verb: 'version' });
  assert.deepEqual(parseProcServ(['-q', '--help', '2000'], {}), { verb: 'help' });
  assert.deepEqual(parseProcServ(['-V', '--nonsense'], {}), { verb: 'version' });
});

const USAGE_ERRORS = [
  [[], 'missing argument'],
  [['2000'], 'missing argument'],
  [['-P', '2000'], 'missing argument'],
  [['-Z', ...END], "invalid option -- 'Z'"],
  [['--nonsense', ...END], "unrecognized option '--nonsense'"],
  [['--logfile'], "option '--logfile' requires an argument"],
  [['-r', ...END], "invalid option -- 'r'"],
] as const;

for (const [words, message] of USAGE_ERRORS) {
  test(`usage error: ${words.join(' ')}`, () =>
    assert.deepEqual(parseProcServ(words, {}), { verb: 'error', message, usage: true }));
}

const ERRORS = [
  [['70000', 'cmd'], 'invalid control port 70000 (must be <65536)', false],
  [['localhost:1', 'cmd'], "Invalid socket spec 'localhost:1'", true],
  [['unix:a:b', 'cmd'], "Unix path+permissions spec unparsable 'a:b'", true],
  [['unix:', 'cmd'], 'expected unix socket path spec.', true],
  [[`unix:/${'x'.repeat(107)}`, 'cmd'], 'Unix path is too long (must be <108)', true],
  [['-l', 'nonsense', ...END], "Invalid socket spec 'nonsense'", true],
  [['--killsig', 'NOPE', ...END], "--killsig: 'NOPE' is neither a signal number nor a name such as TERM or INT", false],
  [['--logsize', '2T', ...END], "--logsize: '2T' is not a size; give bytes, or a number with k, M or G", false],
  [['--logsize', '0', ...END], "--logsize: '0' is not a size; give bytes, or a number with k, M or G", false],
  [['--logsize=1', '--logkeep=x', ...END], "--logkeep: 'x' is not a whole number", false],
  [['--history=-1', ...END], "--history: '-1' is not a whole number", false],
  [['--logsync=often', ...END], "--logsync: 'often' is not a number of seconds", false],
  [['-g', '-1', ...END], "--grace-period: '-1' is not a number of seconds", false],
  [['--backoff', '2', ...END], "--backoff: '2' is not of the form FACTOR/MAX, as in 2/300", false],
  [['--restart-limit', 'x/y', ...END], "--restart-limit: 'x/y' is not of the form N/SECONDS, as in 5/60", false],
  [
    ['--allow-from', 'home', ...END],
    "--allow-from: 'home' is not a network; give addresses or ADDRESS/BITS, comma between",
    false,
  ],
  [
    ['--allow-from', '10.0.0.0/33', ...END],
    "--allow-from: '10.0.0.0/33' is not a network; give addresses or ADDRESS/BITS, comma between",
    false,
  ],
  [
    ['--allow-from', '', ...END],
    "--allow-from: '' is not a network; give addresses or ADDRESS/BITS, comma between",
    false,
  ],
] as const;

for (const [words, message, bare] of ERRORS) {
  test(`error: ${words.join(' ').slice(0, 60)}`, () =>
    assert.deepEqual(parseProcServ(words, {}), { verb: 'error', message, usage: false, bare }));
}

test('any words give a command or an error', () => {
  const option = fc.constantFrom(...OPTIONS.map(({ name }) => `--${name}`));
  const word = fc.oneof(fc.string(), option, fc.constantFrom('2000', 'unix:x', '-P', '1/2', '0', '-1', '^X'));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      assert.ok(['run', 'help', 'version', 'error'].includes(parseProcServ(words, {}).verb));
    }),
  );
});
