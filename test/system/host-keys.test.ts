// Keys of a procServ endpoint of the host server, and the starts that count as restarts.
import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../harness/client.ts';
import { HostUnderTest, perl } from '../harness/host.ts';
import { sizeOf } from '../harness/machine.ts';

/** Prints how many times it has started, ends with status 3 when it gets a line. */
const MORTAL = perl('$| = 1; print "here\\n"; <STDIN>; exit 3');

async function endpoint(host: HostUnderTest, name: string): Promise<Client> {
  const client = await Client.connect(join(host.runtimeDir, `${name}.sock`));
  await client.expect(/\(plus you\)\r\n/);
  return client;
}

test('^Q at an endpoint leaves a process that is down stopped, and ^R starts it again; others do not notice', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `
[console.crasher]
run = "echo no; exit 3"
restart.holdoff = "1h"
endpoints = ["unix:crasher.sock"]
[console.other]
run = ["/bin/sleep", "1000"]
`,
  );
  const waiting = await host.state('crasher', 'waiting');
  const { pid } = await host.state('other', 'running');
  const client = await endpoint(host, 'crasher');
  await client.expect(/@@@ \^R or \^X restarts the child, \^Q leaves it stopped\r\n/);
  client.send('\x11');
  await client.expect(
    /@@@ \^Q: "crasher" stays stopped until it is started: \^R here, or 'holdfast start crasher'\r\n/,
  );
  await host.state('crasher', 'stopped');
  await host.event('who stopped it', ({ by, to }) => to === 'stopped' && by?.user === userInfo().username);
  // As intended, also for the next server.
  await host.kill();
  await host.up();
  assert.equal((await host.client.detail('crasher')).state, 'stopped');
  const again = await endpoint(host, 'crasher');
  again.send('\x12');
  await again.expect(/@@@ Received a sigChild .* = 3\r\n/);
  await host.state('crasher', 'waiting');
  assert.equal((await host.client.detail('other')).pid, pid);
  assert.deepEqual((await host.client.detail('crasher')).restarts, waiting.restarts);
});

test('if ^Q is the logout key it only leaves', async (t) => {
  const host = await HostUnderTest.start(
    t,
    '[console.a]\nrun = "exit 3"\nrestart.holdoff = "1h"\nendpoints = ["unix:a.sock"]\nkeys.logout = "^Q"\n',
  );
  await host.state('a', 'waiting');
  const client = await endpoint(host, 'a');
  client.send('\x11');
  await client.closed;
  assert.equal((await host.client.detail('a')).state, 'waiting');
});

test('no key starts a held process, and the client is told who holds it', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\n${MORTAL}\nendpoints = ["unix:a.sock"]\n`);
  await host.said('a', 'here');
  await host.client.hold('a', 'HV \x1b[31mcard is out', Date.now() + 3_600_000);
  await host.state('a', 'held');
  const client = await endpoint(host, 'a');
  for (const key of ['\x12', '\x18']) {
    client.send(key);
    await client.expect(
      /@@@ Not started: held by \w+ until [\d-]+ [\d:]+: HV card is out; 'holdfast release a' ends that\r\n/,
    );
  }
  client.send('\x11');
  await client.expect(/@@@ \^Q: "a" is held by \w+ until [\d-]+ [\d:]+: HV card is out\r\n/);
  assert.equal((await host.client.detail('a')).state, 'held');
});

test('restarts are those of the policy, whatever happens to server and holder', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `
[console.a]
${MORTAL}
restart.holdoff = 0
endpoints = ["unix:a.sock"]
[console.patient]
run = "exit 3"
restart.holdoff = "1h"
`,
  );
  const counted = async () => (await host.client.detail('a')).restarts;
  let { pid } = await host.state('a', 'running');
  const anew = async () => {
    const all = await host.consoles('a new process', (consoles) => {
      const a = consoles.get('a');
      return a?.state === 'running' && a.pid !== undefined && a.pid !== pid;
    });
    pid = all.get('a')?.pid;
  };
  await host.state('patient', 'waiting');
  const client = await endpoint(host, 'a');
  for (let restart = 1; restart <= 2; restart++) {
    client.send('\n');
    await anew();
    assert.deepEqual(await counted(), { hour: restart, total: restart });
  }
  const two = { hour: 2, total: 2 };
  await host.client.restart('a');
  await anew();
  client.send('\x18');
  await anew();
  await host.client.signal('a', 9);
  await anew();
  await host.client.stop('a');
  await host.state('a', 'stopped');
  await host.said('a', '@@@ Child process is shutting down, as it was told to\r\n');
  await host.client.start('a');
  await anew();
  assert.deepEqual(await counted(), two);

  await host.kill();
  await host.up();
  assert.deepEqual(await counted(), two);
  // A new server does not shorten the wait either.
  assert.equal((await host.client.detail('patient')).state, 'waiting');
  assert.equal((await host.command('down', '--all', '--yes')).code, 0);
  await host.exited();
  await host.up();
  assert.deepEqual(await counted(), two);
  await anew();
  const last = await endpoint(host, 'a');
  last.send('\n');
  await anew();
  assert.deepEqual(await counted(), { hour: 3, total: 3 });
});

test('a block of one key acts a few times, the client is told, others are served, and the next key acts', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `
[console.a]
run = ["/bin/cat"]
endpoints = ["unix:a.sock"]
[console.b]
run = ["/bin/cat"]
endpoints = ["unix:b.sock"]
`,
    { server: 'events_keep = "64K"' },
  );
  await host.state('a', 'running');
  await host.state('b', 'running');
  const flooder = await endpoint(host, 'a');
  flooder.send('\x14'.repeat(200_000));
  const other = await endpoint(host, 'b');
  other.send('echo\r');
  await other.expect(/echo\r\n/);
  await flooder.expect(/\r\n@@@ Too many keys at once: \d+ of them ignored\r\n/);
  flooder.send('the end\r');
  await flooder.expect(/the end\r\nthe end\r\n/);
  flooder.send('\x14');
  await flooder.expect(/@@@ Toggled auto restart/);
  const switched = host.log('a').match(/@@@ Toggled auto restart/g)?.length ?? 0;
  assert.ok(switched < 1000, `${switched} of 200,000 keys acted`);
  const { seq } = await host.event('that it was switched', ({ text }) => text.startsWith('restart policy switched'));
  assert.ok(seq < 3000);
  const history = ['events.jsonl', 'events.jsonl.1'].map((name) => sizeOf(join(host.stateDir, name)));
  assert.ok(history.reduce((sum, size) => sum + size, 0) <= 64 << 10);
});
