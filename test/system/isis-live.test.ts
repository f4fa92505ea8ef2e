import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  read,
  readFileSync,
  readlinkSync,
  rmSync,
  watch,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { IsisClient, IsisRequestError, IsisTimeoutError } from '../../src/isis/client/index.ts';
import { IsisInstance } from '../../src/isis/instance.ts';
import type { IsisEvent } from '../../src/isis/surroundings.ts';
import { defaultIsisConfig, type IsisConfig } from '../../src/model/isis-config.ts';
import { native } from '../../src/platform/native.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { MicrosecondClock } from '../../src/platform/time/microsecond-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { serve } from '../harness/isis-instance.ts';
import { spawnChild } from '../harness/terminal-child.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-isis-live-'));
after(() => rmSync(folder, { recursive: true }));

async function socketTo(t: TestContext, port: number, address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  let open = true;
  socket.once('close', () => {
    open = false;
  });
  atEnd(t, () => open && socket.close());
  socket.connect(port, address);
  await once(socket, 'connect');
  return socket;
}

async function hear(socket: Socket): Promise<string> {
  const [bytes] = (await once(socket, 'message')) as [Buffer];
  return bytes.toString('latin1');
}

/** Messages to this socket except PING: a warm restart pings all known hosts, at any time. */
async function answerTo(socket: Socket): Promise<string> {
  for (;;) {
    const text = await hear(socket);
    if (text !== 'IS>AL PING\r') {
      return text;
    }
  }
}

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

test('the receive buffer is enlarged and its real size reported; datagrams that the kernel drops are an event', async (t) => {
  const { port, event } = await serve(t);
  const size = (await event('receive-buffer')).count ?? 0;
  assert.ok(size > 212_992, `${size}`);
  // The server does not run meanwhile: its thread waits for the flood to end.
  const flood = spawnSync('python3', [
    '-c',
    `import socket\nc=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\nfor i in range(40000): c.sendto(b'x'*1400,('127.0.0.1',${port}))`,
  ]);
  assert.equal(flood.status, 0, flood.stderr?.toString());
  const drops = await event('kernel-drops');
  // The last column of /proc/net/udp is the kernel's own count.
  const row = readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .find((line) => line.includes(`0100007F:${hex(port)} `));
  assert.equal(drops.count, Number(row?.trim().split(/\s+/).at(-1)));
  assert.ok((drops.count ?? 0) > 0);
  const socket = await socketTo(t, port);
  socket.send('A>IS PING\r');
  assert.equal(await hear(socket), 'IS>A PONG\r');
});

test('a full send queue is one event with the number of messages that were dropped', (t) => {
  const slow = 'ip link set lo up && tc qdisc add dev lo root tbf rate 1mbit burst 2000 latency 60s';
  const inside = (command: string) => spawnSync('unshare', ['-rn', 'sh', '-c', command], { encoding: 'utf8' });
  const possible = inside(slow);
  if (possible.status !== 0) {
    t.skip(`needs unshare -rn, ip and tc with tbf: ${possible.error?.message ?? possible.stderr.trim()}`);
    return;
  }
  const script = join(import.meta.dirname, '../harness/full-link.ts');
  const { stdout, stderr } = inside(`${slow} && exec ${process.execPath} ${script}`);
  assert.equal(stderr, '');
  const events = (JSON.parse(stdout) as IsisEvent[]).filter(({ kind }) => kind === 'send-failed');
  assert.equal(events.length, 1);
  assert.match(events[0]?.text ?? '', /^\d+ message\(s\) were dropped: the send queue of port \d+ was full$/);
  assert.ok((events[0]?.count ?? 0) > 10_000);
});

test('a dead client costs nothing but its messages', async (t) => {
  const { port, events } = await serve(t);
  const dead = await socketTo(t, port);
  dead.send('DEAD>IS PING\r');
  await hear(dead);
  dead.close();
  const socket = await socketTo(t, port);
  for (let i = 0; i < 100; i += 1) {
    socket.send('A>DEAD hello\r');
    socket.send('A>IS PING\r');
    assert.equal(await hear(socket), 'IS>A PONG\r');
  }
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'socket-error'),
    [],
  );
});

/** A pair of terminals; `open` again after `hangUp` under the same name. */
async function socatPair(
  t: TestContext,
  name: string,
): Promise<{ line: string; device: string; hangUp(): Promise<void> }> {
  const line = join(folder, `${name}-line`);
  const device = join(folder, `${name}-device`);
  const appeared = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (existsSync(line) && existsSync(device)) {
        watcher.close();
        resolve();
      }
    });
  });
  const socat: ChildProcess = spawn('socat', [`PTY,link=${line},raw,echo=0`, `PTY,link=${device},raw,echo=0`]);
  const hangUp = async () => {
    if (socat.exitCode === null && socat.signalCode === null) {
      socat.kill();
      await once(socat, 'exit');
    }
  };
  atEnd(t, hangUp);
  await appeared;
  return { line, device, hangUp };
}

/** A child that does nothing, whose terminal stands for a serial line. */
async function idleChild(t: TestContext) {
  const child = await spawnChild({ argv: ['sleep', '1000'] });
  atEnd(t, async () => {
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
  });
  return child;
}

test('a serial line that hangs up is reported, opened again, and heard again', async (t) => {
  const first = await socatPair(t, 'tty');
  const { port, event } = await serve(t, { ttyPorts: [first.line] });
  // Kept open: socat ends when the last descriptor of one of its terminals is closed.
  const one = openSync(first.device, 'r+');
  const socket = await socketTo(t, port);
  socket.send('A>IS PING\r');
  await hear(socket);
  writeSync(one, 'S1>A one\rS1>A two\n');
  assert.equal(await hear(socket), 'S1>A one\r');
  assert.equal(await hear(socket), 'S1>A two\r');
  closeSync(one);
  await first.hangUp();
  await event('line-lost');
  const second = await socatPair(t, 'tty');
  await event('line-open');
  const two = openSync(second.device, 'r+');
  writeSync(two, 'S1>A three\r');
  assert.equal(await hear(socket), 'S1>A three\r');
  socket.send('A>S1 back\r');
  const bytes = Buffer.alloc(64);
  // On another thread: the server that writes it runs on this one.
  const { bytesRead } = await promisify(read)(two, bytes, 0, bytes.length, null);
  assert.equal(bytes.toString('latin1', 0, bytesRead), 'A>S1 back\r');
  closeSync(two);
});

test('a line has its configured speed', async (t) => {
  const [usual, fast] = [await idleChild(t), await idleChild(t)];
  const [slow, quick] = [usual, fast].map(({ pid }) => readlinkSync(`/proc/${pid}/fd/0`)) as [string, string];
  await serve(t, { ttyPorts: [slow, quick], ttySpeeds: new Map([[quick, 115200]]) });
  const speed = (line: string): string => spawnSync('stty', ['-F', line, 'speed'], { encoding: 'utf8' }).stdout.trim();
  assert.deepEqual([slow, quick].map(speed), ['9600', '115200']);
});

test('several requests at once are answered in their order, also about lines and sockets', async (t) => {
  const holder = await idleChild(t);
  const line = readlinkSync(`/proc/${holder.pid}/fd/0`);
  const { port } = await serve(t, { ttyPorts: [line] });
  const socket = await socketTo(t, port);
  const other = await socketTo(t, port);
  const there = `127.0.0.1:${other.address().port}`;
  const asked = [
    'FLUSH 0',
    'PING',
    `UDPPING ${there.replace(':', ' ')}`,
    'UDPPING 127.0.0.1',
    'HOST',
    'FLUSH 1',
    'PING',
  ];
  for (const command of asked) {
    socket.send(`A>IS ${command}\r`);
  }
  const answers: string[] = [];
  while (answers.length < asked.length) {
    answers.push(await hear(socket));
  }
  assert.deepEqual(
    answers.map((text) => text.slice('IS>A '.length, -1)),
    [
      `DONE: FLUSH serial port 0 (${line}) flushed`,
      'PONG',
      `DONE: UDPPING Sent PING to ${there}`,
      'DONE: UDPPING Sent PING to 127.0.0.1:0',
      'DONE: HOST numHosts=1 maxHosts=32 host0=A',
      'ERROR: FLUSH serial port 1 not enabled',
      'PONG',
    ],
  );
});

test('a failure to open is reported with the name and the message of the system', async (t) => {
  const failure = (changes: Partial<IsisConfig>) =>
    serve(t, changes).catch(({ part, message }) => `${part} ${message}`);
  assert.equal(await failure({ ttyPorts: ['/dev/nope'] }), 'serial /dev/nope: No such file or directory');
  assert.equal(await failure({ ttyPorts: [folder] }), `serial ${folder}: Is a directory`);
  assert.equal(await failure({ ttyPorts: ['/dev/null'] }), 'serial /dev/null: Inappropriate ioctl for device');
  const { port } = await serve(t);
  assert.equal(await failure({ serverPort: port }), `socket port ${port}: Address already in use`);
});

test('a device that never reads is still heard, and what it misses is reported', async (t) => {
  // No socat here: data that it cannot pass to a device that does not read keeps it from passing on the output of the
  // device.
  const holder = await idleChild(t);
  const nothing = () => undefined;
  const device = native.openPty(holder.fd, { data: nothing, end: nothing, drain: nothing });
  atEnd(t, () => device.close());
  device.pause();
  const { port, event } = await serve(t, { ttyPorts: [readlinkSync(`/proc/${holder.pid}/fd/0`)] });
  const socket = await socketTo(t, port);
  const body = 'x'.repeat(4000);
  const failed = event('send-failed');
  for (let i = 0; i < 400; i += 1) {
    socket.send(`A>AL STATUS: ${body}\r`);
    socket.send('A>IS PING\r');
    await hear(socket);
  }
  await failed;
  device.write(Buffer.from('S1>A still here\r'));
  assert.equal(await hear(socket), 'S1>A still here\r');
});

test('client and agent: interim messages, typed answer, errors, timeout, cancel, restart of the server', async (t) => {
  let { instance, port } = await serve(t);
  const agent = await IsisClient.open({ id: 'fw', host: '127.0.0.1', port, heartbeat: 0.05 });
  atEnd(t, () => agent.close());
  const user = await IsisClient.open({ id: 'ui', host: '127.0.0.1', port, heartbeat: 0.05 });
  atEnd(t, () => user.close());
  agent.handle('filter', async (command) => {
    command.status('moving');
    return [{ kind: 'value', key: 'Filter', value: Number(command.args), text: command.args }];
  });
  agent.handle('fail', () => {
    throw new Error('jammed');
  });
  let release: () => void = () => undefined;
  agent.handle(
    'wait',
    () =>
      new Promise<undefined>((resolve) => {
        release = () => resolve(undefined);
      }),
  );
  assert.equal((await user.request('is', 'ping')).text.toUpperCase(), 'PONG');
  assert.equal((await user.request('fw', 'ping')).text.toUpperCase(), 'PONG');
  const interim: string[] = [];
  const { values, text } = await user.request('fw', 'filter 3', { interim: (body) => interim.push(body.text) });
  assert.deepEqual([text, values.get('FILTER'), interim], ['filter Filter=3', 3, ['filter moving']]);
  await assert.rejects(user.request('fw', 'fail'), new IsisRequestError('ERROR', 'fail jammed'));
  await assert.rejects(user.request('nobody', 'info'), IsisRequestError);
  await assert.rejects(user.request('fw', 'wait', { timeout: 0.05 }), IsisTimeoutError);
  release();
  const reason = new Error('enough');
  await assert.rejects(user.request('fw', 'wait', { signal: AbortSignal.abort(reason) }), reason);
  await instance.close();
  ({ instance } = await serve(t, { serverPort: port }));
  const known = new Promise<void>((resolve) => {
    const end = instance.server.watch({
      traffic: () => {
        if (instance.server.table.find('FW') && instance.server.table.find('UI')) {
          end();
          resolve();
        }
      },
    });
  });
  await known;
  assert.equal((await user.request('fw', 'filter 4')).values.get('FILTER'), 4);
});

/** Reads a device, on another thread than the server's, up to the server's PING. */
async function pinged(fd: number): Promise<void> {
  const bytes = Buffer.alloc(64);
  for (let text = ''; !text.endsWith('IS>AL PING\r'); ) {
    const { bytesRead } = await promisify(read)(fd, bytes, 0, bytes.length, null);
    text += bytes.toString('latin1', 0, bytesRead);
  }
}

test('EXEC: RESTART reads port, address, lines and log again; hosts stay; a mistake changes nothing', async (t) => {
  let config: IsisConfig = {
    ...defaultIsisConfig(),
    listen: '127.0.0.1',
    serverLog: join(folder, 'before'),
    extendedCommands: true,
  };
  const instance = await IsisInstance.open({
    config,
    rcFile: 'none',
    about: { version: '1', program: 'isis', user: 'u', hostName: 'h', date: 'd', time: 't', console: false },
    clock: new MicrosecondClock(),
    timers: systemClock,
    event: () => undefined,
    complain: assert.fail,
    onQuit: assert.fail,
    reload: async () => config,
  });
  atEnd(t, () => instance.close());
  const { server } = instance;
  await using taken = createSocket('udp4');
  taken.bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const first = await socketTo(t, server.port);
  const ask = (socket: Socket, text: string): Promise<string> => {
    const heard = answerTo(socket);
    socket.send(Buffer.from(text, 'latin1'));
    return heard;
  };
  assert.equal(await ask(first, 'A1>IS PING\r'), 'IS>A1 PONG\r');
  const before = server.port;
  config = { ...config, serverPort: taken.address().port };
  assert.match(
    await ask(first, 'A1>IS EXEC: RESTART\r'),
    /^IS>A1 ERROR: RESTART .*(EADDRINUSE|Address already in use)/,
  );
  assert.equal(server.port, before);
  assert.equal(await ask(first, 'A1>IS PING\r'), 'IS>A1 PONG\r');
  taken.close();
  await once(taken, 'close');
  config = { ...config, serverLog: join(folder, 'after') };
  first.send(Buffer.from('A1>IS EXEC: RESTART\r'));
  const second = await socketTo(t, config.serverPort);
  // The answer comes from the new port, which a connected socket does not receive: the new log shows it.
  while (!server.log.path.startsWith(join(folder, 'after'))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(server.port, config.serverPort);
  assert.match(await ask(second, 'B1>IS HOSTS\r'), /host0=A1 host1=B1/);
  // Another address, and other lines: hosts stay, except those on a removed line.
  const [kept, gone, fresh] = await Promise.all([socatPair(t, 'kept'), socatPair(t, 'gone'), socatPair(t, 'fresh')]);
  config = { ...config, ttyPorts: [gone.line, kept.line] };
  assert.equal(await ask(second, 'B1>IS EXEC: RESTART\r'), 'IS>B1 DONE: RESTART warm restart done\r');
  const [oldDevice, keptDevice] = [openSync(gone.device, 'r+'), openSync(kept.device, 'r+')];
  // A line is flushed before it is pinged: earlier output may be lost.
  await pinged(oldDevice);
  await pinged(keptDevice);
  for (const [device, name] of [
    [oldDevice, 'GONE'],
    [keptDevice, 'KEPT'],
  ] as const) {
    const heard = answerTo(second);
    writeSync(device, `${name}>B1 hello\r`);
    assert.equal(await heard, `${name}>B1 hello\r`);
  }
  config = { ...config, listen: '127.0.0.2', serverPort: 0, ttyPorts: [kept.line, fresh.line] };
  second.send(Buffer.from('B1>IS EXEC: RESTART\r'));
  while (server.lines[1]?.device !== fresh.line) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const freshDevice = openSync(fresh.device, 'r+');
  await pinged(keptDevice);
  await pinged(freshDevice);
  // All hosts have been pinged: a new one receives only answers.
  const third = await socketTo(t, server.port, '127.0.0.2');
  assert.equal(
    await ask(third, 'C1>IS HOSTS\r'),
    'IS>C1 DONE: HOST numHosts=4 maxHosts=32 host0=A1 host1=B1 host2=C1 host3=KEPT\r',
  );
  assert.match(await ask(third, 'C1>IS HOST KEPT\r'), new RegExp(`ttyPort3=0 Device3=${kept.line} `));
  const fromKept = answerTo(third);
  writeSync(keptDevice, 'KEPT>C1 still here\r');
  assert.equal(await fromKept, 'KEPT>C1 still here\r');
  const fromFresh = answerTo(third);
  writeSync(freshDevice, 'NEW>C1 hello\r');
  assert.equal(await fromFresh, 'NEW>C1 hello\r');
  for (const device of [oldDevice, keptDevice, freshDevice]) {
    closeSync(device);
  }
});

test('a stand-alone server writes into its log that a line was lost and is open again', async (t) => {
  const first = await socatPair(t, 'logged');
  const { instance, event } = await serve(t, { log: true, serverLog: join(folder, 'lines'), ttyPorts: [first.line] });
  const file = instance.server.log.path;
  await first.hangUp();
  await event('line-lost');
  await socatPair(t, 'logged');
  await event('line-open');
  await instance.close();
  const log = readFileSync(file, 'latin1');
  assert.match(log, /NOTICE: .*logged-line: .*; opening it again\n.*NOTICE: .*logged-line is open again\n/s);
});

test('16 clients, window 8: nothing is lost and order is kept', async (t) => {
  const until = performance.now() + (process.env.HOLDFAST_SOAK ? 60_000 : 500);
  const { port, events } = await serve(t);
  const clients = await Promise.all(Array.from({ length: 16 }, () => socketTo(t, port)));
  const names = clients.map((_, n) => `C${n}`);
  for (const [n, socket] of clients.entries()) {
    const heard = hear(socket);
    socket.send(`${names[n]}>IS PING\r`);
    await heard;
  }
  let routed = 0;
  // Each client sends numbers to its neighbour, at most 8 of them unanswered; each is answered.
  await Promise.all(
    clients.map((socket, n) => {
      const to = clients[(n + 1) % 16] as Socket;
      const head = `${names[n]}>${names[(n + 1) % 16]} `;
      return new Promise<void>((resolve, reject) => {
        let sent = 0;
        let heard = 0;
        to.on('message', (bytes: Buffer) => {
          const text = bytes.toString('latin1');
          if (text !== `${head}${heard}\r`) {
            reject(new Error(`expected '${head}${heard}', not '${text}'`));
            return;
          }
          heard += 1;
          routed += 1;
          if (performance.now() < until) {
            socket.send(`${head}${sent++}\r`);
          } else if (heard === sent) {
            resolve();
          }
        });
        while (sent < 8) {
          socket.send(`${head}${sent++}\r`);
        }
      });
    }),
  );
  t.diagnostic(`${routed} messages routed`);
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'kernel-drops' || kind === 'send-failed'),
    [],
  );
});
