// `npm start`: the main job, on a process to try it with. Ctrl-C ends it and everything it started.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './own-node.mjs';

function find(program) {
  return (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-'));
const socket = join(folder, 'control');
const log = join(folder, 'console.log');
const port = process.env.HOLDFAST_DEMO_PORT ?? '2000';
const softIoc = find('softIoc');
const command = softIoc ? [softIoc] : [join(root, 'examples/sim-ioc'), 'DEMO'];

const server = spawn(
  join(root, 'bin/procServ'),
  [
    '--foreground',
    '--name=demo',
    '--holdoff=2',
    `--logfile=${log}`,
    '--ignore=^D',
    '--port',
    port,
    '--port',
    `unix:${socket}`,
    ...command,
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);

server.once('spawn', () => {
  process.stdout.write(`
procServ runs ${command.join(' ')} (pid of the server: ${server.pid})

  telnet 127.0.0.1 ${port}                          its console; ^] then quit leaves it
  socat -,raw,echo=0,escape=0x1d UNIX:${socket}     the same by unix socket; ^] leaves it
  tail -f ${log}                                    its log

On the console: ^X kills the process, and it comes back; ^T switches the auto restart; ^X with auto restart off, then ^Q, ends
the server. The demonstration process knows help, dbl, flood, crash, hang and exit. Ctrl-C here ends all.
`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => server.kill('SIGTERM'));
}
server.once('exit', (code, signal) => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(signal ? 1 : code);
});
