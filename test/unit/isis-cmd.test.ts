// The pure parts of isisCmd (section 12); what it does on the wire is the conformance suite's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyOf, instrumentOf, parseIsisCmd, serverAddress } from '../../src/cli/isis-cmd.ts';

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
