// Arbitrary input of a stranger to a real server, by socket and by line: it lives, answers, and does not grow.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, watch, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { folderFor, IsisProcess, writeIni } from '../harness/isis.ts';

/** HOLDFAST_SOAK=1 is the long run. */
const DATAGRAMS = process.env.HOLDFAST_SOAK ? 1_000_000 : 30_000;
const WORDS = [
  ...[
    'A1',
    'b2',
    'IS',
    'is',
    'AL',
    'ALL',
    '>',
    '>',
    '>',
    ' ',
    ' ',
    'PING',
    'PONG',
    'EXEC:',
    'REQ:',
    'STATUS: x',
    'DONE:',
  ],
  ...['HOST', 'HOSTS', 'REMOVE', 'FLUSH 0', 'PORTS', 'CONFIG', 'TIME', 'HANDSHAKE', 'UDPPING 127.0.0.1 9', '__proto__'],
  ...['\r', '\n', '\0', '%s%n', '\xff', '\x1b[2J', '=', "'", '(', 'X'.repeat(9), 'y'.repeat(600), 'z'.repeat(4096)],
];

/** The same numbers in each run: a failure repeats. */
function numbers(): (below: number) => number {
  let seed = 1;
  return (below) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
}

function kilobytes(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

async function answered(socket: Socket, question: string, answer: string): Promise<void> {
  socket.send(question);
  while (((await once(socket, 'message')) as [Buffer])[0].toString('latin1') !== answer) {
    // Answers to input that happened to be commands.
  }
}

test(`${DATAGRAMS} datagrams of a stranger: the server lives, answers, and does not grow`, async (t) => {
  const folder = folderFor(t);
  const server = await IsisProcess.start(t, writeIni(folder, [`ServerLog ${folder}/log`]));
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  atEnd(t, () => socket.close());
  socket.connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  await answered(socket, 'ZZ>IS PING\r', 'IS>ZZ PONG\r');
  const next = numbers();
  const datagrams = Array.from({ length: 5000 }, (_, n) => {
    const text = Array.from({ length: 1 + next(12) }, () => WORDS[next(WORDS.length)]).join('');
    // By protocol anyone may send QUIT; its effect is tested elsewhere. A third have a valid header.
    return Buffer.from(n % 3 === 0 ? `S${next(100)}>${WORDS[next(6)]} ${text}` : text, 'latin1');
  });
  let settled = 0;
  for (let sent = 0; sent < DATAGRAMS; ) {
    for (let i = 0; i < 100; i += 1, sent += 1) {
      socket.send(datagrams[sent % datagrams.length] as Buffer);
    }
    await answered(socket, 'ZZ>IS PING\r', 'IS>ZZ PONG\r');
    if (settled === 0 && sent >= DATAGRAMS / 2) {
      settled = kilobytes(server.child.pid);
    }
  }
  const grown = kilobytes(server.child.pid) - settled;
  t.diagnostic(`${settled} kB after half of them, ${grown} kB more at the end`);
  assert.ok(grown < 24 * 1024, `grew by ${grown} kB`);
  assert.equal(await server.stop(), 0);
});

test('arbitrary bytes on a serial line: the server lives and hears what comes after them', async (t) => {
  const folder = folderFor(t);
  const [line, device] = [join(folder, 'line'), join(folder, 'device')];
  const there = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (existsSync(line) && existsSync(device)) {
        watcher.close();
        resolve();
      }
    });
  });
  const socat = spawn('socat', [`PTY,link=${line},raw,echo=0`, `PTY,link=${device},raw,echo=0`]);
  atEnd(t, () => socat.kill());
  await there;
  const server = await IsisProcess.start(t, writeIni(folder, ['NoLog', `TTYPort ${line}`]));
  const socket = createSocket('udp4');
  atEnd(t, () => socket.close());
  socket.connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  await answered(socket, 'A>IS PING\r', 'IS>A PONG\r');
  const tty = openSync(device, 'r+');
  atEnd(t, () => closeSync(tty));
  // Both are known before the garbage fills the table.
  const known = answered(socket, 'A>IS\r', 'S1>A hello\r');
  writeSync(tty, 'S1>A hello\r');
  await known;
  const next = numbers();
  for (let round = 0; round < 30; round += 1) {
    const rubbish = Array.from({ length: 40 }, () => WORDS[next(WORDS.length)])
      .join('')
      .replaceAll('AL', 'A2');
    const heard = answered(socket, 'A>IS\r', `S1>A ${round}\r`);
    writeSync(tty, Buffer.from(`${rubbish}\rS1>A ${round}\n`, 'latin1'));
    await heard;
  }
  assert.equal(await server.stop(), 0);
});
