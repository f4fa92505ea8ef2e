// The service of a host server's procServ endpoints for their clients.
import { deepEqual, doesNotMatch } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../harness/client.ts';
import { HostUnderTest, perl } from '../harness/host.ts';

const ECHO = perl('$| = 1; print "yesterday\\n"; while (<>) { chomp; print "said $_\\n" }');

test('an endpoint sends the past only if its console has the key history', async (t) => {
  const table = (history: string) => `
[console.asked]
${ECHO}
endpoints = ["unix:asked.sock"]
history = 9
[console.plain]
${ECHO}
endpoints = ["unix:plain.sock"]
${history}`;
  const host = await HostUnderTest.start(t, table(''));
  await Promise.all(['asked', 'plain'].map((name) => host.said(name, 'yesterday')));
  const connect = (name: string) => Client.connect(join(host.runtimeDir, `${name}.sock`));
  await (await connect('asked')).expect(/the last line before you came\r\nyesterday\r\n@@@ --- from here on live\r\n/);
  const plain = await connect('plain');
  plain.send('new\n');
  await plain.expect(/said new\r\n/);
  doesNotMatch(plain.said.text, /yesterday|---/);
  host.configure(table('history = 1\n'));
  await host.client.apply();
  await (await connect('plain')).expect(/before you came\r\nsaid new\r\n/);
});

test('the toggle key has two states, and leads back to what is configured', async (t) => {
  const tables = Object.entries({ always: 'always', failure: 'on-failure', never: 'never' }).map(
    ([name, restart]) => `[console.${name}]\n${ECHO}\nrestart = "${restart}"\nendpoints = ["unix:${name}.sock"]\n`,
  );
  const host = await HostUnderTest.start(t, tables.join(''));
  const modes = async (name: string, keys: number) => {
    const client = await Client.connect(join(host.runtimeDir, `${name}.sock`));
    const seen = [];
    for (let key = 0; key < keys; key++) {
      client.send('\x14');
      const [, word] = await client.expect(/\r\n@@@ Toggled auto restart to (\w+)\r\n/);
      seen.push(`${word} ${(await host.client.detail(name)).restartMode}`);
    }
    return seen;
  };
  deepEqual(await modes('always', 3), ['OFF never', 'ON always', 'OFF never']);
  deepEqual(await modes('failure', 3), ['OFF never', 'ON on-failure', 'OFF never']);
  deepEqual(await modes('never', 2), ['ON always', 'OFF never']);
});
