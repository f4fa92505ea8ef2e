// The pure parts of isisCmd (spec/isis.md 12); its messages are tested by the conformance suite.
import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyOf, instrumentOf, sendOnce, serverAddress } from '../../src/cli/isis/isis-cmd.ts';
import { parseIsisServers } from '../../src/grammar/isis/servers.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

test('the instrument is that of the option, --mods1 before --mods2 before -m, otherwise that of the host name', () => {
  const said: string[] = [];
  const of = (options: Record<string, number>, hostName = 'laptop') =>
    instrumentOf('isisCmd', new Map(Object.entries(options)), { hostName, print: (text) => said.push(text) });
  assert.equal(of({ mods: 2 }, 'mods1'), '2');
  assert.equal(of({ mods: 2, mods2: 1, mods1: 1 }), '1');
  assert.equal(of({ mods: 3, mods2: 1 }), '2');
  assert.equal(of({}, 'MODS1-dts'), '1');
  assert.equal(said.length, 0);
  assert.equal(of({ mods: 3 }), undefined);
  assert.equal(of({}), undefined);
  assert.deepEqual(
    said.map((text) => text.split('\n')[0]),
    [
      "\u001b[31m** ERROR: Invalid argument '3' for -m: must be 1 or 2.",
      '\u001b[31m** ERROR: You did not specify which MODS Instrument to use',
    ],
  );
});

test('the address is that of the environment, otherwise that of the instrument', () => {
  assert.deepEqual(serverAddress('1', {}), { host: '192.168.139.130', port: 6600 });
  assert.deepEqual(serverAddress('2', {}), { host: '192.168.139.230', port: 6600 });
  assert.deepEqual(serverAddress('2', { ISIS_HOST: 'h', ISIS_PORT: '7' }), { host: 'h', port: 7 });
  assert.equal(serverAddress('2', { ISIS_PORT: 'seven' }), "ISIS_PORT is 'seven', which is not a port");
});

test('a server that turns out to be unknown after the timeout changes nothing', async () => {
  const host = 'no-such-host.invalid';
  const order = { server: { host, port: 6600 }, id: 'A', host: 'IS', command: 'x', timeout: 0.001 };
  const sent = sendOnce({ ...order, interim: assert.fail });
  // The time is over before the event loop sees any answer.
  const pause = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(pause, 0, 0, 50);
  assert.deepEqual(await sent, { end: 'timeout' });
  await assert.rejects(lookup(host));
});

test('a body is shown without its header, blanks collapsed, whatever its bytes', () => {
  assert.equal(bodyOf('IS>IPC1 DONE:  STATUS   x\r'), 'DONE: STATUS x');
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => !/^\s|\s\s|\s$/.test(bodyOf(text))));
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
    fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
      try {
        parseIsisServers(text);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    }),
  );
});
