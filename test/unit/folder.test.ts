/**
 * Files that root creates, gives away and removes in folders of others: substitutes put there by the user are never
 * touched.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inFolder, openFolder } from '../../src/platform/files/folder.ts';
import { OwnFile } from '../../src/platform/files/own-file.ts';
import { native } from '../../src/platform/native.ts';
import { type Listening, listenOn } from '../../src/platform/net/listen.ts';
import { listenersOn } from '../../src/platform/net/unix-listeners.ts';
import { atEnd } from '../harness/at-end.ts';
import { isRoot, missing, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** An unprivileged user. */
const USER = 65_534;
const SECRET = 'a secret of root\n';
const options = { skip: isRoot ? false : 'needs root: for anybody else there is nothing to gain' };

interface Site {
  readonly root: string;
  /** The user's own folder. */
  readonly folder: string;
  readonly secret: string;
  readonly untouched: () => void;
}

function site(t: TestContext): Site {
  const root = temporaryDirectory(t);
  chmodSync(root, 0o755);
  const folder = join(root, 'user');
  mkdirSync(folder);
  chownSync(folder, USER, USER);
  const secret = join(root, 'secret');
  writeFileSync(secret, SECRET, { mode: 0o600 });
  const untouched = () => {
    const { uid, mode } = statSync(secret);
    assert.deepEqual([readFileSync(secret, 'utf8'), uid, mode & 0o777], [SECRET, 0, 0o600]);
    assert.deepEqual(readdirSync(root).sort(), ['secret', 'user']);
  };
  return { root, folder, secret, untouched };
}

const loose = (path: string): boolean => inFolder(path, (folder) => folder.loose);

test('a folder is unsafe if another user may write to it, or to one above it', options, (t) => {
  const { root, folder } = site(t);
  assert.deepEqual([loose(root), loose(folder)], [false, true]);
  mkdirSync(join(folder, 'of-root'));
  assert.equal(loose(join(folder, 'of-root')), true);
  chmodSync(root, 0o1777);
  mkdirSync(join(root, 'of-root'));
  assert.equal(loose(join(root, 'of-root')), false);
  chmodSync(root, 0o777);
  assert.equal(loose(join(root, 'of-root')), true);
});

test('a link is followed if only root can have made it, otherwise refused by name', options, (t) => {
  const { root, folder } = site(t);
  symlinkSync(folder, join(root, 'link'));
  assert.equal(loose(join(root, 'link')), true);
  symlinkSync(root, join(folder, 'up'));
  assert.throws(() => openFolder(join(folder, 'up')), {
    code: 'EPERM',
    message: `${folder}/up is a link in a folder that others than root may write to: root does not follow it; name the folder itself`,
  });
  assert.throws(() => openFolder(join(folder, 'up/more'), 0o755), { code: 'EPERM' });
  symlinkSync('loop', join(root, 'loop'));
  assert.throws(() => openFolder(join(root, 'loop')), { code: 'ELOOP' });
  assert.throws(() => openFolder(join(root, 'none/more')), { code: 'ENOENT', message: /none\/more'$/ });
  assert.throws(() => openFolder(join(root, 'secret')), { code: 'ENOTDIR' });
  openFolder(join(root, 'a/b'), 0o750).close();
  assert.equal(statSync(join(root, 'a/b')).mode & 0o777, 0o750);
});

test(
  'a socket in the folder of a user: owned by the user, found by its name, replaced when stale, and removed',
  options,
  (t) => {
    const { folder, untouched } = site(t);
    const path = join(folder, 'socket');
    closeSync(native.listenUnix(path, 1));
    const listening = listenOn({ kind: 'unix', path, mode: 0o660 }, { uid: USER, gid: USER });
    atEnd(t, () => closeSync(listening.fd));
    const { uid, gid, mode } = lstatSync(path);
    assert.deepEqual([uid, gid, mode & 0o777], [USER, USER, 0o660]);
    assert.equal(native.probeUnix(path), process.pid);
    assert.equal(listenersOn(path).length, 1);
    assert.throws(() => listenOn({ kind: 'unix', path, mode: 0o660 }), { code: 'EADDRINUSE' });
    listening.unlink();
    assert.deepEqual(readdirSync(folder), []);
    untouched();
  },
);

test('a pid file is neither written nor read through a link that a user has put in its place', options, (t) => {
  const { folder, secret, untouched } = site(t);
  const path = join(folder, 'pid');
  symlinkSync(secret, path);
  assert.throws(() => OwnFile.write(path, '1\n'), {
    code: 'EPERM',
    message: /pid is not a plain file, and others than root/,
  });
  symlinkSync(secret, `${join(folder, 'other')}.${process.pid}.tmp`);
  const other = OwnFile.write(join(folder, 'other'), '1\n');
  assert.equal(readFileSync(join(folder, 'other'), 'utf8'), '1\n');
  other.remove();
  assert.deepEqual(readdirSync(folder), ['pid']);
  untouched();
});

test('a socket that is swapped for a link the moment it is made: the link is not given away', options, (t) => {
  const { folder, secret, untouched } = site(t);
  const path = join(folder, 'socket');
  const bind = native.listenUnix;
  const before = readdirSync('/proc/self/fd').length;
  t.mock.method(native, 'listenUnix', (name: string, backlog: number) => {
    const fd = bind(name, backlog);
    if (name.endsWith('/socket')) {
      unlinkSync(path);
      symlinkSync(secret, path);
    }
    return fd;
  });
  assert.throws(() => listenOn({ kind: 'unix', path, mode: 0o666 }, { uid: USER, gid: USER }), {
    code: 'EPERM',
    message: `${path} was replaced while it was made: who may write to ${folder}?`,
  });
  assert.equal(readdirSync('/proc/self/fd').length, before);
  untouched();
});

test('links and folders that come and go give away nothing of root', {
  skip: options.skip || missing('setpriv', 'perl'),
}, async (t) => {
  const { folder, secret, root, untouched } = site(t);
  // In place of the socket, of the files, and of the folder that contains them.
  const swap = `my ($f, $s, $r) = @ARGV; chdir $f; $| = 1; mkdir "in"; print "on\\n";
    while (1) {
      for my $n ("in/socket", "in/pid") { symlink($s, "l"); rename("l", $n); }
      symlink($r, "d"); rename("in", "away"); rename("d", "in"); rename("in", "d"); rename("away", "in"); unlink("d");
      unlink("in/socket", "in/pid");
    }`;
  const words = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', 'perl', '-e', swap, folder, secret, root];
  const attacker = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(t, () => attacker.kill('SIGKILL'));
  await new Promise((resolve) => attacker.stdout?.once('data', resolve));
  const made = { sockets: 0, files: 0 };
  const tries = () => {
    let listening: Listening | undefined;
    try {
      listening = listenOn({ kind: 'unix', path: join(folder, 'in/socket'), mode: 0o666 }, { uid: USER, gid: USER });
      made.sockets += 1;
    } catch {
      // It was in the way, which is the user's loss.
    }
    try {
      const file = OwnFile.write(join(folder, 'in/pid'), '1\n');
      made.files += 1;
      file.remove();
    } catch {
      // As above.
    }
    if (listening) {
      closeSync(listening.fd);
      listening.unlink();
    }
  };
  await until('sockets and files enough', () => {
    for (let n = 0; n < 200; n += 1) {
      tries();
    }
    untouched();
    return made.sockets > 50 && made.files > 50;
  });
  assert.equal(existsSync(join(root, 'socket')), false);
});
