// Who took whose keyboard, who could not come in, and what was done by keys.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AuditRecord } from '../../src/model/audit.ts';
import { Client } from '../harness/client.ts';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest } from '../harness/host.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const ME = userInfo().username;
const CTRL_X = '\x18';

async function linesOf(host: HostUnderTest, from = 2): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of host.client.audit.records({})) {
    records.push(record);
  }
  return records.slice(from);
}

function brief({ act, by, console = '', outcome }: AuditRecord): string {
  return `${by.user} ${act} ${console} ${outcome}`;
}

test('keyboards that are taken, given up, and taken by force from whom', async (t) => {
  const host = await HostUnderTest.start(t, '[audit]\n[console.vac]\nrun = ["/bin/cat"]\n');
  const [one, other] = [await host.attach('vac', { lines: 0 }, {}), await host.attach('vac', { lines: 0 }, {})];
  one.take(false);
  await until('the first one has it', () => one.writing);
  other.take(true);
  await until('the second one has it', () => other.writing && !one.writing);
  other.close();
  await host.event('nobody has it', ({ text }) => text === 'nobody has the keyboard');
  const lines = await linesOf(host);
  assert.deepEqual(lines.map(brief), [`${ME} take vac done`, `${ME} force vac done`, `${ME} giveUp vac done`]);
  assert.equal(lines[1]?.details?.from, `${ME} via api from pid ${process.pid}`);
  const { before } = await host.event('by force', (event) => event.type === 'writer' && event.before !== undefined);
  assert.equal(before?.pid, process.pid);
});

test('a key of a procServ endpoint that does something is a line, with what it did', async (t) => {
  const port = await freePort();
  const table = `[console.vac]\nrun = ["/bin/cat"]\nendpoints = ["127.0.0.1:${port}"]\n`;
  const host = await HostUnderTest.start(t, `[audit]\n${table}`);
  const client = await Client.connect({ host: '127.0.0.1', port });
  await client.said.expect(/@@@/);
  client.socket.write(CTRL_X);
  await client.said.expect(/Got a kill command/);
  const lines = await linesOf(host);
  assert.deepEqual(lines.map(brief), ['unknown signal vac done']);
  assert.deepEqual(lines[0]?.details, { signal: 9 });
  assert.equal(lines[0]?.by.channel, 'procserv');
});

async function login(t: TestContext, port: number, localAddress: string, lines: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  t.after(() => socket.destroy());
  let said = '';
  socket.on('data', (data) => {
    said += data;
  });
  socket.write(lines);
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
}

test('logins that are refused are lines: a wrong password, too many of them, and a host that is rejected', async (t) => {
  const passwords = join(temporaryDirectory(t), 'passwd');
  writeFileSync(passwords, 'bob:secret\n');
  const port = await freePort();
  const listener = `[conserver]\nport = ${port}\ngroup_port = 0\npassword_file = "${passwords}"\nrejected = ["127.0.0.2"]\n`;
  const host = await HostUnderTest.start(t, `[audit]\n${listener}[console.vac]\nrun = ["/bin/cat"]\n`);
  assert.match(await login(t, port, '127.0.0.1', 'login bob\r\nguess\r\n'), /invalid password/);
  assert.match(await login(t, port, '127.0.0.2', ''), /access from your host refused/);
  const lines = await linesOf(host);
  assert.deepEqual(
    lines.map(({ act, by, error, outcome }) => [act, outcome, by.user, by.from, error?.message]),
    [
      ['login', 'refused', 'bob', '127.0.0.1', 'invalid password'],
      ['login', 'refused', 'unknown', '127.0.0.2', 'the host is rejected'],
    ],
  );
  assert.ok(!JSON.stringify(lines).includes('guess'));
});
