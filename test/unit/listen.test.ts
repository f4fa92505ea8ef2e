import assert from 'node:assert/strict';
import { closeSync, existsSync, lstatSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { native } from '../../src/platform/native.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const at = (path: string) => ({ kind: 'unix', path, mode: 0o600 }) as const;

test('a TCP endpoint gets the port that the kernel chose', (t) => {
  const { fd, endpoint, unlink } = listenOn({ kind: 'tcp', host: '127.0.0.1', family: 4, port: 0 });
  atEnd(t, () => closeSync(fd));
  assert.ok(endpoint.kind === 'tcp' && endpoint.port > 0 && endpoint.port === native.boundPort(fd));
  unlink();
});

test('a unix socket has its mode, and is removed if it is ours', (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  const { fd, unlink } = listenOn(at(path));
  atEnd(t, () => closeSync(fd));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  unlink();
  assert.equal(existsSync(path), false);
  unlink();
});

test('a stale socket is replaced, and nothing of it is left', (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  closeSync(native.listenUnix(path, 1));
  const { fd } = listenOn(at(path));
  atEnd(t, () => closeSync(fd));
  assert.equal(native.probeUnix(path), process.pid);
  assert.equal(existsSync(`${path}.stale.${process.pid}`), false);
});

test('a live socket is refused with the pid of its owner', (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  const fd = native.listenUnix(path, 1);
  atEnd(t, () => closeSync(fd));
  assert.throws(() => listenOn(at(path)), {
    code: 'EADDRINUSE',
    message: `${path} is in use by process ${process.pid}`,
  });
});

test('a path that is not a socket is refused, and stays', (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  writeFileSync(path, 'precious');
  assert.throws(() => listenOn(at(path)), { code: 'EEXIST' });
  assert.equal(readFileSync(path, 'utf8'), 'precious');
});

test('a socket that took the place of ours stays, even with its inode number', async (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  const ours = listenOn(at(path));
  // As at our own end: while it is open, the number is not free.
  closeSync(ours.fd);
  const { mtimeMs } = lstatSync(path);
  // File systems count time in steps of some milliseconds, and give a freed inode number to the next file.
  const other = await until('a socket of another moment', () => {
    unlinkSync(path);
    const fd = native.listenUnix(path, 1);
    if (lstatSync(path).mtimeMs !== mtimeMs) {
      return { fd };
    }
    closeSync(fd);
    return undefined;
  });
  ours.unlink();
  assert.equal(existsSync(path), true);
  closeSync(other.fd);
});

test('an abstract socket has nothing to unlink', (t) => {
  const { fd, unlink } = listenOn(at(`@holdfast-listen-${process.pid}`));
  atEnd(t, () => closeSync(fd));
  unlink();
  assert.throws(() => listenOn(at(`@holdfast-listen-${process.pid}`)), { code: 'EADDRINUSE' });
});

test('a lock in use is waited for once, and again if it was free in between', (t) => {
  const folder = temporaryDirectory(t);
  const { dev, ino } = statSync(folder);
  const take = () => native.listenUnix(`@holdfast-listen-${dev}-${ino}`, 0);
  const { mock } = t.mock.method(Atomics, 'wait', () => 'timed-out');
  let count = 0;
  const waits = () => {
    const before = mock.callCount();
    closeSync(listenOn(at(join(folder, String(count++)))).fd);
    return mock.callCount() - before;
  };
  let lock = take();
  assert.deepEqual([waits(), waits()], [500, 1]);
  closeSync(lock);
  assert.equal(waits(), 0);
  lock = take();
  assert.equal(waits(), 500);
  closeSync(lock);
});
