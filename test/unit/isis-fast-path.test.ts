// The fast path and the full path lead through one server: whatever comes, both have the same effects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byteString, bytesOf, decodeImp, upperCase, withoutTerminator } from '../../src/codec/imp.ts';
import { ImpHeader, packName } from '../../src/codec/imp-header.ts';
import { parseIsisIni } from '../../src/grammar/isis/ini.ts';
import { IsisServer } from '../../src/isis/server.ts';
import { ipv4Number, ipv4Text } from '../../src/model/ipv4.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

/** A server between arrays; `fast` selects the path that messages take first. */
function bench(ini: string, fast: boolean) {
  const sent: string[] = [];
  const log: string[] = [];
  const events: unknown[] = [];
  let taken = 0;
  let now = 0;
  const send = (text: string, address: string, port: number): void => void sent.push(`${address}:${port} ${text}`);
  const server = new IsisServer({
    config: parseIsisIni(ini).config,
    rcFile: 'isis.ini',
    about: { version: '1', program: 'isis', user: 'u', hostName: 'h', date: 'd', time: 't', console: false },
    clock: { monotonic: () => now, wall: () => now * 1000, hold: () => undefined, release: () => undefined },
    log: {
      path: 'log',
      write: (text) => log.push(text),
      writeBytes: (bytes, start, end) => log.push(byteString(bytes.subarray(start, end))),
    },
    udp: { send, sendNow: () => assert.fail() },
    lines: [],
    port: 6600,
    event: (event) => events.push(event),
    onQuit: () => undefined,
  });
  const GAP = 100;
  const memory = Buffer.alloc(8192, 0xa5);
  const untouched = Buffer.alloc(8192, 0xa5);
  const socket = {
    memory,
    forward: (start: number, size: number, ip: number, port: number) => {
      assert.ok(start === GAP && start + size <= GAP + 4097);
      send(byteString(memory.subarray(start, start + size)), ipv4Text(ip), port);
    },
  };
  return {
    server,
    taken: () => taken,
    effects: () => ({
      sent,
      log,
      events,
      hosts: [...server.table].map(({ name, slot, route, heard }) => [name, slot, route, heard]),
    }),
    say: (text: string, address: string, port: number): void => {
      now += 1;
      memory.set(bytesOf(text), GAP);
      if (fast && server.takeBytes(socket, GAP, text.length, ipv4Number(address) ?? 0, port)) {
        taken += 1;
      } else {
        server.receiveUdp(text, address, port);
      }
      memory.fill(0xa5, GAP, GAP + text.length + 9);
      assert.ok(memory.equals(untouched), 'nothing beside the datagram and a few bytes after it was written');
    },
  };
}

const NAMES = ['A', 'b', 'M1.IE', 'm1.ie', 'IS', 'is', 'AL', 'ALL', 'ABCDEFGH', 'abcdefgi', 'X\xe9'];
const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...NAMES) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: ANY_CHARACTER, maxLength: 10 }).map((text) => text.replace(/[^\0-\xff]/g, '?')),
  },
);
const body = fc.oneof(
  fc.constantFrom(
    'PING',
    'ping',
    'PINg',
    'PONG',
    'PIN',
    'PINGS',
    '0ING',
    'PING ',
    'STATUS: x',
    'DONE: x',
    'hosts',
    'x\ty',
    'REMOVE A',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
  fc.array(fc.nat(255), { maxLength: 12 }).map((codes) => String.fromCharCode(...codes)),
);
const blanks = fc.oneof(
  { weight: 9, arbitrary: fc.constant(' ') },
  { weight: 1, arbitrary: fc.constantFrom('', '  ') },
);
const tail = fc.constantFrom('\r', '\r', '\r', '\n', '', '\r\n', '\n\r', '\r\r', '\0\0', '\rmore', '\nmore\r');
const datagram = fc
  .tuple(name, name, blanks, body, tail)
  .map(([from, to, gap, text, end]) => `${from}>${to}${gap}${text}${end}`);
const rarely = <T>(often: T, seldom: T) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(often) }, { weight: 1, arbitrary: fc.constant(seldom) });
const step = fc.tuple(datagram, rarely('10.0.0.1', '192.168.255.7'), rarely(1, 65_535));

test('both paths have the same effects, whatever comes in whatever order', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(
        '',
        '',
        'ServerID m1.is\n',
        'AliasAll\nMaxHosts 3\n',
        'NoLog\n',
        'Verbose\n',
        'PinHost A 10.0.0.1\n',
      ),
      fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
      (ini, steps) => {
        const [fast, slow] = [bench(ini, true), bench(ini, false)];
        for (const [text, address, port] of steps) {
          fast.say(text, address, port);
          slow.say(text, address, port);
          assert.deepEqual(fast.effects(), slow.effects());
        }
        taken += fast.taken();
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(taken > 300, `only ${taken} messages went the short way`);
});

test('ordinary traffic takes the fast path: known hosts, PING, any terminator, any case', () => {
  const { say, taken, effects } = bench('', true);
  say('A>IS PING\r', '10.0.0.1', 1);
  say('B>IS PING\r', '10.0.0.2', 2);
  const { sent } = effects();
  sent.length = 0;
  for (const text of ['A>B x y\r', 'a>b x y\n', 'A>B x y', 'A>B x y\r\0\0', 'A>B x y\n\r', 'A>IS pInG\n']) {
    say(text, '10.0.0.1', 1);
  }
  assert.equal(taken(), 6);
  assert.deepEqual(sent, [...Array(5).fill('10.0.0.2:2 A>B x y\r'), '10.0.0.1:1 IS>A PONG\r']);
});

test('a header read in place is the header that the codec reads', () => {
  const header = new ImpHeader();
  fc.assert(
    fc.property(datagram, fc.nat(5), (text, start) => {
      const bytes = bytesOf(`${'>'.repeat(start)}${text}A>B c`);
      if (!header.read(bytes, start, text.length)) {
        return;
      }
      const line = withoutTerminator(text);
      const message = decodeImp(line) ?? assert.fail(`'${text}' is malformed`);
      const [source, destination] = [upperCase(message.source), upperCase(message.destination)];
      assert.deepEqual({ low: header.sourceLow, high: header.sourceHigh }, packName(source));
      assert.deepEqual({ low: header.destinationLow, high: header.destinationHigh }, packName(destination));
      assert.equal(byteString(bytes.subarray(header.body, header.end)), message.body);
      assert.equal(header.end - start, line.length);
      assert.equal(header.lower, source !== message.source || destination !== message.destination);
      header.upperCase(bytes, start);
      assert.equal(byteString(bytes.subarray(start, header.end)), `${source}>${destination} ${message.body}`);
    }),
    { numRuns: 2000 },
  );
});

test('hosts whose names share a slot in the table are distinguished', () => {
  const { say, server } = bench('MaxHosts 10000\n', true);
  const names = Array.from({ length: 3000 }, (_, n) => `H${n}`);
  for (const [n, one] of names.entries()) {
    say(`${one}>IS\r`, '10.0.0.1', n + 1);
  }
  const find = (one: string) => server.table.findPacked(packName(one).low, packName(one).high);
  assert.ok(names.every((one) => find(one)?.name === one));
  for (const one of names.filter((_, n) => n % 2 === 0)) {
    say(`X>IS REMOVE ${one}\r`, '10.0.0.1', 1);
  }
  assert.ok(names.every((one, n) => find(one)?.name === (n % 2 === 0 ? undefined : one)));
});
