import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as messages from '../../src/listeners/procserv/messages.ts';
import type { ProcServSettings } from '../../src/listeners/procserv/settings.ts';

const SETTINGS: ProcServSettings = {
  ...{
    quitHelp: 'quits the server',
    name: 'ioc',
    command: '/opt/ioc',
    argv0: 'procServ',
    version: 'procServ Process Server 9',
  },
  child: { file: '/opt/ioc', argv: ['/opt/ioc', 'st.cmd'], cwd: '/data' },
  ...{ directory: '/srv', childDirectory: '/data', killKey: 0x18, toggleKey: 0x14, logoutKey: undefined },
  toggleCycle: ['always', 'never'],
  ...{ ignore: new Set<number>(), killSignal: 9, grace: 3000, timeFormat: '%c', history: 20 },
};
const FACTS: messages.BannerFacts = {
  ...{ serverPid: 10, mode: 'ON', childPid: 11, serverStarted: 'THEN', childStarted: 'NOW', users: 1, loggers: 2 },
};
const lines = (text: string): string[] => {
  assert.match(text, /\r\n$/);
  return text.slice(0, -2).split('\r\n');
};

test('the banner of a user', () => {
  assert.deepEqual(
    lines(messages.banner({ ...SETTINGS, logoutKey: 4, log: { path: 'log', isOpen: () => true } }, FACTS, false)),
    [
      '@@@ Welcome to procServ (procServ Process Server 9)',
      '@@@ Use ^X to kill the child, auto restart is ON, use ^T to toggle auto restart',
      '@@@ Use ^D to logout from procServ server',
      '@@@ procServ server PID: 10',
      '@@@ Server startup directory: /srv',
      '@@@ Child startup directory: /data',
      '@@@ Child "ioc" started as: /opt/ioc',
      '@@@ Child log file: log',
      '@@@ Child "ioc" PID: 11',
      '@@@ procServ server started at: THEN',
      '@@@ Child "ioc" started at: NOW',
      '@@@ 1 user(s) and 2 logger(s) connected (plus you)',
    ],
  );
});

test('the banner of a logger, and of a child that is down', () => {
  const down = { ...FACTS, childPid: undefined, childStarted: undefined };
  assert.deepEqual(lines(messages.banner({ ...SETTINGS, name: '/opt/ioc' }, down, true)), [
    '@@@ procServ server PID: 10',
    '@@@ Server startup directory: /srv',
    '@@@ Child startup directory: /data',
    '@@@ Child started as: /opt/ioc',
    '@@@ Child "/opt/ioc" is SHUT DOWN',
    '@@@ procServ server started at: THEN',
    '@@@ ^R or ^X restarts the child, ^Q quits the server',
  ]);
});

const KEYS = [
  [undefined, undefined, 'Kill command disabled, auto restart is ONESHOT, auto restart toggle disabled'],
  [0x1d, undefined, 'Use ^] to kill the child, auto restart is ONESHOT, auto restart toggle disabled'],
  [undefined, 0x41, 'Kill command disabled, auto restart is ONESHOT, use A to toggle auto restart'],
] as const;

for (const [killKey, toggleKey, line] of KEYS) {
  test(line, () => {
    const banner = messages.banner({ ...SETTINGS, killKey, toggleKey }, { ...FACTS, mode: 'ONESHOT' }, false);
    assert.equal(lines(banner)[1], `@@@ ${line}`);
  });
}

test('the help line, with keys switched off and on', () => {
  assert.equal(
    messages.helpLine({ ...SETTINGS, killKey: undefined }),
    '@@@ ^R restarts the child, ^Q quits the server\r\n',
  );
  assert.equal(
    messages.helpLine({ ...SETTINGS, logoutKey: 0x11 }),
    '@@@ ^R or ^X restarts the child, ^Q quits the server, ^Q closes this connection\r\n',
  );
});

test('a start', () => {
  const rule = '@@@ @@@ @@@ @@@ @@@';
  const pid = '@@@ The PID of new child "ioc" is: 11';
  assert.deepEqual(lines(messages.childStarted(SETTINGS, '11')), [
    '@@@ Restarting child "ioc"',
    '@@@    (as /opt/ioc)',
    pid,
    rule,
  ]);
  const same = { ...SETTINGS, child: { ...SETTINGS.child, argv: ['ioc'] } };
  assert.deepEqual(lines(messages.childStarted(same, '11')), ['@@@ Restarting child "ioc"', pid, rule]);
});

test('a start that failed', () => {
  const gone = { code: 'ENOENT', message: 'No such file or directory' };
  const exec = 'procServ: child could not execute: /opt/ioc, No such file or directory\r\n';
  assert.equal(messages.startFailed(SETTINGS, { step: 'exec', ...gone }), exec);
  const chdir = 'procServ: child could not chdir to /data, No such file or directory\r\n';
  assert.equal(messages.startFailed(SETTINGS, { step: 'chdir', ...gone }), chdir + exec);
  const uid = 'procServ: child could not set its uid, No such file or directory\r\n';
  assert.equal(messages.startFailed(SETTINGS, { step: 'uid', ...gone }), uid + exec);
  assert.equal(messages.notStarted(SETTINGS, new Error('vfork: no')), '@@@ Cannot start child "ioc": vfork: no\r\n');
});

const ENDS = [
  [{ code: 3, signal: null }, 'ON', 'Normal exit status = 3', 'a new one will be restarted shortly'],
  [{ code: null, signal: 11 }, 'OFF', 'The process was killed by signal 11', 'auto restart is disabled'],
  [{ code: 0, signal: null }, 'ONESHOT', 'Normal exit status = 0', 'oneshot mode: server will exit'],
] as const;

for (const [status, mode, how, prospect] of ENDS) {
  test(`an end with auto restart ${mode}`, () => {
    const text = messages.childEnded(SETTINGS, 11, { ...status, coreDumped: false }, 'NOW', mode);
    assert.deepEqual(lines(text), [
      '',
      '@@@ @@@ @@@ @@@ @@@',
      `@@@ Received a sigChild for process 11. ${how}`,
      '@@@ Current time: NOW',
      `@@@ Child process is shutting down, ${prospect}`,
      ...(mode === 'ONESHOT' ? [] : ['@@@ ^R or ^X restarts the child, ^Q quits the server']),
    ]);
  });
}

test('a child that ends with its server is not counted as a crash', () => {
  const ended = (code: number | null, signal: number | null) =>
    lines(messages.childEnded(SETTINGS, 11, { code, signal, coreDumped: false }, 'NOW', 'ON', true));
  assert.deepEqual(ended(4, null), [
    '',
    '@@@ The server ends: child process 11 ended with status 4',
    '@@@ Current time: NOW',
    '@@@ Child process is shutting down, server will exit',
  ]);
  assert.equal(ended(null, 9)[1], '@@@ The server ends: child process 11 ended by signal 9');
});

test('a child that was told to stop by a server that stays', () => {
  const status = { code: 0, signal: null, coreDumped: false };
  const told = { ...SETTINGS, whenStopped: 'as it was told to' };
  assert.deepEqual(lines(messages.childEnded(told, 11, status, 'NOW', 'ON', true)).slice(2), [
    '@@@ Received a sigChild for process 11. Normal exit status = 0',
    '@@@ Current time: NOW',
    '@@@ Child process is shutting down, as it was told to',
    '@@@ ^R or ^X restarts the child, ^Q quits the server',
  ]);
});

test('keys that act are announced', () => {
  assert.equal(messages.KILL_COMMAND, '\r\n@@@ Got a kill command\r\n');
  assert.equal(messages.toggled(SETTINGS, 'OFF'), '\r\n@@@ Toggled auto restart to OFF\r\n');
  const three = { ...SETTINGS, toggleCycle: ['always', 'never', 'oneshot'] as const };
  assert.equal(messages.toggled(three, 'ONESHOT'), '\r\n@@@ Toggled auto restart mode to ONESHOT\r\n');
});
