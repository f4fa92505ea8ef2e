import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { native } from '../../src/platform/native.ts';
import { descriptors, status, temporaryDirectory } from '../harness/machine.ts';
import { PtyChild, run } from '../harness/pty-child.ts';
import { until } from '../harness/until.ts';

const { SIGCONT, SIGKILL, SIGTERM, SIGSEGV } = constants.signals;
const RAW = 'stty raw -echo; ';

test('exit status and usage', async () => {
  const { end } = await run(['sh', '-c', 'exit 3']);
  assert.deepEqual([end.code, end.signal, end.coreDumped], [3, null, false]);
  assert.ok(end.maxRssKib > 100, `${end.maxRssKib} KiB`);
  assert.ok(end.userMicros + end.systemMicros >= 0);
});

test('an end by signal', async () => {
  const { end } = await run(['sh', '-c', 'kill -TERM $$']);
  assert.deepEqual([end.code, end.signal, end.coreDumped], [null, SIGTERM, false]);
});

test('an end that leaves a core file says so', async (t) => {
  const cwd = temporaryDirectory(t);
  const limits = [[native.rlimit.core as number, -1, null]] as const;
  const { end } = await run(['sh', '-c', 'kill -SEGV $$'], { cwd, limits });
  assert.equal(end.signal, SIGSEGV);
  if (!end.coreDumped) {
    t.skip('this kernel writes no core files here');
  }
});

test('the terminal ends before the child', async () => {
  const child = await PtyChild.spawn(['sh', '-c', 'exec <&- >&- 2>&-; exec sleep 1000']);
  await child.said.whole();
  assert.deepEqual(child.events, ['end']);
  assert.equal(child.pty.write(Buffer.from('x')), -1);
  process.kill(child.pid, SIGKILL);
  await child.ended;
  assert.deepEqual(child.events, ['end', 'exit']);
  child.pty.close();
});

test('the child ends before its terminal, which a grandchild in another session keeps open', async (t) => {
  const fifo = join(temporaryDirectory(t), 'gate');
  await promisify(execFile)('mkfifo', [fifo]);
  // The grandchild opens the terminal by name: an inherited descriptor is hung up at the death of the session leader.
  // (By standard error: in the background of a shell its input is /dev/null, and in `$(...)` its output a pipe.)
  const grandchild = `trap "" HUP; exec 3<>$(tty <&2) || exit; echo ready; read go <${fifo}; echo last words >&3`;
  const script = `setsid sh -c '${grandchild}' & read line; exit 5`;
  const child = await PtyChild.spawn(['sh', '-c', script]);
  await child.said.expect(/ready/);
  child.pty.write(Buffer.from('\n'));
  assert.equal((await child.ended).code, 5);
  const order = child.events[0];
  writeFileSync(fifo, 'go\n');
  await child.said.whole();
  assert.equal(order, 'exit');
  assert.match(child.said.text, /last words/);
  child.pty.close();
});

test('nothing is lost when a child writes 1 MB and ends', async () => {
  const script = `${RAW}head -c 1000000 /dev/zero | tr '\\0' x; printf 'the last words'`;
  for (let round = 0; round < 20; round++) {
    const child = await PtyChild.spawn(['sh', '-c', script]);
    await child.finish();
    assert.equal(child.said.text.length, 1_000_014, `round ${round}`);
    assert.ok(child.said.text.endsWith('xthe last words'), `round ${round}`);
  }
});

test('every byte goes through, both ways', async () => {
  const all = Uint8Array.from({ length: 256 }, (_, code) => code);
  const child = await PtyChild.spawn(['sh', '-c', `${RAW}echo ready; exec head -c 512`]);
  await child.said.expect(/ready\n/);
  assert.equal(child.pty.write(all), 256);
  assert.equal(child.pty.write(all), 256);
  await child.finish();
  assert.deepEqual(Buffer.from(child.said.text.slice('ready\n'.length), 'latin1'), Buffer.concat([all, all]));
});

test('a full terminal takes less than it is given and reports when there is room', async () => {
  const child = await PtyChild.spawn(['sh', '-c', `${RAW}echo ready; kill -STOP $$; exec wc -c`]);
  await child.said.expect(/ready\n/);
  await until('the reader stands still', () => status(child.pid, 'State').startsWith('T'));
  let rest = Buffer.alloc(500_000, 'y');
  const drains: number[] = [];
  const push = (): void => {
    const taken = child.pty.write(rest);
    assert.ok(taken >= 0 && taken <= rest.length);
    rest = rest.subarray(taken);
  };
  push();
  assert.ok(rest.length > 0, 'it is full');
  await new Promise<void>((resolve) => {
    child.onDrain = () => {
      drains.push(rest.length);
      push();
      if (rest.length === 0) {
        resolve();
      }
    };
    process.kill(child.pid, SIGCONT);
  });
  assert.ok(drains.length > 0);
  // Raw mode has no end of file: the count is printed when the reader is told to end.
  process.kill(child.pid, SIGTERM);
  assert.equal((await child.finish()).signal, SIGTERM);
});

test('a paused terminal makes the child wait, and delivers everything after resume', async () => {
  const child = await PtyChild.spawn(['sh', '-c', `${RAW}echo ready; read go; exec head -c 300000 /dev/zero`]);
  await child.said.expect(/ready\n/);
  child.pty.pause();
  child.pty.write(Buffer.from('\n'));
  await until('output waits in the kernel', () => child.pty.readable);
  await until('the writer sleeps', () => status(child.pid, 'State').startsWith('S'));
  assert.equal(child.bytes, 'ready\n'.length);
  child.pty.resume();
  await child.finish();
  assert.equal(child.bytes, 300_000 + 'ready\n'.length);
});

test('a closed terminal calls no handler and takes nothing', async () => {
  const child = await PtyChild.spawn(['sh', '-c', 'while echo y; do :; done']);
  await child.said.expect(/y/);
  child.pty.close();
  child.pty.close();
  const { length } = child.said.text;
  assert.equal(child.pty.write(Buffer.from('x')), -1);
  assert.equal(child.pty.readable, false);
  // Its terminal is gone: the kernel hangs it up.
  assert.equal((await child.ended).signal, constants.signals.SIGHUP);
  assert.equal(child.said.text.length, length);
});

test('a signal right after the start reaches the group', async () => {
  for (let round = 0; round < 50; round++) {
    const child = await PtyChild.spawn(['sleep', '1000']);
    process.kill(-child.pid, SIGKILL);
    assert.equal((await child.finish()).signal, SIGKILL);
  }
});

test('children of the runtime keep their exit status, whichever ends first', async () => {
  const ours: Promise<unknown>[] = [];
  const theirs: Promise<{ code: number | null }>[] = [];
  for (let n = 0; n < 40; n++) {
    theirs.push(new Promise((resolve) => execFile('sh', ['-c', `exit ${n}`]).on('exit', (code) => resolve({ code }))));
    ours.push(run(['sh', '-c', `exit ${n}`]).then(({ end }) => end.code));
  }
  const expected = Array.from({ length: 40 }, (_, n) => n);
  assert.deepEqual(await Promise.all(ours), expected);
  assert.deepEqual(
    (await Promise.all(theirs)).map(({ code }) => code),
    expected,
  );
});

test('2,000 short children leave as many descriptors and threads as before', async () => {
  await run(['true']);
  const [open, threads] = [descriptors(), Number(status('self', 'Threads'))];
  for (let n = 0; n < 2000; n++) {
    const child = await PtyChild.spawn(['true'], {}, false);
    await child.finish();
  }
  assert.equal(descriptors(), open);
  // The thread of the last start reports it before it ends.
  await until(`no more than ${threads} threads`, () => Number(status('self', 'Threads')) <= threads);
});
