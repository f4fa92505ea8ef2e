/**
 * As the first process of a container each of our servers reaps the orphans that become its children, and no others.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../harness/machine.ts';
import { Program } from '../harness/procserv.ts';
import { ROOT } from '../harness/systemd.ts';
import { until } from '../harness/until.ts';

const CONTAINER = [
  '--pid',
  '--mount',
  '--fork',
  '--kill-child',
  '/bin/sh',
  '-c',
  'mount -t proc proc /proc; exec "$@"',
  'sh',
];
const skip =
  spawnSync('unshare', ['--pid', '--mount', '--fork', 'true']).status !== 0 &&
  'needs the right to make namespaces (root)';

/** Leaves a hundred orphans behind, and reports when no dead one is left; then it ends as told. */
const LEAVER = `i=0; while [ $i -lt 100 ]; do i=$((i+1)); (setsid sleep 0.0$((i % 10)) &); done
while ps -eo stat= | grep -q ^Z || ps -eo comm= | grep -q ^sleep; do sleep 0.1; done
echo none is left; exec sleep 1000`;

/** The program as process 1 of its own world. */
function contained(t: TestContext, folder: string, ...words: readonly string[]): Program {
  return new Program(t, 'unshare', [...CONTAINER, ...words], { cwd: folder });
}

test('procServ', { skip }, async (t) => {
  const folder = temporaryDirectory(t);
  const words = ['-f', '-L', 'log', '-q', 'unix:control', '/bin/sh', '-c', LEAVER];
  contained(t, folder, join(ROOT, 'bin/procServ'), ...words);
  await until('all orphans are collected', () => read(join(folder, 'log')).includes('none is left'));
});

test('holdfast up, whose holder is a child of Node', { skip }, async (t) => {
  const folder = temporaryDirectory(t);
  const folders = ['runtime', 'state', 'log'].map((name) => `${name}_dir = "${folder}/${name}"\n`).join('');
  const run = JSON.stringify(['/bin/sh', '-c', LEAVER]);
  writeFileSync(join(folder, 'toml'), `[server]\n${folders}[console.a]\nrun = ${run}\n`);
  contained(t, folder, join(ROOT, 'bin/holdfast'), 'up', '-f', '-c', join(folder, 'toml'));
  await until('all orphans are collected', () => read(join(folder, 'log/a.log')).includes('none is left'));
});

/** Starts children by Node and by the addon amid many older and younger orphans: returns how each ended. */
const BOTH = `
const { spawn } = require('node:child_process');
const native = require(process.argv[1]);
const SCRIPT = '(setsid sh -c "exit 3" &) ; (setsid sleep 0.01 &) ; exit 7';
const ends = [], mine = new Map();
const more = (what) => { ends.push(what); if (ends.length < 300) one(ends.length); else settle(); };
native.collectOrphans();
native.onChildEnd((end) => more('addon ' + end.code));
function one(n) {
  if (n % 2) spawn('/bin/sh', ['-c', SCRIPT], { stdio: 'ignore' }).on('exit', (code) => more('node ' + code));
  else native.spawn({ file: '/bin/sh', argv: ['sh', '-c', SCRIPT], columns: 0, rows: 0 }, (error, { fd }) => {
    if (error) throw error;
    const pty = native.openPty(fd, { data() {}, end() { pty.close(); }, drain() {} });
  });
}
function settle() {
  const left = require('node:fs').readdirSync('/proc').filter((name) => /^\\d+$/.test(name) && name !== '1');
  if (left.length > 0) { setTimeout(settle, 10); return; }
  console.log(JSON.stringify([...new Set(ends)].sort()));
  process.exit(0);
}
for (let n = 0; n < 8; n++) one(n);
`;

test('the collector never takes the exit status of a child of Node or of the addon, and no orphan is left', {
  skip,
}, (t) => {
  const node = join(ROOT, 'build/node');
  const words = [...CONTAINER, node, '-e', BOTH, join(ROOT, 'build/holdfast.node')];
  const said = execFileSync('unshare', words, { encoding: 'utf8', timeout: 60_000, cwd: temporaryDirectory(t) });
  assert.deepEqual(JSON.parse(said), ['addon 7', 'node 7']);
});

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
