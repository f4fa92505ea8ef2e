import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from '../../src/platform/native.ts';
import { UdpSocket, type UdpSocketOptions } from '../../src/platform/net/udp.ts';
import { atEnd } from '../harness/at-end.ts';

const LOCAL = '127.0.0.1';
const settings = { address: LOCAL, port: 0, largest: 4096, receiveBuffer: 4 << 20 };
const raw = { address: LOCAL, port: 0, slot: 4096, receiveBuffer: 4 << 20, sendBuffer: 0 };

function fail(text: string): never {
  assert.fail(text);
}

function open(t: TestContext, receive: UdpSocketOptions['receive'], more: Partial<UdpSocketOptions> = {}): UdpSocket {
  const socket = new UdpSocket({ ...settings, receive, error: fail, ...more });
  atEnd(t, () => socket.close(0));
  return socket;
}

/** A promise and the function that resolves it. */
function gate(): { readonly passed: Promise<void>; readonly pass: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, pass: resolve };
}

test('every byte value passes, with the address of the sender', async (t) => {
  const every = String.fromCharCode(...Array(256).keys());
  const { passed, pass } = gate();
  const heard: unknown[] = [];
  const receiver = open(t, (...datagram) => {
    heard.push(datagram);
    pass();
  });
  const sender = open(t, fail);
  sender.send(every, LOCAL, receiver.port, fail);
  await passed;
  assert.deepEqual(heard, [[every, LOCAL, sender.port, 256]]);
});

test('many datagrams make few calls, and stay in order', async (t) => {
  const COUNT = 1000;
  const order: string[] = [];
  const batches: number[] = [];
  let arrived = (): void => undefined;
  const udp = native.openUdp(raw, {
    batch: (count) => {
      batches.push(count);
      for (let slot = 0; slot < count; slot += 1) {
        const start = slot * raw.slot;
        order.push(Buffer.from(udp.memory.buffer, start, udp.received[slot * 3]).toString());
      }
      if (order.length === COUNT) {
        arrived();
      }
    },
    sent: () => undefined,
    drain: () => undefined,
    error: (errno) => fail(String(errno)),
  });
  atEnd(t, () => udp.close());
  const sender = open(t, fail);
  const sent = [...Array(COUNT).keys()].map((n) => `number ${n}`);
  // After a batch that took more than 1 ms, as when others have the processor, a smaller one follows: one quiet round will do.
  for (let round = 0; round < 100; round += 1) {
    order.length = 0;
    batches.length = 0;
    const { passed, pass } = gate();
    arrived = pass;
    for (const text of sent) {
      sender.send(text, LOCAL, native.boundPort(udp.fd), fail);
    }
    await passed;
    assert.deepEqual(order, sent);
    assert.ok(Math.max(...batches) <= 64, `batches of ${batches}`);
    if (batches.length <= 17) {
      return;
    }
  }
  assert.fail(`batches of ${batches}`);
});

test('however long datagrams take, the rest of the loop is served', async (t) => {
  const { passed, pass } = gate();
  let heard = 0;
  /** The number of datagrams delivered between two turns of the rest of the loop. */
  const turns: number[] = [];
  let before = 0;
  const turn = (): void => {
    turns.push(heard - before);
    before = heard;
    if (heard < 500) {
      setImmediate(turn);
    } else {
      pass();
    }
  };
  const receiver = open(t, () => {
    heard += 1;
    if (heard === 1) {
      setImmediate(turn);
    }
    for (const until = performance.now() + 0.25; performance.now() < until; );
  });
  const sender = open(t, fail);
  for (let n = 0; n < 500; n += 1) {
    sender.send('x', LOCAL, receiver.port, fail);
  }
  await passed;
  // A batch that takes more than 1 ms, here 4 datagrams, is followed by one of half its size; a turn ends after 2 ms.
  assert.ok(Math.max(...turns) <= 64 && Math.max(...turns.slice(5)) <= 16, `turns of ${turns}`);
});

test('an answer leaves before the handler is called again', async (t) => {
  const { passed, pass } = gate();
  const heard: string[] = [];
  const echo = open(t, (text, address, port) => echo.send(`${text}!`, address, port, fail));
  const asker = open(t, (text, address, port) => {
    heard.push(text);
    if (heard.length === 1000) {
      pass();
    } else {
      asker.send(String(heard.length), address, port, fail);
    }
  });
  asker.send('0', LOCAL, echo.port, fail);
  await passed;
  assert.equal(heard.at(-1), '999!');
});

test('a datagram that is too long arrives cut, with its size; one too long to send is refused', async (t) => {
  const { passed, pass } = gate();
  const sizes: number[][] = [];
  const receiver = open(t, (text, _address, _port, size) => {
    sizes.push([text.length, size]);
    if (sizes.length === 3) {
      pass();
    }
  });
  const sender = createSocket('udp4');
  atEnd(t, () => sender.close());
  for (const size of [4096, 4097, 60_000]) {
    await new Promise((resolve) => sender.send(Buffer.alloc(size, 'a'), receiver.port, LOCAL, resolve));
  }
  await passed;
  assert.deepEqual(sizes, [
    [4096, 4096],
    [4096, 4097],
    [4096, 60_000],
  ]);
  const errors: string[] = [];
  receiver.send('a'.repeat(4097), LOCAL, sender.address().port, (error) => errors.push(error));
  receiver.send('a', 'localhost', 1, (error) => errors.push(error));
  receiver.send('a', '1.2.3.256', 1, (error) => errors.push(error));
  receiver.send('a', LOCAL, 0, (error) => errors.push(error));
  assert.deepEqual(errors, ['Message too long', 'Invalid argument', 'Invalid argument', 'Invalid argument']);
});

test('an error loses only its own datagram, a closed port loses none', async (t) => {
  const { passed, pass } = gate();
  const outcomes: string[] = [];
  const heard: string[] = [];
  const gone = createSocket('udp4').bind(0, LOCAL);
  await once(gone, 'listening');
  const closed = gone.address().port;
  gone.close();
  const receiver = open(t, (text) => {
    heard.push(text);
    if (text === 'last') {
      pass();
    }
  });
  const sender = open(t, fail);
  const failed = (name: string) => (error: string) => void outcomes.push(`${name}: ${error}`);
  for (let n = 0; n < 3; n += 1) {
    sender.send(`a${n}`, LOCAL, receiver.port, failed(`a${n}`));
    // Without SO_BROADCAST, which was not set.
    sender.send(`b${n}`, '255.255.255.255', 9, failed(`b${n}`));
    sender.send(`c${n}`, LOCAL, closed, failed(`c${n}`));
  }
  // After those before it, and reported at once.
  assert.equal(sender.sendNow('now', LOCAL, receiver.port), undefined);
  assert.equal(sender.sendNow('now', '255.255.255.255', 9), 'Permission denied');
  assert.equal(sender.sendNow('now', 'localhost', 9), 'Invalid argument');
  assert.equal(sender.sendNow('x'.repeat(5000), LOCAL, 9), 'Message too long');
  sender.send('last', LOCAL, receiver.port, failed('last'));
  await passed;
  assert.deepEqual(heard, ['a0', 'a1', 'a2', 'now', 'last']);
  assert.deepEqual(
    outcomes,
    [0, 1, 2].map((n) => `b${n}: Permission denied`),
  );
});

test('datagrams that the kernel drops are counted', async (t) => {
  const { passed, pass } = gate();
  let heard = 0;
  const receiver = open(
    t,
    (text) => {
      heard += 1;
      if (text === 'last') {
        pass();
      }
    },
    { receiveBuffer: 16_384 },
  );
  const sender = open(t, fail);
  for (let n = 0; n < 5000; n += 1) {
    sender.send('x'.repeat(100), LOCAL, receiver.port, fail);
  }
  // After everything that fit has been taken.
  setImmediate(() => setImmediate(() => sender.send('last', LOCAL, receiver.port, fail)));
  await passed;
  assert.ok(receiver.kernelDrops > 0);
  assert.equal(heard + receiver.kernelDrops, 5001);
  assert.ok(receiver.receiveBuffer < 65_536);
});

test('a full socket keeps waiting datagrams in order, up to 2048, and counts those that it drops', (t) => {
  const slow = 'ip link set lo up && tc qdisc add dev lo root tbf rate 8kbit burst 2000 latency 60s';
  const inside = (command: string) => spawnSync('unshare', ['-rn', 'sh', '-c', command], { encoding: 'utf8' });
  const possible = inside(slow);
  if (possible.status !== 0) {
    t.skip(`needs unshare -rn, ip and tc with tbf: ${possible.error?.message ?? possible.stderr.trim()}`);
    return;
  }
  const script = join(import.meta.dirname, '../harness/full-socket.ts');
  // The loopback has a queue for each processor: a sender that moves to another one may overtake itself.
  const onOneProcessor = "taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')";
  const run = (count: number, way: 'send' | 'forward' = 'send') => {
    const { stdout, stderr } = inside(
      `${slow} && exec ${onOneProcessor} ${process.execPath} ${script} ${count} ${way}`,
    );
    assert.equal(stderr, '');
    return JSON.parse(stdout) as { received: number[]; errors: string[]; dropped: number };
  };
  assert.deepEqual(run(1500), { received: [...Array(1500).keys()], errors: [], dropped: 0 });
  assert.deepEqual(run(1500, 'forward'), { received: [...Array(1500).keys()], errors: [], dropped: 0 });
  const { received, errors, dropped } = run(10_000);
  assert.deepEqual(errors, []);
  assert.deepEqual(received, [...Array(10_000 - dropped).keys()]);
  // A few dozen leave before the wire and the send buffer are full.
  assert.ok(received.length >= 2048 && received.length < 2048 + 500, `${dropped} dropped`);
});

test('half a million datagrams leave no memory behind', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  /** Bytes in use by JavaScript and by everything else: the size of the heap itself does not matter. */
  const inUse = (): number[] => {
    collect();
    const { heapUsed, heapTotal, rss } = process.memoryUsage();
    return [heapUsed, rss - heapTotal];
  };
  const { passed, pass } = gate();
  let heard = 0;
  let settled: number[] = [];
  const socket = open(t, (_text, address, port) => {
    heard += 1;
    if (heard === 100_000) {
      settled = inUse();
    }
    if (heard < 500_000) {
      socket.send(`message ${heard}`, address, port, fail);
    } else {
      pass();
    }
  });
  for (let n = 0; n < 32; n += 1) {
    socket.send('start', LOCAL, socket.port, fail);
  }
  await passed;
  const grown = inUse().map((bytes, n) => bytes - (settled[n] as number));
  assert.ok(Math.max(...grown) < 12 << 20, `grew by ${grown} bytes`);
});

test('closed in its handler, it delivers nothing more and frees the port', async (t) => {
  const { passed, pass } = gate();
  const heard: string[] = [];
  const socket = open(t, (text) => {
    heard.push(text);
    void socket.close(0).then(pass);
  });
  const { port } = socket;
  const sender = open(t, fail);
  for (let n = 0; n < 200; n += 1) {
    sender.send(String(n), LOCAL, port, fail);
  }
  await passed;
  await socket.close(0);
  assert.deepEqual(heard, ['0']);
  const errors: string[] = [];
  socket.send('x', LOCAL, port, (error) => errors.push(error));
  assert.deepEqual(errors, ['Invalid argument']);
  open(t, fail, { port });
});

test('a port in use and wrong arguments are refused by name', (t) => {
  const { port } = open(t, fail);
  const handlers = { batch: fail, sent: fail, drain: fail, error: fail } as never;
  assert.throws(() => open(t, fail, { port }), { code: 'EADDRINUSE' });
  assert.throws(() => open(t, fail, { address: 'localhost' }), { code: 'EINVAL' });
  assert.throws(() => open(t, fail, { port: 65_536 }), TypeError);
  assert.throws(() => native.openUdp(raw, {} as never), TypeError);
  const udp = native.openUdp(raw, handlers);
  atEnd(t, () => udp.close());
  const count = udp.outgoing.length - 1;
  for (const wrong of [65, -1]) {
    udp.outgoing[count] = wrong;
    assert.throws(() => udp.flush(), TypeError);
  }
  udp.outgoing[count] = 1;
  for (const [offset, size] of [
    [-1, 1],
    [0, -1],
    [udp.memory.length, 1],
    [0x7fffffff, 0x7fffffff],
  ] as const) {
    udp.outgoing.set([offset, size]);
    assert.throws(() => udp.flush(), TypeError);
  }
  udp.close();
  udp.close();
  assert.equal(udp.fd, -1);
  assert.throws(() => udp.flush(), { code: 'EBADF' });
});
