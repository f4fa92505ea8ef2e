// [isis.NAME]: keys of its own, or an isis.ini.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { iniFiles } from '../../src/grammar/holdfast/isis.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import type { IniText } from '../../src/model/config-input.ts';
import { defaultIsisConfig } from '../../src/model/isis-config.ts';
import { accepted, DIRECTORIES, refused } from '../harness/read-config.ts';

function readWithIni(text: string, ini: IniText) {
  const tables = new ConfigTables([{ file: '/etc/h/a.toml', text }]);
  const inis = new Map(iniFiles(tables).map((path) => [path, ini]));
  return { paths: [...inis.keys()], ...holdfastToml({ tables, directories: DIRECTORIES, found: new Map(), inis }) };
}

test('a table alone is a closed server: loopback, the usual port, its log among the others', () => {
  assert.deepEqual(accepted('[isis.mods1]\n').isis, [
    {
      name: 'mods1',
      place: { file: '/etc/h/a.toml', line: 1 },
      source: '/etc/h/a.toml',
      settings: {
        ...defaultIsisConfig(),
        serverPort: 6600,
        listen: '127.0.0.1',
        serverLog: '/var/log/holdfast/isis.mods1',
      },
    },
  ]);
});

test('every key arrives in the settings', () => {
  const [one] = accepted(`[isis.m]
id = "XIS"
port = 6601
listen = "0.0.0.0"
log = "m/{name}"
log_date = "utc"
serial = ["/dev/ttyS0"]
presets = ["10.0.0.1:10700"]
handshake = false
max_hosts = 200
host_expiry = "2h"
allow = ["10.0.0.0/8", "127.0.0.1"]
pins = { "m1.ie" = "10.0.0.1:10700", TCS = "10.0.0.9" }
rate_limit = 0.5
extended_commands = true
alias_all = true
`).isis;
  assert.deepEqual(one?.settings, {
    ...{ serverId: 'XIS', serverPort: 6601, listen: '0.0.0.0', serverLog: '/var/log/holdfast/m/m', logDate: 'UTC' },
    ...{ log: true, verbose: false, handshaking: false, instrument: 'None', ttyPorts: ['/dev/ttyS0'] },
    ...{ udpPorts: [{ address: '10.0.0.1', port: 10700 }], maxHosts: 200, hostExpiry: 7200 },
    allow: ['10.0.0.0/8', '127.0.0.1/32'],
    pins: [
      { name: 'M1.IE', address: '10.0.0.1', port: 10700 },
      { name: 'TCS', address: '10.0.0.9' },
    ],
    ...{ rateLimit: 0.5, extendedCommands: true, aliasAll: true },
  });
  assert.equal(accepted('[isis.m]\nlog = false\n').isis[0]?.settings.log, false);
});

test('lines with individual speeds, and room for more of them', () => {
  const [one] = accepted(
    '[isis.m]\nserial = ["/dev/a", "/dev/b 115200", "/dev/c 9600"]\nmax_serial = 16\nmax_presets = 32\n',
  ).isis;
  const { ttyPorts, ttySpeeds, maxTtyPorts, maxUdpPorts } = one?.settings ?? {};
  assert.deepEqual(ttyPorts, ['/dev/a', '/dev/b', '/dev/c']);
  assert.deepEqual([ttySpeeds, maxTtyPorts, maxUdpPorts], [new Map([['/dev/b', 115200]]), 16, 32]);
});

test('an isis.ini supplies everything; its mistakes are reported with its own lines', () => {
  const { config, paths } = readWithIni('[isis.m]\nini = "isis.ini"\n', {
    text: 'ServerID XX\nServerPort 6605\nNoLog\n',
  });
  assert.deepEqual(paths, ['/etc/h/isis.ini']);
  assert.deepEqual(config?.isis[0]?.source, '/etc/h/isis.ini');
  assert.deepEqual(config?.isis[0]?.settings, {
    ...defaultIsisConfig(),
    ...{ serverId: 'XX', serverPort: 6605, log: false },
  });
  const bad = readWithIni('[isis.m]\nini = "isis.ini"\nport = 1\n', { text: '# one\nServrPort 6600\n' });
  assert.deepEqual(
    bad.problems?.map(({ file, line, key }) => [file, line, key]),
    [
      ['/etc/h/isis.ini', 2, ''],
      ['/etc/h/a.toml', 3, 'isis.m.port'],
    ],
  );
  const gone = readWithIni('[isis.m]\nini = "/no/isis.ini"\n', { error: 'ENOENT' });
  assert.equal(gone.problems?.[0]?.message, '/no/isis.ini cannot be read: ENOENT');
});

test('mistakes are reported with file, line and key', () => {
  assert.deepEqual(refused('[isis.m]\nporr = 1\n'), ["a.toml:2 isis.m.porr: unknown key 'porr'; did you mean 'port'?"]);
  assert.deepEqual(refused('[isis.m]\nlisten = "localhost"\n'), [
    'a.toml:2 isis.m.listen: expected an IPv4 address, not "localhost"',
  ]);
  assert.deepEqual(refused('[isis.m]\npresets = ["10.0.0.1:0"]\n'), [
    'a.toml:2 isis.m.presets: port 0 is not one of 1 to 65535',
  ]);
  assert.deepEqual(refused(`[isis.m]\nserial = [${'"/dev/x",'.repeat(9)}]\n`), [
    'a.toml:2 isis.m.serial: 9 of them are too many; 8 is the most',
  ]);
  assert.deepEqual(refused('[isis.a]\n[isis.b]\nport = 6600\n'), [
    "a.toml:3 isis.b.port: port 6600 of 127.0.0.1 is used by isis 'a' too",
  ]);
  assert.deepEqual(refused('[isis.a]\n[console."isis.a"]\nrun = ["true"]\n'), [
    "a.toml:1 isis.a: a console is named 'isis.a' too; rename one of them",
  ]);
});
