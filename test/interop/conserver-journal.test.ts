/** Standard output and error of Debian's conserver and of ours, in the foreground. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';
import { CONSOLE, noConserver, OUR_CONSERVER, startConserver } from './conserver-server.ts';
import { place, WireClient } from './wire-client.ts';

const CF = `default * { master localhost; rw *; }
console a { type exec; exec "read x; exit $x"; options !autoreinit; }
console far { type host; host 127.0.0.1; port 1; protocol raw; }
console near { type uds; uds @D@/nobody; }
console unlogged { type exec; exec cat; logfile /no/such/log; }
console quick { type exec; exec "exit 1"; initspinmax 2; initspintimer 250; }
access * { trusted 127.0.0.1; admin root; }
`;

/** Numbers are not promised, nor how often a console is reported up, and we have no Kerberos. */
function remarks(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  return lines
    .map((line) => line.replace(/^\[[^\]]+\] conserver \(\d+\): /, '').replace(/connect\(\d+\)|pid \d+/g, 'N'))
    .filter((line) => !/console up$|GSS-API|^INFO: (?!<)/.test(line))
    .map((line) => line.replace(/^(ERROR: )\[near\].*/, '$1near'))
    .sort();
}

async function listen(t: TestContext, program: string): Promise<readonly string[]> {
  const server = await startConserver(t, CF, '', program, ['-v', '-L', 'log']);
  const out = () => readFileSync(join(server.folder, 'out'), 'latin1');
  await until('the quick one to be given up', () => out().includes('[quick] initialization rate exceeded'));
  const { group } = await place(server.port, 'a');
  const session = await WireClient.join(group, 'root', 'a');
  session.send('3\r');
  await until('the end of the command', () => out().includes('exit(3)'));
  session.send('\x05c.');
  await session.closed;
  await until('the logout', () => out().includes('[a] logout'));
  await server.stop();
  assert.equal(existsSync(join(server.folder, 'log')), false, 'a log file is for the background');
  return remarks(out());
}

test('the same remarks and complaints', { skip: noConserver }, async (t) => {
  const [theirs, ours] = await Promise.all([listen(t, '/usr/sbin/conserver'), listen(t, OUR_CONSERVER)]);
  assert.deepEqual(ours, theirs);
});

test('a certificate without its key is not a certificate, for the server and for the client', (t) => {
  const folder = temporaryDirectory(t);
  const pem = join(folder, 'pem');
  writeFileSync(pem, 'no certificate');
  writeFileSync(join(folder, 'cf'), 'console a { master localhost; type noop; }');
  const server = spawnSync(OUR_CONSERVER, ['-C', join(folder, 'cf'), '-M', '127.0.0.1', '-p', '0', '-c', pem]);
  assert.equal(server.status, 70);
  assert.match(server.stderr.toString(), /ERROR: TLS: .*pem: /);
  const client = spawnSync(CONSOLE, ['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', '1', '-c', pem, '-u']);
  assert.equal(client.status, 69);
  assert.match(client.stderr.toString(), /^console: no certificate/);
});
