/** console(1) and a server that is cut off within its answers. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';
import { CONSOLE, run } from '../interop/conserver-server.ts';

test('a server that is cut off within an answer is a lost connection, wherever the cut is', async (t) => {
  let left = 0;
  /** Its answers to each line of the client, the first unsolicited; it is cut off after `left` bytes. */
  const server = createServer((socket) => {
    const { port } = server.address() as AddressInfo;
    const answers = ['ok\r\n', 'ok\r\n', `${port}\r\n`];
    const say = () => {
      const part = (answers.shift() ?? '').slice(0, left);
      left -= part.length;
      socket.write(part);
      if (left === 0) {
        socket.end();
      }
    };
    socket.on('error', () => undefined).on('data', say);
    say();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const { port } = server.address() as AddressInfo;
  const words = ['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', `${port}`, '-E', '-l', 'ann', 'a'];
  for (const cut of [1, 3, 4, 5, 8, 9, 10, 11, 12]) {
    left = cut;
    const { status, stdout, stderr } = await run(CONSOLE, words);
    assert.deepEqual([cut, status, stdout, stderr], [cut, 69, '', 'console: lost connection\n']);
  }
});

test('a server that asks for a command and never answers is not sent input endlessly', async (t) => {
  const server = createServer((socket) => {
    const { port } = server.address() as AddressInfo;
    const answers: readonly (readonly [question: string, answer: string])[] = [
      ['login ann\r\n', 'ok\r\n'],
      ['call a\r\nexit\r\n', `${port}\r\ngoodbye\r\n`],
      ['call a\r\n', '[attached]\r\n'],
      ['\x05c=', '[up]\r\n'],
      ['\x05c\xd6', '[8002007]\r\n'],
      ['\x05cm', '[-- MOTD --]\r\n'],
      // Connected, and it asks at once for a local command to run.
      ['\x05c;', '[connected]\r\n[\xffE'],
    ];
    let seen = '';
    socket
      .on('error', () => undefined)
      .on('data', (packet) => {
        seen += packet.toString('latin1');
        const found = answers.find(([question]) => seen.includes(question));
        if (found !== undefined) {
          seen = '';
          socket.write(Buffer.from(found[1], 'latin1'));
        }
      });
    socket.write('ok\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const { port } = server.address() as AddressInfo;
  const words = ['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', `${port}`, '-E', '-l', 'ann', 'a'];
  const client = spawn(CONSOLE, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  atEnd(t, () => client.kill('SIGKILL'));
  let said = '';
  client.stdout.setEncoding('latin1').on('data', (text: string) => {
    said += text;
  });
  client.stdin.on('error', () => undefined).write('true\r');
  await until('it runs nothing yet', () => said.includes('exec: true]\r\n'));
  // More than it keeps and the pipes hold: the rest stays with us.
  for (let part = 0; part < 1024; part++) {
    client.stdin.write(Buffer.alloc(65_536, 'x'));
  }
  let [left, looks] = [client.stdin.writableLength, 0];
  await until('it takes no more', () => {
    looks = client.stdin.writableLength === left ? looks + 1 : 0;
    left = client.stdin.writableLength;
    return left === 0 || looks > 100;
  });
  assert.ok(left > 48 << 20, `${left} bytes of 64 MB are left`);
});
