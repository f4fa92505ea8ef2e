// `npm start`: the main job, a host server with six consoles to try it on. Ctrl-C ends it and everything it started.
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './own-node.mjs';

const PREFIX = 'holdfast-demo-';
/** Attempts to remove its folder, and the time between two. */
const REMOVALS = 100;
const BETWEEN_MS = 20;
/** Of the page, if nobody has it. */
const PORT = 7634;
const holdfast = join(root, 'bin/holdfast');

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

/** With its pid it identifies a process for good: proc(5), field 22. */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Ends the server, the holder and the processes of the demonstration in this folder, and removes it. */
function clear(folder, helpers) {
  const control = join(folder, 'run/control');
  // In a group of its own: an impatient second Ctrl-C would end it, and leave server and holder behind.
  const run = (...words) =>
    spawnSync(holdfast, [...words, '--socket', control], { stdio: 'ignore', detached: true }).status;
  // A server that was killed as an experiment left the holder behind, which only a server can end; one that was just
  // starting answers by then.
  if (existsSync(join(folder, 'run')) && run('down', '--all', '--yes') !== 0) {
    run('up', '-c', join(folder, 'holdfast.toml'));
    run('down', '--all', '--yes');
  }
  for (const { pid, started } of helpers) {
    if (started !== undefined && startTimeOf(pid) === started) {
      process.kill(pid, 'SIGTERM');
    }
  }
  // They remove their sockets meanwhile: rmSync fails at a file that goes before it comes to it.
  for (let attempt = 1; existsSync(folder); attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (attempt === REMOVALS) {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BETWEEN_MS);
    }
  }
}

/** A port on loopback: this one, or where it is taken another one. */
function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Whether everybody may read what is here: the gateway of a server of root runs as nobody. */
function isOpenToAll(path) {
  const { mode } = statSync(path);
  return (mode & 0o001) !== 0 && (path === '/' || isOpenToAll(dirname(path)));
}

/** Remains of an earlier `npm start` of this user that was killed. */
for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(PREFIX))) {
  const left = join(tmpdir(), name);
  try {
    const found = lstatSync(left);
    const { owner, helpers } = JSON.parse(readFileSync(join(left, 'start.json'), 'utf8'));
    if (found.isDirectory() && found.uid === process.getuid() && startTimeOf(owner.pid) !== owner.started) {
      process.stdout.write(`start: ending what an earlier start left in ${left}\n`);
      clear(left, helpers);
    }
  } catch {
    // Another user's, or one that is just beginning.
  }
}

const folder = mkdtempSync(join(tmpdir(), PREFIX));
const config = join(folder, 'holdfast.toml');
const control = join(folder, 'run/control');
const old = join(folder, 'old-ioc.sock');
const ioc = JSON.stringify(join(root, 'examples/sim-ioc'));
const softIoc = find('softIoc');
const socat = find('socat');
const helpers = [];
const isRoot = process.getuid() === 0;
const hasPage = !isRoot || isOpenToAll(root);
const port = hasPage ? await freePort(PORT) : undefined;
if (isRoot) {
  chmodSync(folder, 0o711);
}

/** For the next start, should this one be killed. */
function note() {
  const owner = { pid: process.pid, started: startTimeOf(process.pid) };
  writeFileSync(join(folder, 'start.json'), JSON.stringify({ owner, helpers }));
}
note();

let ending = false;
function end(code) {
  if (!ending) {
    ending = true;
    try {
      clear(folder, helpers);
    } finally {
      process.exit(code);
    }
  }
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => end(0));
}
// As when nobody reads its output any more.
process.on('uncaughtException', (error) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') {
    process.stderr.write(`start: ${error.stack}\n`);
  }
  end(1);
});

function start(program, ...args) {
  const helper = spawn(program, args, { stdio: 'ignore' });
  helper.on('error', (error) => process.stderr.write(`start: ${program}: ${error.message}\n`));
  if (helper.pid !== undefined) {
    helpers.push({ pid: helper.pid, started: startTimeOf(helper.pid) });
    note();
  }
  return helper;
}

/** Resolves when there is such a file in the folder, or `unless` has ended. */
function appeared(path, unless) {
  return new Promise((resolve) => {
    const done = () => {
      watcher.close();
      resolve();
    };
    const watcher = watch(folder, () => existsSync(path) && done());
    unless.once('exit', done).once('error', done);
    if (existsSync(path)) {
      done();
    }
  });
}

// For this machine only, and for whoever has the link that is printed below.
const page = `
[network]
listen = ["http://127.0.0.1:${port}"]
login = ["token"]
${isRoot ? 'user = "nobody"\n' : ''}
[[access.rule]]
who = ["everyone"]
may = ["force", "operate", "configure", "admin"]
`;

let seconds = 0;
let step = 'a procServ and a serial line';
const progress =
  process.stdout.isTTY && process.env.TERM !== 'dumb'
    ? setInterval(() => process.stdout.write(`\r\x1b[Kstart: waiting for ${step}, ${++seconds} s`), 1000)
    : undefined;

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
log = { stamp = "%F %T.%3N ", size = "10M" }

[template.ioc]
ignore = "^C^D"
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
run = ["python3", "-uc", '''
import itertools, time
for n in itertools.count(1): print(f"sample {n} of a chatty process"); time.sleep(0.01)''']
log = { size = "1M", keep = 2, compress = true }
${hasPage ? page : ''}${socat ? serial : ''}
[console.old-ioc]
unix = "${old}"
description = "Somebody else's procServ, reached by its socket"
`,
);
const procServ = start(
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
  const line = join(folder, 'tty-a');
  const other = start(socat, `PTY,link=${line},raw,echo=0`, 'EXEC:cat');
  await appeared(line, other);
  if (existsSync(line)) {
    // Kept open: socat would end with the first server that closes the line.
    openSync(line, constants.O_RDWR | constants.O_NOCTTY);
  }
}
// A server that came before it would find nobody there, and try again in 15 s.
await appeared(old, procServ);

step = 'the server';
mkdirSync(join(folder, 'run'));
// In its own process group: Ctrl-C reaches the whole group of the terminal, and a server that it ended could not end
// the rest.
const server = spawn(holdfast, ['up', '--foreground', '-c', config], {
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
});

/** Logs a browser in, once. */
function loginLink() {
  const words = ['token', 'create', '--once', '--for', '1d', '--label', 'npm start', '--socket', control];
  const made = spawnSync(holdfast, words, { encoding: 'utf8', detached: true });
  return made.status === 0 ? `http://127.0.0.1:${port}/login/once#${made.stdout.trim()}` : undefined;
}

/** In words, where there is none. */
function pageText() {
  const link = hasPage ? loginLink() : undefined;
  return link === undefined
    ? 'There is no page: root runs it as nobody, who may not read this folder. Run it as another user, or elsewhere.\n'
    : `In a browser on this machine (the link logs you in, once):\n\n  ${link}\n`;
}

// The control socket is created first and served last: once it exists the instructions can be printed.
const watcher = watch(join(folder, 'run'), () => {
  if (existsSync(control)) {
    watcher.close();
    clearInterval(progress);
    process.stdout.write(`${seconds > 0 ? '\r\x1b[K' : ''}
Six consoles run under a host server. ${pageText()}
In another terminal:

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

server.once('exit', (code) => {
  // Perhaps it was killed as an experiment: the rest stays until Ctrl-C. A server that could not start has printed why.
  if (code !== null && code !== 0) {
    end(code);
  }
});
