// `npm start`: the main job, a host server with six consoles to try it on. Ctrl-C ends it and everything it started.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
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
const config = join(folder, 'holdfast.toml');
const control = join(folder, 'run/control');
const old = join(folder, 'old-ioc.sock');
const ioc = JSON.stringify(join(root, 'examples/sim-ioc'));
const softIoc = find('softIoc');
const socat = find('socat');
const helpers = [];

function start(program, ...args) {
  const helper = spawn(program, args, { stdio: 'ignore' });
  helper.on('error', (error) => process.stderr.write(`start: ${program}: ${error.message}\n`));
  helpers.push(helper);
}

const serial = `
[console.serial-line]
serial = "${folder}/tty-a"
baud = 9600
description = "A serial line whose other end sends back what it gets"
`;

writeFileSync(
  config,
  `[server]
runtime_dir = "${folder}/run"
state_dir = "${folder}/state"
log_dir = "${folder}/log"

[defaults]
log = { stamp = "%F %T.%3N " }

[template.ioc]
ready = { pattern = "All initialization complete", within = "10s" }
stop = [{ send = "exit\\n" }, { wait = "2s" }, { signal = "TERM" }, { wait = "2s" }, { signal = "KILL" }]
groups = ["vacuum"]

[console.vac-01]
template = "ioc"
run = ${softIoc ? JSON.stringify([softIoc]) : `[${ioc}, "VAC-01", "5"]`}
endpoints = ["unix:${folder}/{name}.sock"]

[console.vac-02]
template = "ioc"
run = [${ioc}, "VAC-02", "7"]
after = ["vac-01"]

[console.crasher]
run = "echo starting; sleep 1; echo 'cannot open /dev/motor3'; exit 3"
restart = { policy = "always", holdoff = "2s", limit = { count = 3, within = "60s" } }
description = "Ends soon after every start, until the restart limit stops it"

[console.flooder]
run = "n=0; while sleep 0.01; do n=$((n+1)); echo \\"sample $n of a chatty process\\"; done"
log = { size = "1M", keep = 2, compress = true }
${socat ? serial : ''}
[console.old-ioc]
unix = "${old}"
description = "Somebody else's procServ, reached by its socket"
`,
);
start(
  join(root, 'bin/procServ'),
  '-f',
  '-q',
  '-n',
  'old-ioc',
  `unix:${old}`,
  join(root, 'examples/sim-ioc'),
  'OLD',
  '11',
);
if (socat) {
  start(socat, `PTY,link=${folder}/tty-a,raw,echo=0`, `PTY,link=${folder}/tty-b,raw,echo=0`);
  start(socat, `${folder}/tty-b,raw,echo=0`, 'EXEC:cat');
}

mkdirSync(join(folder, 'run'));
const holdfast = join(root, 'bin/holdfast');
// In its own process group: Ctrl-C reaches the whole group of the terminal, and a server that it ended could not end
// the rest.
const server = spawn(holdfast, ['up', '--foreground', '-c', config], {
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
});

// The control socket is created first and served last: once it exists the instructions can be printed.
const watcher = watch(join(folder, 'run'), () => {
  if (existsSync(control)) {
    watcher.close();
    process.stdout.write(`
Six consoles run under a host server. In another terminal:

  export HOLDFAST_SOCKET=${control} PATH=${join(root, 'bin')}:$PATH
  holdfast ps                    what runs, and how it is
  holdfast attach --write vac-01 its console (^] d leaves it; type help, crash, flood)
  holdfast why crasher           why it died, with its last words
  holdfast hold vac-02 --reason "swapping the HV card" --for 2h
  holdfast grep 'cannot open'    in the logs of all consoles

Kill the server (pid ${server.pid}) with -9, start it again with 'holdfast up -c ${config}': no process notices.
${socat ? '' : 'Without socat there is no serial line: five consoles.\n'}Ctrl-C here ends all.
`);
  }
});

let ending = false;
function end(code) {
  if (ending) {
    return;
  }
  ending = true;
  watcher.close();
  // In their own groups as well: an impatient second Ctrl-C would end them, and leave server and holder behind.
  const run = (...words) =>
    spawnSync(holdfast, [...words, '--socket', control], { stdio: 'ignore', detached: true }).status;
  // A server that was killed as an experiment left the holder behind, which only a server can end; one that was just
  // starting answers by then.
  if (run('down', '--all', '--yes') !== 0) {
    run('up', '-c', config);
    run('down', '--all', '--yes');
  }
  for (const helper of helpers) {
    helper.kill('SIGTERM');
  }
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => end(0));
}
server.once('exit', (code) => {
  // Perhaps it was killed as an experiment: the rest stays until Ctrl-C. A server that could not start has printed why.
  if (code !== null && code !== 0) {
    end(code);
  }
});
