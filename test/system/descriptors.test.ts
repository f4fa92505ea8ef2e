// Peers that use up the descriptors: the control socket still answers, other listeners still accept, and the shortage
// is reported.

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectControl } from '../../src/client/control-connection.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { entered } from '../harness/entered.ts';
import { HostUnderTest } from '../harness/host.ts';
import { descriptors, temporaryDirectory } from '../harness/machine.ts';
import { ProcServ } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';
import { OUR_CONSERVER, startConserver } from '../interop/conserver-server.ts';
import { place } from '../interop/wire-client.ts';

const LIMIT = 128;
const TOLD = /out of descriptors: try again later/;

/** More connections than there are descriptors; resolves when the last one was told why it is refused. */
async function crowd(address: Parameters<typeof Client.connect>[0]): Promise<readonly Client[]> {
  const clients: Client[] = [];
  for (let n = 0; n < LIMIT; n += 1) {
    clients.push(await Client.connect(address));
  }
  await clients.at(-1)?.expect(TOLD);
  return clients;
}

async function leave(clients: readonly Client[]): Promise<void> {
  for (const { socket, closed } of clients) {
    socket.destroy();
    await closed;
  }
}

test('endpoints use up their share of descriptors: ps answers, other consoles accept, status, doctor and events report it', async (t) => {
  const folder = temporaryDirectory(t);
  const at = (name: string) => join(folder, name);
  const console = (name: string) => `[console.${name}]\nrun = ["/bin/cat"]\nendpoints = ["unix:${at(name)}"]\n`;
  const host = await HostUnderTest.start(t, console('busy') + console('calm'), { descriptors: LIMIT });
  await host.state('calm', 'running');
  const clients = await crowd(at('busy'));
  const ps = await host.command('ps', '--quiet');
  assert.deepEqual([ps.code, ps.stdout], [0, 'busy\ncalm\n']);
  const other = await Client.connect(at('calm'));
  await other.expect(/Welcome to procServ/);
  const short = await host.event('the shortage', ({ text }) => text.startsWith('out of descriptors: '));
  assert.match(short.text, /: \d+ of 128 are in use; new connections are refused, first at the endpoints of busy$/);
  assert.match((await host.command('status', 'busy')).stdout, /refused, out of descriptors: \d+ of 128 are in use/);
  assert.match((await host.command('doctor')).stdout, /FAILED +descriptors of the server: .* refused since/);

  // The same at the control socket: silent connections make room.
  const silent = await Promise.all(Array.from({ length: LIMIT }, () => Client.connect(host.control)));
  const again = await host.command('ps', '--quiet');
  assert.deepEqual([again.code, again.stdout], [0, 'busy\ncalm\n'], again.stderr);
  await leave([...silent, ...clients, other]);
  await host.event('the end of it', ({ text }) => text.startsWith('descriptors are available again; '));
  const late = await Client.connect(at('busy'));
  await late.expect(/Welcome to procServ/);
  await late.leave();
});

test('a procServ out of descriptors neither ends nor spins: its child can be restarted, clients are accepted again', async (t) => {
  const server = await ProcServ.start(t, ['--holdoff', '0', '/bin/sh', '-c', 'echo begun $$; exec cat'], {
    descriptors: LIMIT,
  });
  const first = await server.attach();
  await first.expect(/begun \d+/);
  const clients = await crowd(server.control);
  assert.ok(descriptors(server.pid) < LIMIT);
  first.send('\x18');
  await first.expect(/Restarting child[\s\S]*begun \d+/);
  await server.stderr.expect(/out of descriptors: \d+ of 128 are in use/);
  await leave(clients);
  await until('room', () => descriptors(server.pid) < LIMIT / 2);
  const late = await server.attach();
  await late.expect(/Welcome to procServ/);
});

test('a conserver out of descriptors neither ends nor spins, and accepts clients again', async (t: TestContext) => {
  const limited = join(temporaryDirectory(t), 'conserver');
  writeFileSync(limited, `#!/bin/sh\nulimit -n ${LIMIT}\nexec ${OUR_CONSERVER} "$@"\n`);
  chmodSync(limited, 0o755);
  const cf = 'console tick { master localhost; type exec; rw *; exec /bin/cat; }\naccess * { trusted 127.0.0.1; }\n';
  const { port } = await startConserver(t, cf, '', limited);
  const { pid } = await place(port, 'tick');
  const clients = await crowd({ host: '127.0.0.1', port });
  assert.ok(descriptors(pid) < LIMIT);
  await leave(clients);
  await until('room', () => descriptors(pid) < LIMIT / 2);
  assert.equal((await place(port, 'tick')).pid, pid);
});

test('a server that is there but closes or is full is not reported as missing', async (t) => {
  const path = join(temporaryDirectory(t), 'control');
  const closing = createServer((socket) => socket.destroy());
  closing.listen({ fd: listenOn({ kind: 'unix', path, mode: 0o600 }).fd });
  atEnd(t, () => closing.close());
  const client = connectControl(path);
  await assert.rejects(client.list({}), {
    code: 'HF_BUSY',
    message: /there is a server on .*: it is out of descriptors/,
  });
  await assert.rejects(entered(client, 'a'), { code: 'HF_BUSY' });
});
