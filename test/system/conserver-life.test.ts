/** The conserver personality while its parents go away, and during its own shutdown. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { freePort } from '../harness/free-port.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { greeting, OUR_CONSERVER, startConserver, within } from '../interop/conserver-server.ts';
import { place, WireClient } from '../interop/wire-client.ts';

const ANY = 'default any { master localhost; type exec; rw *; } access * { trusted 127.0.0.1; }\n';

test('output that nobody reads any more does not end the server', async (t) => {
  const folder = temporaryDirectory(t);
  const cf = join(folder, 'cf');
  writeFileSync(
    cf,
    `${ANY}console a { include any; exec "stty -echo; exec cat"; options unloved; }
console flood { include any; exec "stty -echo; read go; exec yes 0123456789"; options unloved; }\n`,
  );
  const port = await freePort();
  const words = ['-C', cf, '-M', '127.0.0.1', '-p', `${port}`, '-P', join(folder, 'passwd'), '-E'];
  const server = spawn(OUR_CONSERVER, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(server, 'exit');
  atEnd(t, () => server.kill('SIGKILL'));
  await within(greeting(port), 'the server to greet');
  const { group } = await place(port, 'a');
  // Nothing of this is read beyond the capacity of the pipe.
  const flooded = await WireClient.join(group, 'ann', 'flood');
  flooded.send('go\r\x05cs');
  await flooded.expect(/(0123456789\r\n){10000}/);
  flooded.close();
  server.stdout.destroy();
  server.stderr.destroy();
  const session = await WireClient.join(group, 'ann', 'a');
  atEnd(t, () => session.close());
  // There is no writer when the answer comes: it goes to standard output.
  session.send('hello\r\x05cs');
  await session.expect('hello\r\n');
  writeFileSync(cf, 'nonsense\n');
  server.kill('SIGHUP');
  session.send('\x05ca');
  await session.expect('[attached]\r\n');
  server.kill('SIGTERM');
  await session.closed;
  assert.deepEqual(await ended, [0, null]);
});

test('an ended console is not brought up again while the server waits for its logs', async (t) => {
  const cf = `${ANY}console a { include any; logfile @D@/fifo; exec "echo >> @D@/starts; seq 20000; exec cat"; }\n`;
  const folder = temporaryDirectory(t);
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const { port, stop } = await startConserver(t, cf.replaceAll('@D@', folder), '', OUR_CONSERVER);
  const { group, pid } = await place(port, 'a');
  const session = await WireClient.join(group, 'ann', 'a');
  await session.ask('hello', 'hello');
  const stopped = stop();
  await session.closed;
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const) {
    process.kill(pid, signal);
  }
  const late = await WireClient.open(port).catch(() => undefined);
  assert.equal(late, undefined);
  const reader = new Socket({ fd }).resume();
  atEnd(t, () => reader.destroy());
  await stopped;
  assert.equal(readFileSync(join(folder, 'starts'), 'latin1'), '\n');
});
