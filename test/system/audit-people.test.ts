// The audit of keyboards taken, refused logins, and acts by keys.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** Waits until the terminal of the process does not echo. */
async function terminalIsSilent(host: HostUnderTest, name: string): Promise<void> {
  const pid = (await host.pids())[name];
  await until('its terminal does not echo', () => {
    const { stdout } = spawnSync('stty', ['-a', '-F', `/proc/${pid}/fd/0`], { encoding: 'utf8' });
    return / -echo /.test(stdout);
  });
}

test('lines that people type are recorded, and a password is not, whichever way it is asked for', async (t) => {
  const shell = `run = ["/bin/sh", "-c", ${JSON.stringify(
    'printf "epics> "; read -r a; printf "Password: "; stty -echo; read -r p; stty echo; echo; echo "it is $p"; ' +
      'printf "more> "; read -r b; exec bash -c \'read -r -s -p "Secret: " q; printf "$q\\nend> "; read -r c; cat\'',
  )}]`;
  const host = await HostUnderTest.start(
    t,
    `[audit]\ninput = ["vac*"]\n[console.vac]\n${shell}\n[console.other]\nrun = ["/bin/cat"]\n`,
  );
  let seen = '';
  const session = await host.attach(
    'vac',
    { lines: 0 },
    {
      output: (bytes, _, shown) => {
        seen += Buffer.from(bytes).toString();
        shown();
      },
    },
    { write: true },
  );
  await until('it has the keyboard', () => session.writing);
  /** As a person types: a key, and the next one when the first one is on the screen, if that shows it. */
  const type = async (text: string, echoes: boolean) => {
    for (const key of text) {
      const { length } = seen;
      session.input(Buffer.from(key));
      if (echoes) {
        await until(`the echo of ${key}`, () => seen.length > length);
      }
    }
    session.input(Buffer.from('\r'));
  };
  await host.said('vac', /epics> /);
  await type('dbl', true);
  await host.said('vac', /Password: /);
  await terminalIsSilent(host, 'vac');
  await type('hunter2', false);
  await host.said('vac', /it is hunter2[\s\S]*more> /);
  await type('dbpr X', true);
  await host.said('vac', /Secret: /);
  await terminalIsSilent(host, 'vac');
  await type('tr0ub4dor', false);
  await host.said('vac', /end> /);
  await type('exit', true);
  const other = await host.attach('other', { lines: 0 }, {}, { write: true });
  await until('it has the other keyboard', () => other.writing);
  other.input(Buffer.from('nobody records this\r'));
  await host.said('other', /nobody records this/);
  const lines = (await linesOf(host)).filter(({ act }) => act === 'input');
  assert.deepEqual(
    lines.map(({ by, console, details }) => [by.user, console, details]),
    [
      [ME, 'vac', { line: 'dbl' }],
      [ME, 'vac', { notRecorded: 'no echo' }],
      [ME, 'vac', { line: 'dbpr X' }],
      [ME, 'vac', { notRecorded: 'no echo' }],
      [ME, 'vac', { line: 'exit' }],
    ],
  );
  const files = readdirSync(host.stateDir).map((name) => readFileSync(join(host.stateDir, name), 'utf8'));
  assert.ok(!/hunter2|tr0ub4dor/.test(files.join('')));
  const { stdout } = await host.command('audit', 'vac', '--verb', 'input');
  assert.match(stdout, /: type into vac: dbl\n.*: type into vac: not recorded: no echo\n/);
});
