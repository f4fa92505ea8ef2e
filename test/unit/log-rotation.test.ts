/** Files that are moved aside, and files that are not; on a full disk too; and their permissions. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FileAnswer } from '../../src/platform/native.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { LogFile } from '../../src/terminal/log-file.ts';
import type { LogOptions } from '../../src/terminal/log-options.ts';
import { RotationDue } from '../../src/terminal/log-rotation.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { isRoot, sizeOf, smallDisk, temporaryDirectory } from '../harness/machine.ts';
import { accepted } from '../harness/read-config.ts';
import { until } from '../harness/until.ts';

const LINE = `${'x'.repeat(99)}\n`;
const ROTATE = { size: 1000, keep: 2 };

function opened(t: TestContext, path: string, options: Partial<LogOptions> = {}) {
  const writer = new LogWriter(clock);
  const said: string[] = [];
  const log = new LogFile({ path, report: (message) => said.push(message), ...options }, writer, clock);
  atEnd(t, async () => {
    await log.close(1000);
    writer.close();
  });
  log.open();
  log.settle();
  assert.ok(log.isOpen, said.join());
  const put = (text: string) => {
    log.append(Buffer.from(text), clock.now());
    log.settle();
  };
  return { log, put, said };
}

/** Writes more than enough for a rotation, and waits until it would have happened. */
async function flood(t: TestContext, path: string): Promise<void> {
  const folder = temporaryDirectory(t);
  const [one, other] = [opened(t, path, { rotate: ROTATE }), opened(t, join(folder, 'log'), { rotate: ROTATE })];
  for (let n = 0; n < 30; n++) {
    one.put(LINE);
    other.put(LINE);
  }
  await until('the rotation of a file', () => existsSync(join(folder, 'log.1')));
}

/** The rotation of a console whose `log` says nothing. */
function byDefault() {
  const [log] = accepted('[console.a]\nrun = "x"\n').consoles.flatMap((each) => each.log ?? []);
  assert.ok(log?.size === 100 << 20);
  return { size: log.size, keep: log.keep };
}

test('the default of holdfast.toml: what has grown beyond 100 MB before is whole in `log.1`, and the next lines are in a new file', async (t) => {
  const { size, keep } = byDefault();
  const path = join(temporaryDirectory(t), 'log');
  writeFileSync(path, 'first\n');
  truncateSync(path, size + 1);
  const { put } = opened(t, path, { rotate: { size, keep } });
  put('next\n');
  await until('a new file', () => existsSync(`${path}.1`) && existsSync(path));
  put('after\n');
  await until('the next line in it', () => readFileSync(path, 'latin1') === 'after\n');
  const old = readFileSync(`${path}.1`);
  assert.deepEqual([old.length, old.toString('latin1', 0, 6)], [size + 1 + 'next\n'.length, 'first\n']);
});

test('a log of the default size is moved aside at the line that reaches it', () => {
  const due = new RotationDue(byDefault(), new FakeClock());
  due.opened({ size: (100 << 20) - 2, begun: 0 } as FileAnswer);
  due.grew(1);
  assert.ok(!due.isDueBehind(10));
  due.grew(1);
  assert.deepEqual([due.isDueBehind(10), due.isDueBehind(65)], [true, false]);
});

test('a device is not moved aside', async (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'null');
  if (spawnSync('mknod', [path, 'c', '1', '3']).status !== 0) {
    t.skip('needs the right to make devices');
    return;
  }
  await flood(t, path);
  assert.deepEqual(readdirSync(folder), ['null']);
  assert.ok(lstatSync(path).isCharacterDevice());
});

test('a FIFO is not moved aside', async (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  atEnd(t, () => closeSync(reader));
  await flood(t, path);
  assert.deepEqual(readdirSync(folder), ['fifo']);
  assert.ok(lstatSync(path).isFIFO());
  assert.ok(readSync(reader, Buffer.alloc(100)) > 0);
});

test('a link to an open descriptor (/dev/stdout) is not moved aside, even if that is a file', async (t) => {
  const folder = temporaryDirectory(t);
  const target = openSync(join(folder, 'target'), 'a');
  atEnd(t, () => closeSync(target));
  const path = join(folder, 'link');
  symlinkSync(`/proc/self/fd/${target}`, path);
  await flood(t, path);
  assert.deepEqual(readdirSync(folder), ['link', 'target']);
  assert.ok(lstatSync(path).isSymbolicLink());
  assert.equal(statSync(join(folder, 'target')).size, 30 * LINE.length);
});

test('a log that is a link to a file is rotated beside the file, and the link stays', async (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, 'data'));
  const path = join(folder, 'log');
  symlinkSync('data/real', path);
  await flood(t, path);
  await until('the rotation', () => existsSync(join(folder, 'data/real.1')));
  assert.deepEqual(readdirSync(folder), ['data', 'log']);
  assert.ok(lstatSync(path).isSymbolicLink());
});

test('a rotated name that is not a file stays where it is', async (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, 'log.1'));
  const { put, said, log } = opened(t, join(folder, 'log'), { rotate: ROTATE });
  for (let n = 0; n < 12; n++) {
    put(LINE);
  }
  await until('the trouble', () => said.length > 0);
  assert.match(said[0] as string, /^log file \S+log cannot be moved aside: .*(EISDIR|EEXIST)/);
  // It is still written, the rotation is retried, and the failure reported once.
  put('more\n');
  await until('all of it', () => readFileSync(join(folder, 'log'), 'latin1').endsWith('more\n'));
  assert.equal(said.length, 1, said.join(' | '));
  assert.ok(log.trouble);
});

test('a full disk does not prevent rotation: the oldest file makes room', async (t) => {
  const disk = smallDisk(t, 1 << 20);
  if (disk === undefined) {
    t.skip('needs root, to mount a small tmpfs');
    return;
  }
  const path = join(disk, 'log');
  // Not as long as the text, or their sum would be right from the start.
  writeFileSync(`${path}.1`, Buffer.alloc(600_001));
  const { put, said } = opened(t, path, { rotate: { size: 300_000, keep: 1 } });
  // More at once than there is room for: the size is reached by a write that fails.
  const text = `${'y'.repeat(99)}\n`.repeat(6000);
  put(text);
  await until('what had no room', () => sizeOf(path) + sizeOf(`${path}.1`) === text.length);
  assert.match(said[0] as string, /no space left on device/);
  await until('the end of the trouble', () => /is written again$/.test(said.at(-1) ?? ''));
});

test('a log has its mode and group whatever the umask; so do rotated and compressed files', async (t) => {
  const before = process.umask(0o077);
  atEnd(t, () => process.umask(before));
  const folder = temporaryDirectory(t);
  const path = join(folder, 'log');
  const group = isRoot ? { group: '4711' } : {};
  const { put } = opened(t, path, { exact: true, mode: 0o640, ...group, rotate: { ...ROTATE, compress: true } });
  const modes = () => readdirSync(folder).map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
  assert.deepEqual(modes(), ['640']);
  for (let n = 0; n < 12; n++) {
    put(LINE);
  }
  await until('the compressed file', () => existsSync(`${path}.1.gz`) && !existsSync(`${path}.1`));
  await until('the new file', () => existsSync(path));
  assert.deepEqual(modes(), ['640', '640']);
  if (isRoot) {
    assert.deepEqual(
      [path, `${path}.1.gz`].map((name) => statSync(name).gid),
      [4711, 4711],
    );
  }
});

test('an existing log of ours gets the configured mode; one of another user keeps its own', (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'log');
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  opened(t, path, { exact: true, mode: 0o640 });
  assert.equal(statSync(path).mode & 0o777, 0o640);
  if (isRoot) {
    const other = join(folder, 'other');
    writeFileSync(other, '');
    chmodSync(other, 0o666);
    chownSync(other, 4711, 4711);
    opened(t, other, { exact: true, mode: 0o640 });
    assert.equal(statSync(other).mode & 0o777, 0o666);
  }
});

test('a log without a configured mode is made with 0644 less the umask, and left alone if it exists', (t) => {
  const before = process.umask(0o022);
  atEnd(t, () => process.umask(before));
  const folder = temporaryDirectory(t);
  opened(t, join(folder, 'log'), { mode: 0o644 });
  assert.equal(statSync(join(folder, 'log')).mode & 0o777, 0o644);
  writeFileSync(join(folder, 'old'), '');
  chmodSync(join(folder, 'old'), 0o600);
  opened(t, join(folder, 'old'), { mode: 0o644 });
  assert.equal(statSync(join(folder, 'old')).mode & 0o777, 0o600);
});

test('a file that could not be moved aside does not hold up its successor', () => {
  const time = new FakeClock();
  const due = new RotationDue({ size: 100, keep: 1 }, time);
  const file = { size: 0, begun: 0 } as FileAnswer;
  due.opened(file);
  due.grew(100);
  assert.ok(due.isDue);
  due.tried();
  assert.ok(!due.isDue, 'not with every write');
  time.advance(999);
  assert.ok(!due.isDue);
  time.advance(1);
  assert.ok(due.isDue);
  due.tried();
  due.opened(file);
  due.grew(100);
  assert.ok(due.isDue);
});
