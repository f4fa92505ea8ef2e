import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import { consoleOfCf, resetsLine } from '../../src/grammar/conserver/console-config.ts';
import { listenerOfCf } from '../../src/grammar/conserver/listener.ts';
import type { ConsoleConfig } from '../../src/model/config.ts';

function parse(text: string) {
  const { faults, ...config } = parseConserverCf('t.cf', text, () => ({ error: 'none' }), {
    ...{ isThisHost: (name: string) => name === 'me', servicePort: () => undefined },
    ...{ hasUser: () => true, hasGroup: () => true },
  });
  assert.deepEqual(faults, []);
  return { ...config, faults };
}

/** The configuration of the only console. */
function only(values: string): ConsoleConfig {
  const [record] = parse(`console c { master me; ${values} }`).consoles;
  assert.ok(record);
  return consoleOfCf(record, '/bin/ksh');
}

const LINE = { spin: { count: 5, within: 1000 }, retries: true, againAtZero: false };
const RESTART: ConsoleConfig['restart'] = { mode: 'always', holdoff: 0, line: LINE };
const MODES = { ixon: true, ixany: false, ixoff: false };
const NO_MARKS = { activity: false, breaks: false, tasks: false };

test('everything that a console has by default', () => {
  assert.deepEqual(only('type exec; exec "echo  $HOME"; execrunas nobody:daemon;'), {
    name: 'c',
    place: { file: 't.cf', line: 1 },
    source: {
      ...{ kind: 'run', argv: ['/bin/sh', '-ce', 'echo  $HOME'] },
      modes: { ...MODES, erase: 8, kill: 64 },
    },
    ...{ user: 'nobody', group: 'daemon', env: {}, envFile: [], limits: {}, start: true },
    restart: { ...RESTART, line: { ...LINE, againAtZero: true } },
    stop: [{ signal: 1 }, { wait: 5000 }, { signal: 9 }],
    ...{ after: [], history: 0, ignore: '', keys: { kill: '', toggle: '', logout: '' } },
    ...{ endpoints: [], groups: [], description: '', labels: {} },
  });
});

/** By values of the console: the fields that differ from those above. */
const RECORDS: readonly (readonly [values: string, fields: Partial<ConsoleConfig>])[] = [
  [
    'type exec; options !ixon, ixoff;',
    {
      source: {
        ...{ kind: 'run', argv: ['-ksh', '-i'], program: '/bin/ksh' },
        modes: { ixon: false, ixany: false, ixoff: true, erase: 8, kill: 64 },
      },
    },
  ],
  ['type host; host ts; portbase 2000; port 7;', { source: { kind: 'telnet', host: 'ts', port: 2007 } }],
  ['type host; host ts; port 7; protocol raw;', { source: { kind: 'tcp', host: 'ts', port: 7 } }],
  ['type uds; uds /run/\u00c3\u00a9;', { source: { kind: 'unix', path: '/run/é', raw: true, settle: 1000 } }],
  ['type noop; logfile /l; initcmd x;', { source: { kind: 'none' } }],
  [
    'type device; device /dev/t; baud 19200; parity even; options cstopb, crtscts, hupcl;',
    {
      source: {
        ...{ kind: 'serial', path: '/dev/t', baud: 19_200, dataBits: 7, stopBits: 2, parity: 'even' },
        ...{ flow: 'hardware', modes: { ...MODES, ixoff: true }, hangUp: true },
      },
    },
  ],
  [
    'type device; device /dev/t; baud 9600; parity none;',
    {
      source: {
        ...{ kind: 'serial', path: '/dev/t', baud: 9600, dataBits: 8, stopBits: 1, parity: 'none' },
        ...{ flow: 'none', modes: { ...MODES, ixoff: true }, hangUp: false },
      },
    },
  ],
  [
    'type uds; uds /u; options !autoreinit;',
    { restart: { ...RESTART, mode: 'never', line: { ...LINE, retries: false } } },
  ],
  [
    'type uds; uds /u; options ondemand;',
    { open: 'on-demand', restart: { ...RESTART, line: { ...LINE, retries: false } } },
  ],
  ['type uds; uds /u; options reinitoncc;', { open: 'on-entry' }],
  [
    'type uds; uds /u; initspinmax 2; initspintimer 30;',
    { restart: { ...RESTART, line: { ...LINE, spin: { count: 2, within: 30_000 } } } },
  ],
  ['type uds; uds /u; initcmd "expect x"; initrunas :tty;', { init: { command: 'expect x', group: 'tty' } }],
  ['type uds; uds /u; idletimeout 2m; idlestring "\\r\\z";', { idle: { after: 120_000, send: '\rz' } }],
  ['type uds; uds /u; options striphigh, unloved;', { stripHigh: true, unloved: true }],
  ['type uds; uds /u; motd "see\u00c3\u00a9";', { description: 'seeé' }],
  [
    'type uds; uds /u; logfile /l/&; logfilemax 10k;',
    { log: { path: '/l/c', keep: 0, compress: false, mode: 0o644, shared: true, asideAt: 10_240, marks: NO_MARKS } },
  ],
  [
    'type uds; uds /u; logfile /l; timestamp 5lat;',
    {
      log: {
        ...{ path: '/l', keep: 0, compress: false, mode: 0o644, shared: true },
        marks: { every: { count: 5, unit: 'lines' }, activity: true, breaks: false, tasks: true },
      },
    },
  ],
];

for (const [values, fields] of RECORDS) {
  test(`console { ${values} }`, () => {
    const config = only(values);
    const shown = Object.fromEntries(Object.keys(fields).map((key) => [key, config[key as keyof ConsoleConfig]]));
    assert.deepEqual(shown, fields);
    if (values.includes('noop')) {
      assert.deepEqual([config.log, config.init], [undefined, undefined]);
    }
  });
}

test('a line is closed and opened again when what it leads to changes, as whom, or into which log', () => {
  const plain = only('type exec; exec cat; logfile /l;');
  const same = ['motd m;', 'timestamp a;', 'logfilemax 10k;', 'idletimeout 5;', 'initcmd x;', 'options ondemand;'];
  const other = ['execrunas bob;', 'options ixoff;', 'initcmd x; initrunas bob;'];
  for (const values of same) {
    assert.equal(resetsLine(plain, only(`type exec; exec cat; logfile /l; ${values}`)), false, values);
  }
  for (const values of other) {
    assert.equal(resetsLine(plain, only(`type exec; exec cat; logfile /l; ${values}`)), true, values);
  }
  for (const values of ['type exec; exec tac; logfile /l;', 'type exec; exec cat;', 'type noop; logfile /l;']) {
    assert.equal(resetsLine(plain, only(values)), true, values);
  }
});

test('the listener: lists of this host in the order of the file, consoles of others, settings', () => {
  const config = parse(`default * { rw ann, !bob; ro *; }
console a { master me; type noop; aliases x, y; motd hello; break 2; breaklist "2,3"; options !login; }
console far { master there; type noop; aliases z; }
access there { trusted 10.0.0.1; admin mallory; }
access me { trusted 127.0.0.1; rejected 10.0.0.0/8; admin root, ann; limited eve; }
access * { allowed 10.0.0.0/8; admin !ann; }
config * { defaultaccess allowed; autocomplete no; redirect no; loghostnames no; }
break 5 { string x; delay 7; }
task 5 { cmd date; runas nobody; }
`);
  const { breaks, tasks, details, ...rest } = listenerOfCf(config, (name) => name === 'me');
  assert.deepEqual(rest, {
    hosts: [
      { access: 'trusted', pattern: '127.0.0.1' },
      { access: 'rejected', pattern: '10.0.0.0/8' },
      { access: 'allowed', pattern: '10.0.0.0/8' },
    ],
    defaultAccess: 'allowed',
    admin: [
      { name: 'root', allowed: true },
      { name: 'ann', allowed: true },
      { name: 'ann', allowed: false },
    ],
    limited: [{ name: 'eve', allowed: true }],
    ...{ aliases: {}, rights: [], autocomplete: false, redirect: false, hostNames: false },
    remotes: [{ name: 'far', aliases: ['z'], master: 'there' }],
  });
  assert.deepEqual([...details.keys()], ['a']);
  assert.deepEqual(details.get('a'), {
    ...{ aliases: ['x', 'y'], login: false, break: '2', breaklist: ['2', '3'], tasklist: '*', motd: 'hello' },
    write: [
      { name: 'ann', allowed: true },
      { name: 'bob', allowed: false },
    ],
    read: [{ name: '*', allowed: true }],
  });
  assert.deepEqual(breaks['5'], { string: 'x', delay: 7, confirm: false });
  assert.deepEqual(tasks['5'], { cmd: 'date', confirm: false, runas: { user: 'nobody' } });
});
