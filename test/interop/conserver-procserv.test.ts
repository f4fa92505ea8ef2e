/** procServ behind conserver, each of ours with the original of the other: the `type uds` setup of today's sites. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../harness/at-end.ts';
import { CONSOLE, noConserver, OnTerminal, OUR_CONSERVER, startConserver, within } from './conserver-server.ts';

const REAL = { procServ: '/usr/bin/procServ', conserver: '/usr/sbin/conserver', console: '/usr/bin/console' };
const OURS = {
  procServ: fileURLToPath(new URL('../../bin/procServ', import.meta.url)),
  conserver: OUR_CONSERVER,
  console: CONSOLE,
};
type Programs = typeof REAL;

/** As procServ greets while its child runs, or announces its start. */
const CHILD_RUNS = /Child "ioc" PID: \d+|PID of new child "ioc" is: \d+/;

const noProcServ = existsSync(REAL.procServ) ? false : `${REAL.procServ} is not installed`;
const skip = noConserver || noProcServ;

function startProcServ(t: TestContext, program: string, folder: string): Promise<void> {
  const words = ['-f', '-n', 'ioc', '--holdoff', '1', '-P', `unix:${join(folder, 'control')}`, '/bin/cat'];
  const server = spawn(program, words, { stdio: 'ignore', cwd: folder });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  atEnd(t, async () => {
    server.kill('SIGTERM');
    await ended;
  });
  const there = async (): Promise<void> => {
    while (!existsSync(join(folder, 'control'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return within(there(), `the socket of ${program}`);
}

async function session(t: TestContext, { procServ, conserver, console }: Programs): Promise<void> {
  const cf = `default procserv { type uds; uds @D@/control; logfile @D@/&.log; rw *; master localhost; }
console ioc { include procserv; }
access * { trusted 127.0.0.1; }
`;
  const server = await startConserver(t, cf, '', conserver);
  // The socket appears later than the conserver: `^Eco` opens the line now.
  await startProcServ(t, procServ, server.folder);
  const words = `-n -C /dev/null -M 127.0.0.1 -p ${server.port} -E -l ann -A ioc`;
  const terminal = new OnTerminal(t, `${console} ${words}`);
  await terminal.expect('[replay]');
  terminal.type('\x05co');
  await terminal.expect('@@@ Welcome to procServ');
  await terminal.expect(CHILD_RUNS);
  terminal.type('caput x 1\r');
  await terminal.expect('caput x 1\r\ncaput x 1\r\n');
  terminal.type('\x18');
  await terminal.expect(/@@@ Received a sigChild|@@@ Child process is shutting down/);
  await terminal.expect(CHILD_RUNS);
  terminal.type('\x05c.');
  assert.equal(await within(terminal.ended, 'the client to end'), 0);
  await server.stop();
  assert.match(readFileSync(join(server.folder, 'ioc.log'), 'latin1'), /caput x 1\r\ncaput x 1\r\n/);
}

for (const [name, programs] of Object.entries({
  'a real procServ behind our conserver, the real console': { ...REAL, conserver: OURS.conserver },
  'our procServ behind the real conserver, our console': { ...REAL, procServ: OURS.procServ, console: OURS.console },
  'all three ours': OURS,
})) {
  test(name, { skip }, (t) => session(t, programs));
}
