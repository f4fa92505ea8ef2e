// Clients that shut down their writing side, as `nc -N` and socat do: of procServ, and of a host server's endpoints.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { type Address, Client } from '../harness/client.ts';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest } from '../harness/host.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { ProcServ } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';

/** Answers at once; after `talk` it prints something repeatedly, and reads no more. */
const SCRIPT = String.raw`use Time::HiRes "sleep"; $| = 1; print "ready\n";
while (<>) { chomp; print "got $_\n"; while (/talk/) { sleep 0.2; print "still here\n"; } }`;

function child(t: TestContext): string {
  const file = join(temporaryDirectory(t), 'child.pl');
  writeFileSync(file, SCRIPT);
  return file;
}

/** The endpoint of each program: a unix socket, and TCP. */
const PROGRAMS: Readonly<Record<string, (t: TestContext) => Promise<readonly [string, Address]>>> = {
  procServ: async (t) => {
    const server = await ProcServ.start(t, ['-P', '127.0.0.1:0', '-L', 'log', 'perl', child(t)]);
    await until('the child', () => server.has('log', 'ready'));
    return [server.control, { host: '127.0.0.1', port: server.port }];
  },
  'a host endpoint': async (t) => {
    const port = await freePort();
    const table = `[console.a]\nrun = ["perl", "${child(t)}"]\nendpoints = ["unix:a.sock", "${port}"]\n`;
    const host = await HostUnderTest.start(t, table);
    await host.said('a', 'ready');
    return [join(host.runtimeDir, 'a.sock'), { host: '127.0.0.1', port }];
  },
};

/** Waits until nobody else is left. */
async function alone(address: Address): Promise<void> {
  await until('no other user', async () => {
    const client = await Client.connect(address);
    const [, others] = await client.expect(/@@@ (\d+) user\(s\)/);
    await client.leave();
    return others === '0';
  });
}

// They wait for the seconds that the program gives a client, each with its own program.
suite('half-closed clients', { concurrency: true }, () => {
  for (const [name, start] of Object.entries(PROGRAMS)) {
    test(`${name}: a client that closes its writing side gets the reply and the end, whether the child falls silent or not`, async (t) => {
      const [unix, tcp] = await start(t);
      const say = async (address: Address, word: string): Promise<Client> => {
        const client = await Client.connect(address);
        client.socket.end(`${word}\n`);
        return client;
      };
      const [one, two] = await Promise.all([say(unix, 'one'), say(tcp, 'two')]);
      await Promise.all([one.closed, two.closed]);
      const talk = await say(unix, 'talk');
      await talk.expect(/still here\r\n/);
      const unread = await say(tcp, 'unread');
      await Promise.all([talk.closed, unread.closed]);
      assert.match(one.said.text, /got one\r\n/);
      assert.match(two.said.text, /got two\r\n/);
      assert.match(talk.said.text, /got talk\r\n(?:still here\r\n)+/);
      assert.match(unread.said.text, /(?:still here\r\n)+/);
      await alone(unix);
    });

    test(`${name}: a client that closes its writing side and reads nothing is soon no longer a user`, async (t) => {
      const [unix, tcp] = await start(t);
      for (const options of [{ path: unix }, tcp as { host: string; port: number }]) {
        const peer = connect(options).pause();
        atEnd(t, () => peer.destroy());
        await new Promise((resolve) => peer.once('connect', resolve));
        peer.end('talk\n');
      }
      await alone(unix);
    });
  }
});
