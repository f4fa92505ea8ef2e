// `npm start`: the main job, on a process to try it with. Ctrl-C ends it and everything it started.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
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
const info = join(folder, 'info');
const port = process.env.HOLDFAST_DEMO_PORT ?? '2000';
const softIoc = find('softIoc');
const command = softIoc ? [softIoc] : [join(root, 'examples/sim-ioc'), 'DEMO'];

// The info file is written once all endpoints are open: before that there is nothing to reach, and perhaps never will be.
let welcomed = false;
const watcher = watch(folder, () => {
  if (!welcomed && existsSync(info)) {
    welcomed = true;
    watcher.close();
    welcome();
  }
});

const server = spawn(
  join(root, 'bin/procServ'),
  [
    '--foreground',
    '--name=demo',
    '--holdoff=2',
    `--logfile=${log}`,
    `--info-file=${info}`,
    '--ignore=^D',
    '--port',
    port,
    '--port',
    `unix:${socket}`,
    ...command,
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);

function welcome() {
  process.stdout.write(`
procServ (pid ${server.pid}) runs ${command.join(' ')}

Its console, by TCP; ^] then quit leaves it:
  telnet 127.0.0.1 ${port}
The same by unix socket; ^] leaves it:
  socat -,raw,echo=0,escape=0x1d UNIX:${socket}
Its log:
  tail -f ${log}

On the console: ^X kills the process, and it comes back; ^T switches the auto restart: ON, OFF, ONESHOT (end with the
process). While it is down, ^R starts it and ^Q ends the server.${softIoc ? '' : ' Type help for what the process knows.'} Ctrl-C here ends all.
`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => server.kill('SIGTERM'));
}
server.once('exit', (code, signal) => {
  watcher.close();
  rmSync(folder, { recursive: true, force: true });
  if (!welcomed) {
    process.stderr.write(`start: if port ${port} is taken, name another: HOLDFAST_DEMO_PORT=2001 npm start\n`);
  }
  process.exit(signal ? 1 : code);
});
