import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ExitStatus } from '../../src/model/process.ts';
import { native } from '../../src/platform/native.ts';
import { startTimeOf } from '../../src/platform/process/proc.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { awaitForeignEnd } from '../../src/terminal/foreign-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';

/** A process that is not a child of ours, and ends when it is told to; its parent reaps it at once. */
async function stranger(script: string): Promise<{ pid: number; end: () => void }> {
  const parent = spawn('bash', ['-c', `bash -c 'read -r; ${script}' <&0 & echo $!; wait`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [pid] = await once(parent.stdout, 'data');
  return { pid: Number(pid), end: () => parent.stdin.end('\n') };
}

const [major = 0, minor = 0] = execFileSync('uname', ['-r']).toString().split('.').map(Number);
const told = major > 6 || (major === 6 && minor >= 15);

test('the end of a process that is not our child is seen; the exit status too if the kernel reports it', async () => {
  for (const [script, status] of [
    ['exit 7', { code: 7, signal: null, coreDumped: false }],
    ['kill -KILL $$', { code: null, signal: 9, coreDumped: false }],
  ] as const) {
    const { pid, end } = await stranger(script);
    const pidfd = native.openPidfd(pid);
    const startTime = startTimeOf(pid) as string;
    const ended = new Promise<ExitStatus>((resolve) =>
      awaitForeignEnd({ pid, startTime, pidfd }, systemClock, resolve),
    );
    end();
    const unknown = { code: null, signal: null, coreDumped: false };
    assert.deepEqual(await ended, told ? status : unknown);
    closeSync(pidfd);
  }
});

test('without a pidfd the process is polled', async () => {
  const child = spawn('sleep', ['1000']);
  await once(child, 'spawn');
  const pid = child.pid as number;
  const ended = new Promise<ExitStatus>((resolve) =>
    awaitForeignEnd({ pid, startTime: startTimeOf(pid) as string }, systemClock, resolve),
  );
  child.kill('SIGKILL');
  assert.deepEqual(await ended, { code: null, signal: null, coreDumped: false });
});

test('a missing process is not found', () => {
  assert.throws(() => native.openPidfd(2 ** 22 + 1), { code: /ESRCH|EINVAL/ });
});

test('mapped memory is the file', (t) => {
  const path = join(temporaryDirectory(t), 'file');
  writeFileSync(path, new Uint8Array(4096));
  const fd = openSync(path, 'r+');
  new Float64Array(native.mapFile(fd, 4096))[3] = 2 ** 40;
  closeSync(fd);
  assert.equal(readFileSync(path).readDoubleLE(24), 2 ** 40);
});

test('a missing attribute is undefined', () => {
  assert.equal(native.fileAttribute(tmpdir(), 'user.delegate'), undefined);
  assert.equal(native.fileAttribute('/no/such/file', 'user.delegate'), undefined);
});
