/** `bin/conserver --control PATH`: holdfast's commands on the consoles of a conserver.cf. */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../harness/machine.ts';
import { Terminal } from '../harness/terminal.ts';
import { until } from '../harness/until.ts';
import { OUR_CONSERVER, run, startConserver } from './conserver-server.ts';
import { place, WireClient } from './wire-client.ts';

const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));
const CF = `default * { master localhost; rw *; logfile @D@/&.log; }
console a { type exec; exec "echo started; exec cat"; }
console far { type host; host 127.0.0.1; port 1; protocol raw; options !autoreinit; }
access * { trusted 127.0.0.1; admin root; }
`;

test('ps, why, restart and attach work on it; it goes with the server', async (t) => {
  const control = join(temporaryDirectory(t), 'control');
  const server = await startConserver(t, CF, '', OUR_CONSERVER, ['--control', control]);
  const holdfast = (...words: readonly string[]) => run(HOLDFAST, [...words, '--socket', control]);
  assert.equal(statSync(control).mode & 0o777, 0o660);
  const ps = await until('the first output of a', async () => {
    const { stdout } = await holdfast('ps');
    return /^a +running .* started\r?\n/m.test(stdout) && stdout;
  });
  assert.match(ps, /^far +stopped /m);
  const why = await holdfast('why', 'far');
  assert.match(why.stdout, /could not be started: connect\(-?\d+\): Connection refused/);
  const { group } = await place(server.port, 'a');
  const ann = await WireClient.join(group, 'ann', 'a');
  const root = await Terminal.run(t, [HOLDFAST, 'attach', 'a', '--socket', control]);
  await root.expect(/live from here/);
  root.type('\x1dT');
  await ann.expect("[forced to `spy' mode by ");
  await root.expect(/you have the keyboard/);
  root.type('typed here\r');
  await ann.expect('typed here\r\n');
  assert.equal((await holdfast('restart', 'a')).status, 0);
  await ann.expect('started\r\n');
  ann.close();
  await server.stop();
  await until('the socket is gone', () => !existsSync(control));
});

test('down ends it with its consoles, and only where --all says so', async (t) => {
  const control = join(temporaryDirectory(t), 'control');
  await startConserver(t, CF, '', OUR_CONSERVER, ['--control', control]);
  const holdfast = (...words: readonly string[]) => run(HOLDFAST, [...words, '--socket', control]);
  const refused = await holdfast('down');
  assert.match(refused.stderr, /the processes of this server end with it: down --all/);
  assert.notEqual(refused.status, 0);
  assert.match((await holdfast('ps')).stdout, /^a +running /m);
  const done = await holdfast('down', '--all', '--yes');
  assert.deepEqual([done.status, done.stderr], [0, '']);
  await until('the socket is gone', () => !existsSync(control));
});
