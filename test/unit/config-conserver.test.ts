import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import type { ConserverFound } from '../../src/grammar/holdfast/conserver.ts';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import { changedKeys } from '../../src/listeners/conserver/changed-keys.ts';

const directories = { runtimeDir: '/run/h', stateDir: '/s' };

function read(text: string, conserver?: ConserverFound) {
  const tables = new ConfigTables([{ file: '/etc/h.toml', text }]);
  return holdfastToml({ tables, directories, found: new Map(), ...(conserver && { conserver }) });
}

const problems = (text: string, found?: ConserverFound) =>
  (read(text, found).problems ?? []).map(
    ({ file, line, column, key, message }) => `${file}:${line}${column ? `:${column}` : ''}: ${key}: ${message}`,
  );

function cf(text: string): ConserverFound {
  const isThisHost = (name: string) => name === 'me';
  const config = parseConserverCf('/etc/c.cf', text, () => ({ error: 'none' }), {
    ...{ isThisHost, servicePort: () => undefined, hasUser: () => true, hasGroup: () => true },
  });
  return { cf: { config, isThisHost, ports: {} }, problems: [], faults: config.faults };
}

test('without the section there is no listener; an empty one allows only passwords on loopback', () => {
  assert.equal(read('console.a.run = "x"').config?.conserver, undefined);
  const listener = read('[conserver]').config?.conserver;
  assert.deepEqual([listener?.listen, listener?.port, listener?.groupPort], [['127.0.0.1'], 3109, 3110]);
  assert.deepEqual(listener?.hosts, [{ access: 'allowed', pattern: '127.0.0.0/8' }]);
  assert.deepEqual([listener?.defaultAccess, listener?.tls, listener?.admin], ['rejected', { kind: 'none' }, []]);
});

test('networks: an address is itself; refused comes before trusted, trusted before allowed', () => {
  const text = '[conserver]\nallowed = ["10.0.0.0/8"]\ntrusted = ["10.1.0.7"]\nrejected = ["10.1.0.0/16"]';
  assert.deepEqual(read(text).config?.conserver?.hosts, [
    { access: 'rejected', pattern: '10.1.0.0/16' },
    { access: 'trusted', pattern: '10.1.0.7/32' },
    { access: 'allowed', pattern: '10.0.0.0/8' },
  ]);
});

test('rights by pattern: the default is that of all', () => {
  const text = '[conserver]\nwrite = ["ann", "!bob", "@ops"]\nread = ["*"]\n[conserver.rights."rf-*"]\nwrite = ["eve"]';
  assert.deepEqual(read(text).config?.conserver?.rights, [
    { pattern: 'rf-*', write: [{ name: 'eve', allowed: true }], read: [{ name: '*', allowed: true }] },
  ]);
});

test('every mistake with its line', () => {
  const told = problems(`[conserver]
listen = ["0.0.0.0"]
port = 3110
trusted = ["10.0.0.1/24", "300.0.0.1"]
aliases = { vac = "vac-1", vac-01 = "vac-01" }
write = ["two words"]
colour = 1
[console]
vac-01.run = "x"
`).map((line) => line.replace(/; known are .*/, ''));
  assert.deepEqual(told, [
    '/etc/h.toml:2: conserver.listen.0: 0.0.0.0 can be reached from elsewhere: say tls = { cert = ... }, tls = "legacy" or tls = "none"',
    '/etc/h.toml:3: conserver.port: port and group_port are both 3110: two are needed; 0 is any free one',
    '/etc/h.toml:4: conserver.trusted.1: expected a network (a.b.c.d or a.b.c.d/BITS), not "300.0.0.1"',
    "/etc/h.toml:5: conserver.aliases.vac: unknown console 'vac-1'; did you mean 'vac-01'?",
    '/etc/h.toml:5: conserver.aliases.vac-01: a console has this name; an alias needs another one',
    '/etc/h.toml:6: conserver.write.0: expected a user (NAME, "@GROUP" of the system, "*" for everybody; "!" before it: not), not "two words"',
    "/etc/h.toml:7: conserver.colour: unknown key 'colour'",
  ]);
});

test('a conserver.cf: consoles, details, other masters; a table of the TOML wins', () => {
  const found = cf(`config * { sslrequired no; autocomplete no; }
default * { rw ann; }
console a { master me; aliases one; type host; host ts; port 4; protocol raw; motd hello; }
console b { master me; type uds; uds /run/b; ro bob; }
console far { master other; type uds; uds /x; }
access * { trusted 10.0.0.0; admin ann; }
`);
  const { config } = read('conserver.cf = "c.cf"\nconserver.consoles = ["a"]\n[console.b]\nrun = "mine"', found);
  const sources = Object.fromEntries((config?.consoles ?? []).map(({ name, source }) => [name, source]));
  assert.deepEqual(sources, {
    b: { kind: 'run', argv: ['/bin/sh', '-c', 'mine'] },
    a: { kind: 'tcp', host: 'ts', port: 4 },
  });
  const listener = config?.conserver;
  assert.deepEqual([listener?.cf, listener?.autocomplete, listener?.consoles], ['/etc/c.cf', false, ['a']]);
  assert.deepEqual(listener?.remotes, [{ name: 'far', aliases: [], master: 'other' }]);
  assert.deepEqual([listener?.details.get('a')?.aliases, listener?.details.get('a')?.motd], [['one'], 'hello']);
  assert.deepEqual(listener?.details.get('b')?.read, [{ name: 'bob', allowed: true }]);
  assert.deepEqual(listener?.hosts, [{ access: 'trusted', pattern: '10.0.0.0' }]);
});

test('a conserver.cf: a discarded log is not a log, and a device has no size', () => {
  const found = cf(`config * { sslrequired no; }
default * { master me; type exec; exec cat; rw *; logfilemax 1m; }
console null { logfile /dev/null; }
console too { logfile /dev/null; }
console device { logfile /dev/ttyS7; }
console file { logfile /l/&; }
access * { trusted 10.0.0.0; }
`);
  const { config, problems: told } = read('conserver.cf = "c.cf"', found);
  assert.equal(told, undefined);
  const logs = Object.fromEntries((config?.consoles ?? []).map(({ name, log }) => [name, log && [log.path, log.size]]));
  assert.deepEqual(logs, {
    null: undefined,
    too: undefined,
    device: ['/dev/ttyS7', undefined],
    file: ['/l/file', 1 << 20],
  });
});

test('a conserver.cf: a log without logfilemax grows, unless the defaults or the table of the console bound it', () => {
  const found = cf(`config * { sslrequired no; }
default * { master me; type exec; exec cat; rw *; logfile /l/&; }
console a { }
console b { }
access * { trusted 10.0.0.0; }
`);
  const sizes = (text: string) => {
    const { config, problems: told } = read(`${text}conserver.cf = "c.cf"\n[console.b]\nchdir = "/"\n`, found);
    assert.equal(told, undefined);
    return Object.fromEntries((config?.consoles ?? []).map(({ name, log }) => [name, log?.size]));
  };
  assert.deepEqual(sizes(''), { a: undefined, b: undefined });
  assert.deepEqual(sizes('defaults.log.size = "1M"\n'), { a: 1 << 20, b: 1 << 20 });
  assert.deepEqual(sizes('template.t.log.size = "2M"\ndefaults.template = "t"\n'), { a: 2 << 20, b: 2 << 20 });
});

test('a conserver.cf with faults: each with line and column, together with those of the section', () => {
  assert.deepEqual(
    problems('conserver.cf = "c.cf"\nconserver.trusted = []', cf('console a { master me; type uds;\n colour 1; }\n')),
    [
      "/etc/c.cf:2:2: : unknown keyword `colour' in block `console a'",
      "/etc/c.cf:2:10: : console `a' has no `uds', which type uds needs",
      '/etc/h.toml:1: conserver.cf: no consoles found in the configuration',
      '/etc/h.toml:1: conserver.cf: that file asks for encryption (sslrequired) and names no sslcredentials; give them there, or tls = "legacy" here for the anonymous kind, or say sslrequired no',
      "/etc/h.toml:2: conserver.trusted: 'cf' is given, and that file says this; remove one of them",
    ],
  );
});

test('breaks besides the predefined ones, and tasks', () => {
  const { config } = read(String.raw`
[conserver]
breaks = { 2 = { send = "\\z\\d" }, x = { send = "ä\\r", delay = "600ms", confirm = true } }
[conserver.tasks]
p = { command = "cycle {name} ä", description = "power", confirm = true, user = "root" }
[console]
a.run = "x"`);
  const { breaks, tasks } = config?.conserver ?? {};
  assert.deepEqual(Object.keys(breaks ?? {}), ['1', '2', '3', '4', 'x']);
  assert.deepEqual(breaks?.['2'], { string: '\\z\\d', delay: 250, confirm: false });
  assert.deepEqual(breaks?.x, { string: '\xc3\xa4\\r', delay: 600, confirm: true });
  assert.deepEqual(tasks, {
    p: { cmd: 'cycle {name} \xc3\xa4', named: true, confirm: true, description: 'power', runas: { user: 'root' } },
  });
  const told = (text: string) => problems(`[conserver]\n${text}\n[console]\na.run = "x"`);
  assert.deepEqual(told('breaks = { 0 = { send = "x" } }'), [
    "/etc/h.toml:2: conserver.breaks.0: '0' is not a name here; expected a digit from 1 or a letter",
  ]);
  assert.deepEqual(told('breaks = { 5 = { send = "x", delay = 1 } }'), [
    '/etc/h.toml:2: conserver.breaks.5.delay: a pause has at most 999 ms',
  ]);
});

test('what of it differs, in the words of the file; the lists of rights by name', () => {
  const keys = (before: string, after: string, found: (text: string) => [string, ConserverFound?]) => {
    const [one, other] = [before, after].map((text) => read(...found(text)).config?.conserver);
    return changedKeys(one ?? assert.fail(), other ?? assert.fail());
  };
  const own = (before: string, after: string) => keys(before, after, (text) => [`[conserver]\n${text}`]);
  const base = 'trusted = ["127.0.0.1"]\nwrite = ["vera"]\n';
  assert.deepEqual(own(base, base), []);
  assert.deepEqual(own(base, 'trusted = ["127.0.0.1", "10.0.0.0/8"]\nwrite = ["vera", "jo"]\n'), ['trusted', 'write']);
  assert.deepEqual(own(base, `${base}admin = ["vera"]\nlimited = ["jo"]\nread = ["ann"]\n`), [
    'admin',
    'limited',
    'read',
  ]);
  assert.deepEqual(own(base, `${base}host_names = false\n[conserver.rights."rf-*"]\nwrite = ["eve"]\n`), [
    'rights',
    'host_names',
  ]);

  const ofCf = (before: string, after: string) =>
    keys(before, after, (text) => ['[conserver]\ncf = "c.cf"\n', cf(`config * { sslrequired no; }\n${text}`)]);
  const cfText = (rw: string, access: string, more = '') =>
    `default d { rw ${rw}; ${more} }\naccess * { ${access} }\nconsole x { include d; master me; type exec; exec cat; }\n`;
  const text = cfText('*', 'trusted 127.0.0.1;');
  assert.deepEqual(ofCf(text, text), []);
  assert.deepEqual(ofCf(text, cfText('jo', 'trusted 127.0.0.1;')), ['cf (rw)']);
  assert.deepEqual(ofCf(text, cfText('*', 'allowed 127.0.0.1; admin vera;')), ['cf (trusted, allowed, admin)']);
  assert.deepEqual(ofCf(text, cfText('*', 'trusted 127.0.0.1;', 'motd hello;')), ['cf']);
});
