// The pure parts of isisCmd (section 12); what it does on the wire is the conformance suite's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyOf, instrumentOf, parseIsisCmd, serverAddress } from '../../src/cli/isis-cmd.ts';
import { parseIsisServers } from '../../src/grammar/isis-servers.ts';

test('options mix with arguments, are abbreviated, and end at --', () => {
  const plain = { timeout: 0, verbose: false, help: false, version: false };
  assert.deepEqual(parseIsisCmd(['--mods1', 'is', 'status']), { ...plain, mods: '1', words: ['is', 'status'] });
  assert.deepEqual(parseIsisCmd(['is', '-m', '2', 'hosts', '--time', '5', '-v']), {
    ...{ ...plain, mods: '2', timeout: 5, verbose: true },
    words: ['is', 'hosts'],
  });
  assert.deepEqual(parseIsisCmd(['-m', '1', '--', 'is', '-LOG'])?.words, ['is', '-LOG']);
  assert.equal(parseIsisCmd(['--nonsense', 'is']), undefined);
});

test('the instrument is that of the option, else of the host name', () => {
  assert.equal(instrumentOf('2', 'mods1'), '2');
  assert.equal(instrumentOf(undefined, 'mods1-dts'), '1');
  assert.equal(instrumentOf(undefined, 'laptop'), undefined);
});

test('the address is that of the environment, else of the instrument', () => {
  assert.deepEqual(serverAddress('1', {}), { host: '192.168.139.130', port: 6600 });
  assert.deepEqual(serverAddress('2', {}), { host: '192.168.139.230', port: 6600 });
  assert.deepEqual(serverAddress('2', { ISIS_HOST: 'h', ISIS_PORT: '7' }), { host: 'h', port: 7 });
});

test('a body is shown without its header, blanks collapsed, whatever comes', () => {
  assert.equal(bodyOf('IS>IPC1 DONE:  STATUS   x\r'), 'DONE: STATUS x');
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/^\s|\s\s|\s$/.test(bodyOf(text))));
});

test('the file of addresses: comments, ports by default, mistakes by line; no text stops its reader', () => {
  const servers = parseIsisServers('# a site\n\n1  host.site:7000 # MODS1\r\n2 10.0.0.2\n');
  assert.deepEqual(
    [...servers],
    [
      ['1', { host: 'host.site', port: 7000 }],
      ['2', { host: '10.0.0.2', port: 6600 }],
    ],
  );
  for (const wrong of ['3 h', '1', '1 h:0', '1 h:70000', '1 h 7', '1 :7', 'x']) {
    assert.throws(() => parseIsisServers(`\n${wrong}\n`), { name: 'SyntaxError', message: /^2: expected/ });
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        parseIsisServers(text);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    }),
  );
});
