// Starts that wait for others, those that do not, and messages in the meantime.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { HostUnderTest, perl } from '../harness/host.ts';
import { Program } from '../harness/procserv.ts';

/** Port of a listener whose queue is full: connections to it get no answer, as from a host that is off. */
async function darkPort(t: TestContext): Promise<string> {
  const script = `use Socket; use Fcntl; $| = 1;
socket(my $l, PF_INET, SOCK_STREAM, 0); bind($l, pack_sockaddr_in(0, INADDR_LOOPBACK)); listen($l, 0);
my $there = getsockname($l);
for (1..4) { socket(my $s, PF_INET, SOCK_STREAM, 0); fcntl($s, F_SETFL, O_NONBLOCK); connect($s, $there); push @kept, $s }
print "port ", (unpack_sockaddr_in($there))[0], "\\n"; sleep 1000;`;
  const program = new Program(t, '/usr/bin/perl', ['-e', script]);
  return (await program.stdout.expect(/port (\d+)\n/))[1] as string;
}

test('terminal servers that are off keep no process waiting, and what they wait for is shown', async (t) => {
  const port = await darkPort(t);
  const links = Array.from({ length: 30 }, (_, at) => `[console.ts${at + 10}]\ntcp = "127.0.0.1:${port}"\n`);
  const host = await HostUnderTest.start(t, `${links.join('')}[console.ioc]\nrun = ["/bin/cat"]\n`, {
    server: 'start_at_once = 3',
  });
  await host.state('ioc', 'running');
  const pending = async () =>
    (await host.client.list({})).filter((one) => one.kind === 'tcp' && one.state === 'starting');
  // Three at a time are given up after 5 s.
  assert.ok((await pending()).length > 0, 'it did not wait for all of them');
  const last = await host.client.detail('ts39');
  assert.equal(last.waitsFor?.kind, 'turn');
  assert.match(
    (await host.command('why', 'ts39')).stdout,
    /Its start waits for a start slot behind ts\d\d, ts\d\d, ts\d\d\./,
  );
  assert.match((await host.command('status', 'ts39')).stdout, /waits for +a start slot behind ts/);
  const { pid } = await host.client.detail('ioc');
  await host.client.restart('ioc');
  await host.consoles('ioc to be up again', (all) => {
    const ioc = all.get('ioc');
    return ioc?.state === 'running' && ioc.pid !== pid;
  });
  assert.equal((await host.client.detail('ts39')).state, 'starting');
  // Nor does a requested start wait for a connection that is no longer wanted. One that was given up at that moment
  // proves nothing.
  for (const { name } of await pending()) {
    if ((await host.client.detail(name)).waitsFor === undefined) {
      await host.client.stop(name);
      await host.state(name, 'stopped');
      const events = (await host.client.events({ limit: 1000 })).filter((event) => event.console === name);
      if (events.some(({ text }) => text.includes('stopped before it connected'))) {
        return;
      }
    }
  }
  assert.fail('each was given up before it was stopped');
});

test('a requested start does not wait for those that happen by themselves', async (t) => {
  const slow = `${perl('sleep 1000')}\nready = { pattern = "never", within = "1h" }\n`;
  const tables = `[console.slow]\n${slow}[console.next]\n${slow}[console.wanted]\nrun = ["/bin/cat"]\nafter = ["idle"]\n`;
  const idle =
    '[console.idle]\nrun = ["/bin/cat"]\nstart = false\n[console.late]\nrun = ["/bin/cat"]\nafter = ["slow"]\n';
  const host = await HostUnderTest.start(t, tables + idle, { server: 'start_at_once = 1' });
  assert.equal((await host.client.detail('next')).waitsFor?.what, 'a start slot behind slow');
  assert.equal((await host.client.detail('wanted')).waitsFor?.what, 'a start slot behind slow');
  assert.equal((await host.client.detail('late')).waitsFor?.what, 'slow, which it comes after');
  await host.client.start('idle');
  await host.state('idle', 'running');
  await host.client.start('wanted');
  const { waitsFor } = await host.state('wanted', 'running');
  assert.equal(waitsFor, undefined);
  assert.equal((await host.client.detail('next')).pid, undefined);
});
