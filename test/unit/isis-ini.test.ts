import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIsisIni } from '../../src/grammar/isis/ini.ts';
import { defaultIsisConfig } from '../../src/model/isis-config.ts';

test('defaults are those of the original', () => {
  assert.deepEqual(parseIsisIni('').config, defaultIsisConfig());
  assert.deepEqual(parseIsisIni('# only\n  # comments\n \t \n').notices, []);
});

test('keywords in any case, CR LF, tabs, later entries override, NoLog is undone by ServerLog', () => {
  const { config, notices } = parseIsisIni(
    'nolog\r\nSERVERid\tM1.IS # us\r\nServerPort 1\r\nServerPort 6600 # x\r\nServerLog /l\r\n',
  );
  assert.deepEqual(notices, []);
  assert.deepEqual([config.serverId, config.serverPort, config.log, config.serverLog], ['M1.IS', 6600, true, '/l']);
});

test('mistakes are named by line and do not stop the server', () => {
  const { notices, fatal, config } = parseIsisIni('FooBar 1\nServerPort\nServerPort many\nServerPort # later\n');
  assert.deepEqual(
    notices.map(({ line }) => line),
    [1, 2, 3, 4],
  );
  assert.equal(notices[0]?.original, 'Ignoring unrecognized config file entry - FooBar 1');
  assert.equal(fatal, undefined);
  assert.equal(config.serverPort, 0);
});

test('a number is taken from before surplus text, and that is reported', () => {
  const { notices, config } = parseIsisIni('ServerPort 6600;\nUDPPort 10.0.0.1 7x\nServerPort 70000\n');
  assert.deepEqual([config.serverPort, config.udpPorts], [6600, [{ address: '10.0.0.1', port: 7 }]]);
  assert.deepEqual(
    notices.map(({ text }) => text),
    [
      "ServerPort wants a whole number from 0 to 65535, not '6600;', taken as 6600",
      "UDPPort wants a whole number from 0 to 65535, not '7x', taken as 7",
      "ServerPort wants a whole number from 0 to 65535, not '70000'",
    ],
  );
});

test('a ninth line and a thirteenth preset are refused in the words of the original', () => {
  const { config, notices } = parseIsisIni('TTYPort /dev/x\n'.repeat(9) + 'UDPPort 10.0.0.1 7\n'.repeat(13));
  assert.deepEqual([config.ttyPorts.length, config.udpPorts.length], [8, 12]);
  assert.match(
    notices[0]?.original ?? '',
    /^ERROR: Cannot define more than 8 serial \(tty\) ports\n {7}extra port ignored\.$/,
  );
  assert.match(notices[1]?.original ?? '', /^ERROR: Cannot define more than 12 preset UDP socket ports\n/);
});

test('a line may have a speed; an impossible one keeps the server from starting', () => {
  const { config, notices, fatal } = parseIsisIni(
    'TTYPort /dev/a 115200\nTTYPort /dev/b\nTTYPort /dev/c 9600 # usual\nTTYPort /dev/d # 4800\nTTYPort /dev/e mount\n',
  );
  assert.deepEqual(config.ttyPorts, ['/dev/a', '/dev/b', '/dev/c', '/dev/d', '/dev/e']);
  assert.deepEqual([config.ttySpeeds, notices, fatal], [new Map([['/dev/a', 115200]]), [], undefined]);
  for (const speed of ['115201', '9600baud', '0']) {
    const bad = parseIsisIni(`ServerID X\nTTYPort /dev/a ${speed}\n`);
    assert.match(bad.fatal?.text ?? '', new RegExp(`TTYPort /dev/a wants a speed .*, not '${speed}'`));
    assert.equal(bad.fatal?.line, 2);
  }
});

test('room for sixteen lines and 32 presets, wherever that is in the file', () => {
  const many = 'TTYPort /dev/x\n'.repeat(17) + 'UDPPort 10.0.0.1 7\n'.repeat(33);
  const { config, notices } = parseIsisIni(`${many}MaxTTYPorts 16\nmaxudpports 32\n`);
  assert.deepEqual([config.ttyPorts.length, config.udpPorts.length], [16, 32]);
  assert.deepEqual(
    notices.map(({ line }) => line),
    [17, 50],
  );
  assert.match(parseIsisIni('MaxTTYPorts 17\n').notices[0]?.text ?? '', /whole number from 0 to 16, not '17'/);
});

test('a mistake in an access restriction keeps the server from starting', () => {
  for (const line of [
    'AllowNetwork 10.0.0.0/40',
    'PinHost TCS nowhere',
    'RateLimit few',
    'Listen lo',
    'AllowNetwork',
  ]) {
    assert.equal(parseIsisIni(`\n${line}\n`).fatal?.line, 2, line);
  }
});

test('no text stops the reader', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseIsisIni(text)));
});
