/** Root's logs in the folders of others: nothing is written, read, moved or compressed through links put there. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DiskLogFiles } from '../../src/logs/disk-log-files.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { LogFile } from '../../src/terminal/log-file.ts';
import type { LogOptions } from '../../src/terminal/log-options.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { atEnd } from '../harness/at-end.ts';
import { isRoot, missing, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** An unprivileged user. */
const USER = 65_534;
const SECRET = 'a secret of root\n';
const options = { skip: isRoot ? false : 'needs root: for anybody else there is nothing to gain' };

class Site {
  readonly root: string;
  /** The user's own. */
  readonly folder: string;
  readonly secret: string;
  readonly writer = new LogWriter(clock);
  readonly said: string[] = [];
  readonly #logs: LogFile[] = [];

  constructor(t: TestContext) {
    this.root = temporaryDirectory(t);
    chmodSync(this.root, 0o755);
    this.folder = join(this.root, 'user');
    mkdirSync(this.folder);
    chownSync(this.folder, USER, USER);
    this.secret = join(this.root, 'secret');
    writeFileSync(this.secret, SECRET, { mode: 0o600 });
    atEnd(t, async () => {
      await Promise.all(this.#logs.map((log) => log.close(1000)));
      this.writer.close();
    });
  }

  /** The log of a console that runs as the user; open or refused when this returns. */
  log(path: string, more: Partial<LogOptions> = {}): LogFile {
    const report = (message: string) => this.said.push(message);
    const log = new LogFile(
      { path, user: String(USER), exact: true, mode: 0o640, report, ...more },
      this.writer,
      clock,
    );
    this.#logs.push(log);
    log.open();
    log.settle();
    return log;
  }

  /** The message of a log there when it is refused. */
  refusal(path: string, more: Partial<LogOptions> = {}): string {
    const log = this.log(path, more);
    assert.equal(log.isOpen, false, path);
    return log.trouble?.text ?? '';
  }

  untouched(): void {
    assert.equal(readFileSync(this.secret, 'latin1'), SECRET);
    assert.equal(statSync(this.secret).mode & 0o777, 0o600);
  }
}

test('a log in the folder of its user is opened; a symbolic or hard link there is not', options, (t) => {
  const site = new Site(t);
  const log = site.log(join(site.folder, 'log'));
  log.append(Buffer.from('one\n'), 0);
  log.settle();
  assert.equal(readFileSync(join(site.folder, 'log'), 'latin1'), 'one\n');
  symlinkSync(site.secret, join(site.folder, 'link'));
  assert.match(
    site.refusal(join(site.folder, 'link')),
    /link is a link in a folder that others than root may write to/,
  );
  symlinkSync(join(site.root, 'new'), join(site.folder, 'dangling'));
  site.refusal(join(site.folder, 'dangling'));
  assert.equal(existsSync(join(site.root, 'new')), false);
  linkSync(site.secret, join(site.folder, 'hard'));
  assert.match(site.refusal(join(site.folder, 'hard')), /hard has another name elsewhere \(a hard link\)/);
  spawnSync('mkfifo', [join(site.folder, 'fifo')]);
  assert.match(site.refusal(join(site.folder, 'fifo')), /fifo is not a regular file/);
  writeFileSync(join(site.folder, 'stranger'), '');
  chownSync(join(site.folder, 'stranger'), 4711, 4711);
  assert.match(site.refusal(join(site.folder, 'stranger')), /stranger belongs to uid 4711/);
  // procServ and conserver know no user: any folder, by the same rules.
  assert.match(site.refusal(join(site.folder, 'link'), { user: '', anybodys: true }), /is a link/);
  assert.ok(site.log(join(site.folder, 'other'), { user: '', anybodys: true }).isOpen);
  site.untouched();
});

test('folders that others may write to are refused, with advice; links of root are followed', options, (t) => {
  const site = new Site(t);
  const strange = join(site.root, 'strange');
  mkdirSync(strange);
  chownSync(strange, 4711, 4711);
  assert.match(site.refusal(join(strange, 'log')), /its folder \S+strange belongs to uid 4711, .*: chown it to root/);
  const open = join(site.root, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  assert.match(site.refusal(join(open, 'log')), /everybody may write to its folder \S+open: chmod o-w /);
  const grouped = join(site.root, 'grouped');
  mkdirSync(join(grouped, 'below'), { recursive: true });
  chownSync(grouped, 0, 4711);
  chmodSync(grouped, 0o2775);
  assert.match(site.refusal(join(grouped, 'log')), /group 4711 may write to its folder \S+grouped: chmod g-w /);
  assert.ok(site.log(join(grouped, 'below', 'log')).isOpen, 'a group on the way, as in /var/log of Ubuntu');
  // A group for each user, and their umask of 002.
  chmodSync(site.folder, 0o775);
  assert.ok(site.log(join(site.folder, 'own-group')).isOpen);
  // A folder of the user that leads elsewhere.
  symlinkSync(site.root, join(site.folder, 'elsewhere'));
  assert.match(site.refusal(join(site.folder, 'elsewhere', 'log')), /elsewhere is a link/);
  assert.equal(existsSync(join(site.root, 'log')), false);
  // As /var/log may be.
  symlinkSync(site.folder, join(site.root, 'link'));
  assert.ok(site.log(join(site.root, 'link', 'linked')).isOpen);
  assert.ok(existsSync(join(site.folder, 'linked')));
});

test('a log that is swapped for a link is neither written, rotated nor compressed through it', options, async (t) => {
  const site = new Site(t);
  const path = join(site.folder, 'log');
  const log = site.log(path, { rotate: { size: 100, keep: 2, compress: true } });
  const line = `${'x'.repeat(59)}\n`;
  const put = (text: string) => {
    log.append(Buffer.from(text), 0);
    log.settle();
  };
  put(line);
  rmSync(path);
  symlinkSync(site.secret, path);
  // Due, but the name no longer belongs to this file.
  put(line);
  await until('the trouble', () => log.trouble !== undefined);
  assert.match(log.trouble?.text ?? '', /log is a link/);
  assert.ok(lstatSync(path).isSymbolicLink(), 'the link was not moved');
  rmSync(path);
  for (const name of ['log.1', 'log.1.gz', 'log.1.gz.tmp', 'log.2']) {
    rmSync(join(site.folder, name), { force: true });
    symlinkSync(site.secret, join(site.folder, name));
  }
  await until('the log to be written again', () => log.trouble === undefined && log.isOpen);
  put(line);
  put(line);
  // What was written again may make two rotations of it: the second moves the file of the first on.
  const { mode } = await until('a compressed file', () => {
    const packed = lstatSync(join(site.folder, 'log.1.gz'), { throwIfNoEntry: false });
    return packed?.isFile() && !existsSync(join(site.folder, 'log.1')) && packed;
  });
  assert.equal(mode & 0o777, 0o640);
  site.untouched();
});

test('a log is not read through a link either', options, async (t) => {
  const site = new Site(t);
  const path = join(site.folder, 'log');
  writeFileSync(path, 'mine\n');
  chownSync(path, USER, USER);
  symlinkSync(site.secret, `${path}.1`);
  linkSync(site.secret, `${path}.2`);
  const disk = new DiskFiles(clock);
  atEnd(t, () => disk.close());
  const files = new DiskLogFiles(disk, path, String(USER));
  assert.deepEqual(await files.list(), ['.2', '.1', '']);
  await assert.rejects(files.open('.1'), /symbolic links/);
  await assert.rejects(files.open('.2'), /another name elsewhere/);
  symlinkSync(site.secret, join(site.folder, 'link'));
  await assert.rejects(new DiskLogFiles(disk, join(site.folder, 'link'), String(USER)).open(''), /is a link/);
  const file = await files.open('');
  const into = Buffer.alloc(100);
  assert.equal(into.toString('latin1', 0, await file?.read(into, 0)), 'mine\n');
  file?.close();
});

test('a folder full of links that come and go misleads nobody', {
  skip: options.skip || missing('setpriv', 'perl', 'zgrep'),
}, async (t) => {
  const site = new Site(t);
  const path = join(site.folder, 'log');
  // All that root could write or read by mistake.
  const swap = `my ($f, $s) = @ARGV; chdir $f; $| = 1; print "on\\n";
    while (1) { for my $n ("log", "log.1", "log.1.gz.tmp", "log.1.gz") { symlink($s, "l"); rename("l", $n); unlink($n); } }`;
  const words = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', 'perl', '-e', swap, site.folder, site.secret];
  const attacker = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(t, () => attacker.kill('SIGKILL'));
  await new Promise((resolve) => attacker.stdout?.once('data', resolve));
  const log = site.log(path, { rotate: { size: 50, keep: 2, compress: true } });
  const disk = new DiskFiles(clock);
  atEnd(t, () => disk.close());
  const files = new DiskLogFiles(disk, path, String(USER));
  let shown = '';
  for (let n = 0; n < 300; n++) {
    log.append(Buffer.from(`a line of the process ${n}\n`), 0);
    log.settle();
    log.reopen();
    for (const suffix of ['', '.1']) {
      const file = await files.open(suffix).catch(() => undefined);
      const into = Buffer.alloc(100);
      shown += into.toString('latin1', 0, (await file?.read(into, 0)) ?? 0);
      file?.close();
    }
  }
  attacker.kill('SIGKILL');
  assert.equal(readFileSync(site.secret, 'latin1'), SECRET);
  assert.ok(!shown.includes('secret'), 'the server shows nothing of it');
  // The user's own are its files, not the links.
  const found = spawnSync('find', [site.folder, '-type', 'f', '-exec', 'zgrep', '-al', 'secret', '{}', '+']);
  assert.equal(String(found.stdout), '', 'nothing of it was copied there');
});
