import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Holder } from '../../src/holder/holder.ts';
import { LogDesk } from '../../src/holder/log-desk.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import { temporaryDirectory } from '../harness/machine.ts';

// The bundler's constant, for sources that run as they are.
Object.assign(globalThis, { HOLDFAST_VERSION: 'test' });
const { HolderLink } = await import('../../src/main/holder-link.ts');

test('a holder that dies while it is connected to is no error: the next one is waited for', async (t) => {
  const socket = join(temporaryDirectory(t), 'holder');
  const link = new HolderLink({
    socket,
    logDelay: 50,
    clock,
    startHolder: false,
    lost: () => undefined,
    found: () => undefined,
    trouble: () => undefined,
  });
  const opened = link.open();
  const holder = new Holder({
    version: 'test',
    desk: new LogDesk(clock),
    clock,
    cgroups: { missing: '' },
    finished: () => undefined,
  });
  let connections = 0;
  const server = createServer((connection) => {
    connections++;
    if (connections === 1) {
      connection.destroy();
    } else {
      holder.serve(connection);
    }
  }).listen(socket);
  await once(server, 'listening');
  await opened;
  assert.equal(connections, 2);
  assert.equal(link.hello?.pid, process.pid);
  link.close();
  server.close();
});
