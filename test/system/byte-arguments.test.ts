// Names that are not UTF-8, as in old Latin-1 folders and st.cmd's: they are bytes to the system, and to procServ.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { isAlive, temporaryDirectory } from '../harness/machine.ts';
import { PROCSERV, Program } from '../harness/procserv.ts';
import { ROOT } from '../harness/systemd.ts';
import { until } from '../harness/until.ts';

const SOCKET = Buffer.from('s\xe9', 'latin1');
/** Node can neither start a program with such words nor connect to such a socket. */
const CONNECT = `import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(bytes(sys.argv[1], 'latin1')); got = b''
while b'plus you' not in got: got += s.recv(4096)
sys.stdout.buffer.write(got)`;

/** The names in a folder, one character for each byte. */
const namesIn = (folder: string) => readdirSync(folder, 'buffer').map((name) => name.toString('latin1'));
const read = (folder: string, name: string) =>
  readFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]), 'latin1');

// The launcher first takes the last of them for a daemon.
for (const mode of ['-f', '-q', '-qf']) {
  test(`procServ ${mode}: bytes in arguments, environment and file names are left as they are`, async (t) => {
    const cwd = temporaryDirectory(t);
    const child = 'printf "<%s %s>\\n" "$1" "$CAFE"; pwd; read go';
    const script = `e=$(printf '\\351'); mkdir "d$e"; export CAFE="caf$e"
exec "$0" ${mode} -n "k$e" -c "d$e" -L "l$e" -p "p$e" -I "i$e" --timefmt "%Y$e" -k "$e" "unix:s$e" sh -c '${child}' x "arg$e"`;
    const program = new Program(t, 'sh', ['-c', script, PROCSERV], { cwd });
    const has = (name: string, text: string) => namesIn(cwd).includes(name) && read(cwd, name).includes(text);
    await until('the pid', () => has('p\xe9', '\n'));
    const pid = Number(read(cwd, 'p\xe9'));
    atEnd(t, () => isAlive(pid) && process.kill(pid, 'SIGKILL'));
    await until('the log', () => has('l\xe9', '/d\xe9\r\n'));
    assert.match(read(cwd, 'l\xe9'), /child "k\xe9"\r\n.*<arg\xe9 caf\xe9>\r\n\/.*\/d\xe9\r\n/s);
    assert.match(read(cwd, 'i\xe9'), /^pid:\d+\nunix:s\xe9\n$/);
    const banner = execFileSync('python3', ['-c', CONNECT, SOCKET.toString('latin1')], { cwd, encoding: 'latin1' });
    assert.match(banner, /Use \xe9 to kill the child/);
    assert.match(banner, /Child startup directory: d\xe9\r\n/);
    assert.match(banner, /Child log file: l\xe9\r\n/);
    assert.match(banner, /server started at: \d{4}\xe9\r\n/);
    process.kill(pid, 'SIGTERM');
    await until('its end', () => !isAlive(pid));
    await program.exited;
    assert.deepEqual(namesIn(cwd).sort(), ['d\xe9', 'l\xe9']);
  });
}

test('manage-procs writes bytes, and its launcher passes them on', async (t) => {
  const home = temporaryDirectory(t);
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, 'run'));
  writeFileSync(join(home, 'bin/systemctl'), '#!/bin/sh\n', { mode: 0o755 });
  const env = { PATH: `${home}/bin:${process.env.PATH}`, HOME: home, XDG_RUNTIME_DIR: join(home, 'run') };
  const words = `--user add -C "d$e" ioc /bin/sh -c 'printf "<%s>\\n" "$1"; pwd; read go' x "arg$e"`;
  const script = `e=$(printf '\\351'); mkdir "d$e"; "$0" ${words}`;
  execFileSync('sh', ['-c', script, join(ROOT, 'bin/manage-procs')], { cwd: home, env, stdio: 'pipe' });
  const launcher = new Program(t, join(ROOT, 'bin/procServ-launcher'), ['--user', 'ioc'], { env });
  await launcher.stdout.expect(/<arg\xe9>\r\n\/.*\/d\xe9\r\n/);
  await (await Client.connect(join(home, 'run/procserv-ioc/control'))).expect(/Child startup directory: .*\/d\xe9\r\n/);
  launcher.process.kill('SIGTERM');
  await launcher.exited;
});
