// Return as CR LF, as PuTTY and telnet of Windows send it: to procServ, and to an endpoint of a host server.
import { equal, match } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Address, Client } from '../harness/client.ts';
import { HostUnderTest } from '../harness/host.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { ProcServ } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';

/** Prints its input: line by line until `raw`, then byte by byte. */
const SCRIPT = String.raw`$| = 1; print "ready\n";
while (<STDIN>) { chomp; print "<$_>\n"; last if /raw/ }
system "stty", "raw", "-echo"; print "bytes\n";
print unpack("H*", $_), "\n" while sysread STDIN, $_, 100;`;

const PROGRAMS: Readonly<Record<string, (t: TestContext, child: string) => Promise<Address>>> = {
  procServ: async (t, child) => {
    const server = await ProcServ.start(t, ['-L', 'log', 'perl', child]);
    await until('the child', () => server.has('log', 'ready'));
    return server.control;
  },
  'a host endpoint': async (t, child) => {
    const host = await HostUnderTest.start(t, `[console.a]\nrun = ["perl", "${child}"]\nendpoints = ["unix:a.sock"]\n`);
    await host.said('a', 'ready');
    return join(host.runtimeDir, 'a.sock');
  },
};

for (const [name, start] of Object.entries(PROGRAMS)) {
  test(`${name}: CR LF is one Return to a terminal that maps CR, and two bytes to one that does not`, async (t) => {
    const child = join(temporaryDirectory(t), 'child.pl');
    writeFileSync(child, SCRIPT);
    const client = await Client.connect(await start(t, child));
    client.send('one\r\ntwo\r\0three\nfour\r\n\r\nfive\r');
    await client.expect(/<five>\r\n/);
    equal(client.said.text.match(/<.*>(?=\r\n)/g)?.join(''), '<one><two><three><four><><five>');
    client.send('raw\r\n');
    await client.expect(/bytes\n/);
    client.send('a\r\nZ');
    await client.expect(/5a\n/);
    match(client.said.text, /bytes\n61\n?0d\n?0a\n?5a\n/);
  });
}
