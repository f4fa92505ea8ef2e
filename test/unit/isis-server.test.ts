import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { parseIsisIni } from '../../src/grammar/isis/ini.ts';
import { udpRoute } from '../../src/isis/host-table.ts';
import { IsisServer } from '../../src/isis/server.ts';
import type { IsisEvent, Traffic } from '../../src/isis/surroundings.ts';
import type { IsisConfig } from '../../src/model/isis-config.ts';

/** A server between two arrays: its input and its output. */
function bench(ini: string, reload?: string | (() => Promise<IsisConfig>)) {
  let now = 0;
  const sent: string[] = [];
  const log: string[] = [];
  const events: IsisEvent[] = [];
  let failing: string | undefined;
  let quits = 0;
  const server = new IsisServer({
    config: parseIsisIni(ini).config,
    rcFile: 'isis.ini',
    about: { version: '1', program: 'isis', user: 'u', hostName: 'h', date: 'd', time: 't', console: false },
    clock: { monotonic: () => now, wall: () => now * 1000, hold: () => undefined, release: () => undefined },
    log: { path: 'log', write: (text) => log.push(text), writeBytes: () => assert.fail() },
    udp: {
      send: (text, address, port, failed) => {
        sent.push(`${address}:${port} ${text}`);
        if (failing !== undefined) {
          failed(failing);
        }
      },
      sendNow: (text, address, port) => {
        sent.push(`${address}:${port} ${text}`);
        return failing;
      },
    },
    lines: [],
    port: 6600,
    event: (event) => events.push(event),
    onQuit: () => {
      quits += 1;
    },
    ...(reload === undefined
      ? {}
      : { reload: typeof reload === 'function' ? reload : async () => parseIsisIni(reload).config }),
  });
  return {
    server,
    sent,
    log,
    events,
    quits: () => quits,
    fail: (error: string) => {
      failing = error;
    },
    pass: (ms: number) => {
      now += ms;
    },
    /** The output for this input. */
    say: (text: string, address = '10.0.0.1', port = 1): string[] => {
      sent.length = 0;
      server.receiveUdp(text, address, port);
      return [...sent];
    },
  };
}

test('a pinned name is not taken over by a stranger, which gets no answer', () => {
  const { say, events, server } = bench('PinHost TCS 10.0.0.1\n');
  assert.deepEqual(say('TCS>IS PING\r'), ['10.0.0.1:1 IS>TCS PONG\r']);
  assert.deepEqual(say('tcs>IS PING\r', '10.0.0.9'), []);
  assert.deepEqual(say('B>TCS hello\r', '10.0.0.9'), ['10.0.0.1:1 B>TCS hello\r']);
  assert.equal(events.filter(({ kind }) => kind === 'refused').length, 1);
  server.receiveSerial('TCS>IS PING', 0);
  assert.deepEqual(server.table.find('TCS')?.route, udpRoute('10.0.0.1', 1));
});

test('only allowed networks are heard', () => {
  const { say, log } = bench('AllowNetwork 10.0.0.0/24\nAllowNetwork 192.168.1.7\n');
  assert.equal(say('A>IS PING\r', '10.0.0.200').length, 1);
  assert.equal(say('A>IS PING\r', '192.168.1.7').length, 1);
  assert.deepEqual(say('A>IS PING\r', '10.0.1.1'), []);
  assert.ok(log.some((line) => line.includes('10.0.1.1 is in no allowed network')));
});

test('a rate limit drops the excess of a host, affects no other, and a flood is one event a second', () => {
  const { say, pass, events } = bench('RateLimit 10\n');
  const answered = (times: number, name: (n: number) => string, address = '10.0.0.1'): number =>
    Array.from({ length: times }, (_, n) => say(`${name(n)}>IS PING\r`, address).length).reduce(
      (sum, count) => sum + count,
    );
  // The first message is from an unknown name.
  assert.equal(
    answered(100, () => 'A'),
    11,
  );
  assert.equal(
    answered(1, () => 'B'),
    1,
    'another host of that address',
  );
  assert.equal(
    answered(1, () => 'C', '10.0.0.2'),
    1,
    'another address',
  );
  pass(500);
  assert.equal(
    answered(100, () => 'A'),
    5,
  );
  assert.equal(
    answered(100, () => 'A', '10.0.0.3'),
    10,
    'the name from elsewhere',
  );
  assert.equal(
    answered(3, () => 'B'),
    3,
  );
  assert.equal(
    answered(100, (n) => `N${n}`, '10.0.0.4'),
    10,
    'a new name for each message',
  );
  assert.equal(events.filter(({ kind }) => kind === 'refused').length, 1);
});

test('more hosts than 32, and a silent one is forgotten, if configured', () => {
  const { say, pass, server } = bench('MaxHosts 40\nHostExpiry 60\n');
  for (let i = 0; i < 40; i += 1) {
    assert.equal(say(`H${i}>IS PING\r`).length, 1);
  }
  assert.match(say('X>IS PING\r')[0] ?? '', /Host Table Full/);
  pass(50_000);
  say('H7>IS\r');
  pass(20_000);
  server.expire();
  assert.deepEqual(
    Array.from(server.table, ({ name, slot }) => [name, slot]),
    [['H7', 7]],
  );
});

test('without expiry a silent host stays', () => {
  const { say, pass, server } = bench('');
  say('A>IS PING\r');
  pass(1e12);
  server.expire();
  assert.equal(server.table.count, 1);
});

test('+LOG, -LOG and RESTART exist if ExtendedCommands says so', async () => {
  const plain = bench('');
  assert.match(plain.say('A>IS -LOG\r')[0] ?? '', /ERROR: Unrecognized ISIS command - -LOG/);
  const { say, sent, log, server } = bench('ExtendedCommands\n', 'ExtendedCommands\nServerID M1.IS\n');
  assert.match(say('A>IS -LOG\r')[0] ?? '', /IS>A DONE: -LOG/);
  const before = log.length;
  say('A>IS PING\r');
  assert.equal(log.length, before);
  say('A>IS +LOG\r');
  assert.ok(log.length > before);
  assert.match(say('A>IS RESTART\r')[0] ?? '', /ERROR: RESTART can only be executed as/);
  say('A>IS EXEC: RESTART\r');
  await setImmediate();
  assert.deepEqual(sent, ['10.0.0.1:1 M1.IS>AL PING\r', '10.0.0.1:1 M1.IS>A DONE: RESTART warm restart done\r']);
  assert.equal(server.table.count, 1);
});

test('a configuration that was read earlier does not take effect later, and one that cannot be read is an answer', async () => {
  const reads: PromiseWithResolvers<IsisConfig>[] = [];
  const { say, sent, server } = bench('ExtendedCommands\n', () => {
    const read = Promise.withResolvers<IsisConfig>();
    reads.push(read);
    return read.promise;
  });
  say('A>IS EXEC: RESTART\r');
  say('A>IS EXEC: RESTART\r');
  await setImmediate();
  assert.equal(reads.length, 1);
  reads[0]?.resolve(parseIsisIni('ExtendedCommands\nServerID OLD\n').config);
  await setImmediate();
  reads[1]?.resolve(parseIsisIni('ExtendedCommands\nServerID NEW\n').config);
  await setImmediate();
  assert.equal(server.id, 'NEW');
  say('A>NEW EXEC: RESTART\r');
  await setImmediate();
  reads[2]?.reject(new Error('no such disk'));
  await setImmediate();
  assert.deepEqual(sent, ['10.0.0.1:1 NEW>A ERROR: RESTART no such disk\r']);
});

test('ALL is AL if configured, unless a host has that name', () => {
  assert.match(bench('').say('A>ALL x\r')[0] ?? '', /No Route to Destination Host ALL/);
  const { say } = bench('AliasAll\n');
  say('B>IS\r', '10.0.0.2');
  assert.ok(say('A>ALL STATUS: x\r').includes('10.0.0.2:1 A>AL STATUS: x\r'));
  say('ALL>IS\r', '10.0.0.3');
  assert.deepEqual(say('A>ALL STATUS: x\r'), ['10.0.0.3:1 A>ALL STATUS: x\r']);
});

test('well-formed messages go out as they came, all others normalized', () => {
  const { say } = bench('');
  say('B>IS\r', '10.0.0.2', 2);
  for (const text of ['A>B x y\r', 'a>b x y\n', 'A>B   x y', 'A>B x y\r\0\0', 'A>B x y\n\r']) {
    assert.deepEqual(say(text), ['10.0.0.2:2 A>B x y\r'], JSON.stringify(text));
  }
});

test('a failed send is a log line and an event, and the sender is not told', () => {
  const { say, log, events, fail } = bench('');
  say('B>IS\r', '10.0.0.2', 2);
  fail('Network is unreachable');
  assert.equal(say('A>B x\r').length, 1);
  assert.ok(log.includes('ERROR: Network Socket sendto() Error, Client 0 (B) - Network is unreachable'));
  assert.equal(events.filter(({ kind }) => kind === 'send-failed').length, 1);
});

test('a broadcast EXEC: QUIT is answered, passed on, and ends the server', () => {
  const { say, quits } = bench('');
  say('B>IS\r', '10.0.0.2', 2);
  assert.deepEqual(say('A>AL EXEC: QUIT\r'), [
    '10.0.0.1:1 IS>A DONE: QUIT ISIS executive quit command executed IS=OFFLINE\r',
    '10.0.0.2:2 A>AL EXEC: QUIT\r',
  ]);
  assert.equal(quits(), 1);
});

test('UDPPING: its destination, errors of the kernel, a missing port, an address that some read as octal', () => {
  const { say, fail } = bench('');
  const asks = (text: string) => say(`A>IS ${text}\r`).map((one) => one.replace('10.0.0.1:1 IS>A ', ''));
  assert.deepEqual(asks('UDPPING 10.0.0.2 7000'), [
    '10.0.0.2:7000 IS>AL PING\r',
    'DONE: UDPPING Sent PING to 10.0.0.2:7000\r',
  ]);
  assert.deepEqual(asks('UDPPING 10.0.0.2'), ['DONE: UDPPING Sent PING to 10.0.0.2:0\r']);
  assert.deepEqual(asks('UDPPING 10.0.0.2 abc'), ['DONE: UDPPING Sent PING to 10.0.0.2:0\r']);
  assert.deepEqual(asks('UDPPING 10.0.0.02 7000'), ["ERROR: UDPPING Invalid IPAddress '10.0.0.02'\r"]);
  fail('Network is unreachable');
  assert.equal(asks('UDPPING 10.0.0.2 7000')[1], 'ERROR: UDPPING Cannot Ping 10.0.0.2:7000 - Network is unreachable\r');
});

test('watchers see traffic after it was routed; one that throws or never ends disturbs nobody', async () => {
  const { say, server } = bench('');
  server.watch({
    traffic: () => {
      throw new Error('mine');
    },
  });
  const seen: Traffic[] = [];
  let missed = 0;
  const batch = new Promise<void>((resolve) => {
    server.watch({
      traffic: (traffic, lost) => {
        seen.push(...traffic);
        missed += lost;
        resolve();
      },
    });
  });
  for (let i = 0; i < 5000; i += 1) {
    assert.equal(say('A>IS PING\r').length, 1);
  }
  await batch;
  assert.deepEqual([seen.length, missed], [4096, 10_000 - 4096]);
  assert.deepEqual(
    seen.slice(0, 2).map(({ direction, source, destination, body }) => [direction, source, destination, body]),
    [
      ['received', 'A', 'IS', 'PING'],
      ['sent', 'IS', 'A', 'PONG'],
    ],
  );
});
