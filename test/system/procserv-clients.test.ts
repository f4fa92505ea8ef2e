import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { descriptors, smallDisk, status } from '../harness/machine.ts';
import { ProcServ } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';

const SAY = 'echo ready; while read word; do echo "said $word"; done';

/** The count of a banner: the number of other users. */
async function others(server: ProcServ): Promise<string> {
  const client = await server.attach();
  const [, users, loggers] = await client.expect(/@@@ (\d+) user\(s\) and (\d+) logger\(s\) connected/);
  await client.leave();
  return `${users} ${loggers}`;
}

/** Numbered lines, in bursts that end in a crash: each process continues the count of the last one. */
const FLOOD = `
n=$(cat count 2>/dev/null || echo 0)
last=$((n + 3000))
while [ $n -lt $last ]; do n=$((n + 1)); echo "n $n of the flood that must be in the log, complete and in order"; done
echo $n >count
[ $n -lt 60000 ] || { echo "that was all"; read forever; }
kill -SEGV $$`;

test('200 clients come and go at random while the child floods and crash-loops', async (t) => {
  const server = await ProcServ.start(t, ['--holdoff', '0.001', '-L', 'log', '-l', 'unix:logger', 'sh', '-c', FLOOD]);
  await until('the child runs', () => server.has('log', 'n 1 '));
  const before = descriptors(server.pid);
  // Read for all of them: the log is long.
  let over = false;
  const flooded = until('the flood is over', () => server.has('log', 'that was all')).then(() => {
    over = true;
  });
  let seed = 12345;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const visits = Array.from({ length: 200 }, async (_, n) => {
    for (let visit = 0; visit < 2; visit++) {
      const path = random(4) === 0 ? join(server.directory, 'logger') : server.control;
      const client = await Client.connect(path, false);
      const wanted = random(200_000);
      // A client that comes late finds less of the flood than it wants.
      const enough = () => client.bytes >= wanted || over;
      await Promise.race([until(`visit ${n}`, enough), client.closed]);
      if (random(2) === 0) {
        await client.leave();
      } else {
        client.socket.end();
        await client.leave();
      }
    }
  });
  await Promise.all(visits);
  await flooded;
  await server.alone();
  // They may have been counted between two children, when there was no terminal.
  await until(`no more descriptors than before: ${before}`, () => descriptors(server.pid) <= before + 1);
  const log = server.file('log');
  const numbers = [...log.matchAll(/^n (\d+) of the flood that must be in the log, complete and in order\r$/gm)];
  assert.equal(numbers.length, 60_000);
  assert.ok(
    numbers.every(([, n], index) => Number(n) === index + 1),
    'in order, each once',
  );
  assert.equal(log.match(/was killed by signal 11\r\n/g)?.length, 19);
});

test('a client that never reads costs bounded memory and holds up nobody', async (t) => {
  const flood = `stty raw; head -c 150000000 /dev/zero | tr '\\0' x; echo; echo the end; read forever`;
  const server = await ProcServ.start(t, ['--wait', 'sh', '-c', flood]);
  const stuck = connect(server.control).pause();
  atEnd(t, () => stuck.destroy());
  await new Promise((resolve) => stuck.once('connect', resolve));
  const reader = await server.attach(false);
  const rss = (): number => Number.parseInt(status(server.pid, 'VmRSS'), 10) / 1024;
  const before = rss();
  let tail = '';
  reader.socket.on('data', (data: Buffer) => {
    tail = (tail + data.toString('latin1', Math.max(0, data.length - 100))).slice(-100);
  });
  reader.send('\x12');
  await until('the flood is through', () => tail.includes('the end'));
  const grown = rss() - before;
  assert.ok(grown < 100, `${Math.round(grown)} MiB more than before`);
});

test('a block of one key acts a few times; keys struck one after the other all act', async (t) => {
  const server = await ProcServ.start(t, ['-L', 'log', 'cat']);
  await until('the child runs', () => server.has('log', 'The PID of new child'));
  const flooder = await server.attach();
  flooder.send('\x18'.repeat(200_000));
  const other = await server.attach();
  await other.expect(/\(plus you\)\r\n/);
  await flooder.expect(/\r\n@@@ Too many keys at once: \d+ of them ignored\r\n/);
  const kills = (): number => server.file('log').match(/@@@ Got a kill command/g)?.length ?? 0;
  assert.ok(kills() < 1000, `${kills()} of 200,000 keys acted`);
  // More than act at once, each answered before the next is struck.
  for (let n = 0; n < 30; n++) {
    other.send('\x14');
    await other.expect(/@@@ Toggled auto restart.*\r\n/);
  }
  assert.equal(server.file('log').match(/@@@ Toggled auto restart/g)?.length, 30);
});

test('1,500 connections: most are refused, which is reported once; accepted clients are served, and so are later ones', async (t) => {
  const server = await ProcServ.start(t, ['-L', 'log', 'cat']);
  await until('the child runs', () => server.has('log', 'The PID of new child'));
  const first = await server.attach();
  await first.expect(/\(plus you\)\r\n/);
  const crowd: Socket[] = [];
  atEnd(t, () => crowd.forEach((socket) => void socket.destroy()));
  let refused = 0;
  for (let n = 0; n < 1500; n++) {
    const socket = connect(server.control).on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      refused += data.includes('@@@ Refused: 500 connections are open here') ? 1 : 0;
    });
    crowd.push(socket);
    // No more at once than the kernel keeps for the server.
    await once(socket, 'connect').catch(() => undefined);
  }
  await until('a refusal', () => refused > 0);
  first.send('and yet\r');
  await first.expect(/and yet\r\nand yet\r\n/);
  for (const socket of crowd) {
    socket.destroy();
  }
  await first.leave();
  await server.alone();
  assert.equal(server.file('log').match(/500 connections are open, which is the limit/g)?.length, 1);
});

test('half-closed clients get their answer and are closed when they are gone', async (t) => {
  const server = await ProcServ.start(t, [
    '-P',
    '127.0.0.1:0',
    'sh',
    '-c',
    'echo ready; while read word; do echo "got $word"; done',
  ]);
  for (const address of [server.control, { host: '127.0.0.1', port: server.port }]) {
    const client = await Client.connect(address);
    await client.expect(/ready\r\n/);
    client.socket.end('one\n');
    await client.expect(/got one\r\n/);
    assert.equal(client.socket.destroyed, false);
    client.socket.destroy();
    await client.closed;
    await server.alone();
  }
});

test('dead peers are noticed: killed programs do not stay in the count', async (t) => {
  const server = await ProcServ.start(t, ['-P', '127.0.0.1:0', 'cat']);
  const script = `
    const { connect } = require('net');
    const [path, port] = process.argv.slice(1);
    let open = 0;
    for (const to of [{ path }, { port: Number(port), host: '127.0.0.1' }, { path, half: true }]) {
      const socket = connect({ ...to, allowHalfOpen: true }, () => { if (to.half) socket.end(); if (++open === 3) console.log('open'); });
    }`;
  const peers = spawn(process.execPath, ['-e', script, server.control, String(server.port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => peers.stdout.once('data', resolve));
  await until('three users', async () => {
    assert.equal(peers.exitCode, null);
    return (await others(server)) === '3 0';
  });
  peers.kill('SIGKILL');
  await server.alone();
});

test('--allow-from lets only the named networks in', async (t) => {
  const words = ['--allow', '--allow-from', '127.0.0.0/8,::1', '-P', '0.0.0.0:0', 'cat'];
  const server = await ProcServ.start(t, words);
  const welcome = await Client.connect({ host: '127.0.0.1', port: server.port });
  await welcome.expect(/Welcome/);
  const narrow = await ProcServ.start(t, ['--allow', '--allow-from', '127.0.0.2', '-P', '0.0.0.0:0', 'cat']);
  const refused = await Client.connect({ host: '127.0.0.1', port: narrow.port });
  await refused.closed;
  assert.equal(refused.said.text, '');
  const socket = connect({ host: '127.0.0.1', port: narrow.port, localAddress: '127.0.0.2' });
  atEnd(t, () => socket.destroy());
  const [first] = (await new Promise<Buffer[]>((resolve) =>
    socket.once('data', (data: Buffer) => resolve([data])),
  )) as [Buffer];
  assert.match(first.toString('latin1'), /Welcome/);
  await (await narrow.attach()).expect(/Welcome/);
});

test('an IPv6 endpoint', async (t) => {
  if (
    !Object.values(networkInterfaces())
      .flat()
      .some((each) => each?.address === '::1')
  ) {
    t.skip('this machine has no IPv6');
    return;
  }
  const server = await ProcServ.start(t, ['-P', '[::1]:0', 'cat']);
  assert.match(server.info, /^tcp:\[::1\]:\d+$/m);
  const port = Number(/^tcp:\[::1\]:(\d+)$/m.exec(server.info)?.[1]);
  const client = await Client.connect({ host: '::1', port });
  await client.expect(/Welcome/);
  await assert.rejects(Client.connect({ host: '127.0.0.1', port }), { code: 'ECONNREFUSED' });
});

test('a log on a full disk records what is missing, and clients miss nothing', async (t) => {
  const disk = smallDisk(t, 1 << 20);
  if (disk === undefined) {
    t.skip('needs root, to mount a small tmpfs');
    return;
  }
  const log = join(disk, 'log');
  const script = `stty raw; echo ready; read go; head -c 12000000 /dev/zero | tr '\\0' x; printf 'END\\r\\n'; read go; echo after; read go`;
  const server = await ProcServ.start(t, ['-L', log, 'sh', '-c', script]);
  const client = await server.attach();
  await client.expect(/ready\n/);
  client.send('\n');
  // By the count first: looking for a word in 12 MB with each piece that comes takes long.
  await until('all of it', () => client.bytes > 12_000_000);
  await client.expect(/END\r\n/);
  assert.equal(client.said.text.replaceAll(/@@@[^\n]*\n/g, '').split('x').length - 1, 12_000_000);
  await until('the disk is full', () => readFileSync(log).length > 1_000_000);
  await until('the complaint', () => client.said.text.includes('@@@ cannot write log file'));
  const [complaint] = /@@@ cannot[^\r]*/.exec(client.said.text) as RegExpExecArray;
  assert.match(complaint, /: no space left on device; \d+ bytes wait$/);
  assert.equal(spawnSync('mount', ['-o', 'remount,size=64m', disk]).status, 0);
  await client.expect(/@@@ log file .* is written again\r\n/);
  client.send('\n');
  await until('the last line', () => readFileSync(log, 'latin1').includes('after'));
  // It is in the log first.
  await client.expect(/after/);
  const text = readFileSync(log, 'latin1');
  const [, lost] = /@@@ (\d+) bytes are missing here in the log: no space left on device\r\n/.exec(
    text,
  ) as RegExpExecArray;
  // The client's bytes from the first x on are those in the log plus those that it reports missing.
  const seen = client.said.text.slice(client.said.text.indexOf('xxx'));
  const kept = text.slice(text.indexOf('xxx')).replace(/(?:\r\n)?@@@ \d+ bytes are missing here[^\n]*\n/, '');
  const cut = (all: string): number => all.indexOf('after');
  assert.equal(cut(kept) + Number(lost), cut(seen));
});

test('a log whose directory vanishes comes back with it', async (t) => {
  const server = await ProcServ.start(t, ['-L', 'logs/log', 'sh', '-c', SAY], {
    env: {},
  }).catch(() => undefined);
  assert.ok(server);
  const client = await server.attach();
  // The directory did not exist at the start: the log begins when it does.
  await client.expect(/@@@ unable to open log file logs\/log\r\n/);
  await client.expect(/ready\r\n/);
  client.send('one\n');
  await client.expect(/said one\r\n/);
  mkdirSync(join(server.directory, 'logs'));
  await client.expect(/log file logs\/log is written again\r\n/);
  assert.match(server.file('logs/log'), /said one\r\n/);
  rmSync(join(server.directory, 'logs'), { recursive: true });
  client.send('two\n');
  await client.expect(/unable to open log file logs\/log/);
  client.send('three\n');
  await client.expect(/said three\r\n/);
  mkdirSync(join(server.directory, 'logs'));
  await client.expect(/log file logs\/log is written again\r\n/);
  await until('the last line', () => server.has('logs/log', 'is written again'));
  assert.match(server.file('logs/log'), /said two\r\n.*said three\r\n/s);
  renameSync(join(server.directory, 'logs/log'), join(server.directory, 'logs/log.1'));
  server.process.kill('SIGHUP');
  await until('the new file', () => existsSync(join(server.directory, 'logs/log')));
  client.send('four\n');
  await client.expect(/said four\r\n/);
  await until('it is in there', () => server.has('logs/log', 'said four\r\n'));
  assert.doesNotMatch(server.file('logs/log.1'), /four/);
});

test('a start key struck several times at once starts the child and leaves it alive', async (t) => {
  const server = await ProcServ.start(t, ['-w', 'sh', '-c', SAY]);
  const client = await server.attach();
  await client.expect(/quits the server\r\n/);
  client.send('\x18\x12\x18');
  const [, pid] = await client.expect(/The PID of new child "sh" is: (\d+)\r\n(?:.*\r\n)+ready\r\n/);
  client.send('one\n');
  await client.expect(/said one\r\n/);
  assert.match(client.said.text, /(?:\r\n@@@ Got a kill command\r\n){2}@@@ Restarting/);
  assert.equal(client.said.text.split('The PID of new child').length, 2, `only ${pid}`);
});

test('the quit key wins over a start key in one block of input', async (t) => {
  const server = await ProcServ.start(t, ['-w', '-L', 'log', 'sh', '-c', SAY]);
  const client = await server.attach();
  await client.expect(/quits the server\r\n/);
  client.send('\x12\x11\x12');
  assert.deepEqual(await server.exited, { code: 0, signal: null });
  assert.equal(server.file('log'), '');
});

for (const endpoint of ['unix:control', '127.0.0.1:0']) {
  test(`input of a client that connects to ${endpoint} and leaves at once is heard`, async (t) => {
    // With echo, the next word may come between a line and its line end.
    const server = await ProcServ.start(t, ['-L', 'log', 'sh', '-c', `stty -echo; ${SAY}`], { endpoint });
    await until('the child runs', () => server.has('log', 'ready'));
    const address = endpoint.startsWith('unix') ? { path: server.control } : { port: server.port, host: '127.0.0.1' };
    const words = Array.from({ length: 20 }, (_, n) => `word${n}`);
    for (const word of words) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(address, () => socket.write(`${word}\n`, () => socket.destroy()));
        socket.once('close', () => resolve()).once('error', reject);
      });
    }
    await until('all were heard', () => words.every((word) => server.has('log', `said ${word}\r\n`)));
  });
}
