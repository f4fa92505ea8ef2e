import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const NATIVE = join(import.meta.dirname, '../../src/platform/native.ts');

/** Runs a script of a process that has `native`. */
function run(script: string) {
  const source = `import { native } from ${JSON.stringify(NATIVE)};\n${script}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8', input: 'typed\n' });
}

test('the program has our pid and our standard descriptors, and no other', () => {
  const { stdout, stderr, status } = run(`
    import { openSync, writeSync } from 'node:fs';
    openSync('/dev/null', 'r');
    writeSync(1, process.pid + '\\n');
    // No pipe: its ends would belong to the shell for a moment.
    const script = 'echo $$ "$1" "$A"; ls -m /proc/$$/fd; cat; exit 7';
    native.becomeProgram('/bin/sh', ['sh', '-c', script, 'x', 'it is'], ['A=b c', 'PATH=/usr/bin:/bin']);`);
  const [pid, first, ...rest] = stdout.split('\n');
  assert.equal(first, `${pid} it is b c`);
  assert.deepEqual(rest, ['0, 1, 2', 'typed', '']);
  assert.deepEqual([stderr, status], ['', 7]);
});

// Without a shell: dash blocks all signals for a moment whenever it waits for a child.
test('no signal is blocked or ignored', () => {
  const { stdout } = run(`
    process.on('SIGINT', () => undefined);
    native.becomeProgram('/bin/grep', ['grep', '-E', 'Sig(Blk|Ign)', '/proc/self/status'], []);`);
  assert.equal(stdout, 'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
});

test('a missing program is an error with its code', () => {
  const { stdout } = run(`
    import { writeSync } from 'node:fs';
    for (const words of [['/no/such', ['x'], []], [1, [], []], ['/bin/true', 'true', []], ['/bin/true', [1], []]]) {
      try { native.becomeProgram(...words); } catch (error) { writeSync(1, error.code + ' ' + error.message + '\\n'); }
    }`);
  const invalid = 'EINVAL execve: Invalid argument\n';
  assert.equal(stdout, `ENOENT execve: No such file or directory\n${invalid.repeat(3)}`);
});

test('the soft limit of descriptors can be set, and never above the hard one', () => {
  const limit = "['-c', 'ulimit -Sn']";
  const { stdout } = run(`
    import { spawnSync } from 'node:child_process';
    for (const soft of [777, 2 ** 40]) {
      native.limitDescriptors(soft);
      console.log(spawnSync('sh', ${limit}, { encoding: 'utf8' }).stdout.trim());
    }
    native.limitDescriptors(777);
    native.limitDescriptors(-1);
    native.becomeProgram('/bin/sh', ['sh', '-c', 'ulimit -Sn; ulimit -Hn'], []);`);
  const [set, cut, most, hard] = stdout.split('\n');
  assert.equal(set, '777');
  assert.equal(cut, hard);
  assert.equal(most, hard);
});

test('an exit at once asks nobody', () => {
  const { status, stdout } = run(`
    process.on('exit', () => console.log('asked'));
    setInterval(() => undefined, 1000);
    native.exitNow(7);`);
  assert.deepEqual([status, stdout], [7, '']);
});
