import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../harness/machine.ts';
import { ProcServ } from '../harness/procserv.ts';
import { Terminal } from '../harness/terminal.ts';
import { until } from '../harness/until.ts';

/** A port that was free a moment ago: conserver cannot be asked which one it got. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function isListening(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'latin1').includes(`:${hex} 00000000:0000 0A`);
}

test("conserver's type uds and console reach our procServ", { skip: missing('conserver', 'console') }, async (t) => {
  const server = await ProcServ.start(t, [
    '-n',
    'ioc',
    'sh',
    '-c',
    'echo ready; while read word; do echo "said $word"; done',
  ]);
  await (await server.attach()).expect(/ready/);
  const { directory } = server;
  const port = String(await freePort());
  const config = join(directory, 'conserver.cf');
  writeFileSync(
    config,
    `default * { rw *; master localhost; logfile ""; }
access * { trusted 127.0.0.1; allowed 127.0.0.1; }
console ioc { type uds; uds ${server.control}; }
`,
  );
  const words = ['-C', config, '-M', '127.0.0.1', '-p', port, '-b', '0', '-P', join(directory, 'passwd'), '-E', '-n'];
  writeFileSync(join(directory, 'passwd'), '*any*:\n');
  // A group of its own: conserver has a process for each group of consoles.
  const conserver = spawn('/usr/sbin/conserver', words, { stdio: 'ignore', cwd: directory, detached: true });
  const gone = new Promise((resolve) => conserver.once('exit', resolve));
  t.after(async () => {
    process.kill(-(conserver.pid as number), 'SIGKILL');
    await gone;
  });
  await until('conserver listens', () => isListening(Number(port)));
  const console = await Terminal.run(t, ['/usr/bin/console', '-M', '127.0.0.1', '-p', port, '-E', 'ioc']);
  await console.expect(/Enter `\^Ec\?' for help/);
  console.type('one\r');
  await console.expect(/said one\r+\n/);
  console.type('\x05c.');
  await console.ended;
});
