/** console(1) and a server that is cut off within what it says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { CONSOLE, run } from '../interop/conserver-server.ts';

test('a server that is cut off within an answer is a lost connection, wherever that is', async (t) => {
  let left = 0;
  /** What it says to each line of the client, the first unasked; it is cut off when `left` bytes are out. */
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
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const words = ['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', `${port}`, '-E', '-l', 'ann', 'a'];
  for (const cut of [1, 3, 4, 5, 8, 9, 10, 11, 12]) {
    left = cut;
    const { status, stdout, stderr } = await run(CONSOLE, words);
    assert.deepEqual([cut, status, stdout, stderr], [cut, 69, '', 'console: lost connection\n']);
  }
});
