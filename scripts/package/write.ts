// Assembles programs, addon, Node, manual pages, completions, units for /opt/holdfast, and install.sh in a separate folder, and packs it: the same
// bytes for the same inputs. Arguments: folder for the archive [dist], level of gzip [6].
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { unitFiles } from '../../src/systemd/units.ts';
import { writeShare } from './share.ts';

const root = join(import.meta.dirname, '../..');
/** The link to the version in use on a host: packaging/install.sh creates it. */
const BIN = '/opt/holdfast/bin';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown> & {
  readonly version: string;
};
const { version } = manifest;
const name = `holdfast-${version}`;
const [, , folder = join(root, 'dist'), effort = '6'] = process.argv;
const out = resolve(folder);
const work = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const stage = join(work, name);

function take(path: string, to = path): void {
  cpSync(join(root, path), join(stage, to), { recursive: true, verbatimSymlinks: true });
}

mkdirSync(join(stage, 'build'), { recursive: true });
for (const entry of readdirSync(join(root, 'build'), { withFileTypes: true })) {
  // Neither the link to Node nor the compiled programs of the bench.
  if (entry.isFile() && !entry.name.endsWith('.stamp')) {
    take(join('build', entry.name));
  }
}
cpSync(realpathSync(join(root, 'build/node')), join(stage, 'build/node'));
for (const each of ['bin', 'docs', 'examples', 'build/types', 'build/web', 'LICENSE', 'CHANGELOG.md']) {
  take(each);
}
// Lets `npm install /opt/holdfast` and the examples find the libraries `holdfast/client` and `holdfast/isis`; it installs nothing else.
const { license, type, engines, os, exports } = manifest;
const library = { name: 'holdfast', version, private: true, license, type, engines, os, exports };
writeFileSync(join(stage, 'package.json'), `${JSON.stringify(library, undefined, 2)}\n`);
writeShare(join(stage, 'share'), version);
take('packaging/install.sh', 'install.sh');
take('packaging/selinux', 'selinux');
for (const { name: file, text } of unitFiles({ bin: BIN, user: false })) {
  mkdirSync(dirname(join(stage, 'systemd', file)), { recursive: true });
  writeFileSync(join(stage, 'systemd', file), text);
}

mkdirSync(out, { recursive: true });
const archive = join(out, `${name}-linux-${process.arch}.tar.gz`);
const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX,go-w', '--mtime=@0'];
const tar = spawn('tar', [...same, '-C', work, '-cf', '-', name], { stdio: ['ignore', 'pipe', 'inherit'] });
const [[status]] = await Promise.all([
  once(tar, 'close'),
  pipeline(tar.stdout, createGzip({ level: Number(effort) }), createWriteStream(archive)),
]);
if (status !== 0) {
  process.stderr.write(`package: tar: status ${status}\n`);
  process.exit(1);
}
process.stdout.write(`${archive}\n`);
