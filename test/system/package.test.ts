/**
 * The archive of `npm run package` in a separate root: the results of install.sh there, and that it runs without this
 * tree.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { WebFiles } from '../../src/gateway/web-files.ts';
import { archive } from '../harness/archive.ts';
import { temporaryDirectory } from '../harness/machine.ts';

test('the archive, installed into a root', async (t) => {
  const file = archive(temporaryDirectory(t));
  const folder = temporaryDirectory(t);
  assert.equal(spawnSync('tar', ['-xzf', file, '-C', folder]).status, 0);
  const [version = ''] = readdirSync(folder);
  assert.match(basename(file), new RegExp(`^${version}-linux-${process.arch}\\.tar\\.gz$`));
  const root = join(folder, 'root');
  const at = (path: string) => join(root, path);
  const install = (...words: string[]) =>
    spawnSync(join(folder, version, 'install.sh'), ['--root', root, ...words], { encoding: 'utf8' });

  await t.test('it names what it makes, and the second time makes nothing', () => {
    const first = install('--generators');
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, new RegExp(`^installed /opt/${version}\nlinked /opt/holdfast -> ${version}\n`));
    assert.equal(readlinkSync(at('opt/holdfast')), version);
    assert.equal(readlinkSync(at('usr/local/bin/holdfast')), '/opt/holdfast/bin/holdfast');
    assert.deepEqual(readdirSync(at('usr/local/lib/systemd/system')).sort(), [
      ...['holdfast-gateway.path', 'holdfast-gateway.service', 'holdfast-holder.service'],
      ...['holdfast.service', 'holdfast.socket', 'isis@.service', 'procserv@.service'],
    ]);
    const again = install('--generators');
    assert.deepEqual([again.status, again.stdout], [0, '']);
  });

  await t.test('manual pages and completions are where man and the shells look for them', () => {
    const share = at('usr/local/share');
    for (const path of [
      ...['man/man1/holdfast.1', 'man/man1/holdfast-attach.1', 'man/man5/holdfast.toml.5', 'man/man8/conserver.8'],
      ...[
        'bash-completion/completions/holdfast',
        'bash-completion/completions/procServ',
        'zsh/site-functions/_holdfast',
      ],
      'fish/vendor_completions.d/isisCmd.fish',
    ]) {
      assert.equal(readlinkSync(join(share, path)), `/opt/holdfast/share/${path}`);
      assert.ok(statSync(at(`opt/holdfast/share/${path}`)).isFile(), path);
    }
  });

  await t.test('a page of another program, and one of an earlier version', () => {
    const [theirs, old] = [at('usr/share/man/man1/console.1.gz'), at('usr/local/share/man/man1/holdfast-gone.1')];
    mkdirSync(dirname(theirs), { recursive: true });
    writeFileSync(theirs, '');
    rmSync(at('usr/local/share/man/man1/console.1'));
    symlinkSync('/opt/holdfast/share/man/man1/holdfast-gone.1', old);
    assert.deepEqual(install('--generators').stdout, '');
    const pages = readdirSync(dirname(old));
    assert.ok(pages.includes('holdfast.1') && !pages.includes('console.1') && !pages.includes('holdfast-gone.1'));
  });

  await t.test('PAM: as this system asks for passwords; what is there stays', () => {
    const service = at('etc/pam.d/holdfast');
    mkdirSync(at('etc/pam.d'), { recursive: true });
    assert.match(install().stderr, /neither common-auth nor password-auth/);
    writeFileSync(at('etc/pam.d/password-auth'), '');
    assert.match(install().stdout, /^wrote \/etc\/pam\.d\/holdfast$/m);
    assert.match(readFileSync(service, 'utf8'), /\nauth substack password-auth\naccount include password-auth\n$/);
    assert.equal(install().stdout, '');
    rmSync(service);
    writeFileSync(at('etc/pam.d/common-auth'), '');
    install();
    assert.match(readFileSync(service, 'utf8'), /\n@include common-auth\n@include common-account\n$/);
    writeFileSync(service, 'of the site');
    install();
    assert.equal(readFileSync(service, 'utf8'), 'of the site');
  });

  await t.test('units name the link, never a version', () => {
    for (const name of readdirSync(at('usr/local/lib/systemd/system'))) {
      const text = readFileSync(at(`usr/local/lib/systemd/system/${name}`), 'utf8');
      assert.doesNotMatch(text, /holdfast-\d/, name);
      for (const [, program = ''] of text.matchAll(/\/opt\/holdfast(\/bin\/\S+)/g)) {
        assert.ok(statSync(at(`opt/holdfast${program}`)).isFile(), program);
      }
    }
  });

  await t.test('files changed by hand are corrected; files that are not ours are left alone', () => {
    const mine = at('usr/local/bin/holdfast');
    rmSync(mine);
    writeFileSync(mine, 'somebody else');
    writeFileSync(at('usr/local/lib/systemd/system/isis@.service'), 'of an older version');
    const { status, stdout, stderr } = install();
    assert.deepEqual([status, stdout], [0, 'wrote /usr/local/lib/systemd/system/isis@.service\n']);
    assert.match(stderr, /usr\/local\/bin\/holdfast is not ours; left alone/);
    assert.equal(readFileSync(mine, 'utf8'), 'somebody else');
    assert.equal(install('--what').status, 64);
  });

  await t.test('the programs run from there with an empty environment', () => {
    const run = (program: string, ...words: string[]) =>
      spawnSync(at(`opt/holdfast/bin/${program}`), words, {
        env: { PATH: '/usr/bin:/bin', HOME: folder },
        encoding: 'utf8',
      });
    for (const program of ['procServ', 'conserver', 'isisCmd']) {
      const { status, stdout, stderr } = run(program, program === 'conserver' ? '-V' : '--version');
      assert.equal(status, 0, `${program}: ${stderr}`);
      assert.match(stdout, /\d\.\d/);
    }
    // Files that the gateway reads at its start, before any request.
    assert.ok(WebFiles.read(at('opt/holdfast/build/web')).has({ url: '/' }));
    mkdirSync(join(folder, 'own/node_modules'), { recursive: true });
    // As `npm install /opt/holdfast` makes it.
    symlinkSync(at('opt/holdfast'), join(folder, 'own/node_modules/holdfast'));
    const own = spawnSync(at('opt/holdfast/build/node'), ['-p', 'import("holdfast/isis").then(console.log)'], {
      cwd: join(folder, 'own'),
      encoding: 'utf8',
    });
    assert.match(own.stdout, /IsisClient: \[class /, own.stderr);
    const call =
      'import("holdfast/client").then(({ connect }) => connect("/none").version()).catch(({ code }) => console.log(code))';
    const client = spawnSync(at('opt/holdfast/build/node'), ['-e', call], {
      cwd: join(folder, 'own'),
      encoding: 'utf8',
    });
    assert.equal(client.stdout, 'HF_NO_SERVER\n', client.stderr);
    const agent = spawnSync(
      at('opt/holdfast/build/node'),
      [at('opt/holdfast/examples/isis-agent.ts'), 'no.such.host'],
      {
        encoding: 'utf8',
      },
    );
    assert.match(agent.stderr, /getaddrinfo ENOTFOUND no\.such\.host/);
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'conf'), '');
    const base = join(folder, '.config/procServ.d');
    mkdirSync(base, { recursive: true });
    writeFileSync(join(base, 'a.conf'), '[a]\ncommand = /bin/cat\n');
    assert.equal(run('systemd-procserv-generator-user', join(folder, 'out')).status, 0);
    const unit = readFileSync(join(folder, 'out/procserv-a.service'), 'utf8');
    assert.match(unit, new RegExp(`^ExecStart=${root}/opt/holdfast/bin/procServ-launcher --user a$`, 'm'));
    assert.deepEqual(readdirSync(join(folder, 'out')), ['procserv-a.service']);
  });

  await t.test('the SELinux file contexts cover executed and loaded files, and nothing else', () => {
    const contexts = readFileSync(at('opt/holdfast/selinux/holdfast.fc'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(/\s+/) as [string, string]);
    const typeOf = (path: string) => contexts.filter(([pattern]) => new RegExp(`^${pattern}$`).test(path)).at(-1)?.[1];
    const here = at(`opt/${version}`);
    const files = readdirSync(here, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    for (const each of files) {
      const path = join(each.parentPath, each.name).slice(root.length);
      const head = readFileSync(at(path)).subarray(0, 4).toString('latin1');
      const started = [join(here, 'bin'), here].includes(each.parentPath) && head.startsWith('#!');
      const wanted = each.name.endsWith('.node') ? 'lib_t' : started || head === '\x7fELF' ? 'bin_t' : undefined;
      assert.equal(typeOf(path), wanted, path);
    }
    assert.equal(dirname(here), at('opt'));
    assert.equal(typeOf('/var/log/holdfast/vac-01.log'), 'var_log_t');
  });

  await t.test('--uninstall removes links and units, and nothing else', () => {
    const mine = at('usr/local/share/man/man1/mine.1');
    writeFileSync(mine, '');
    const { status, stdout, stderr } = install('--uninstall');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^removed all links/);
    const left = readdirSync(at('usr/local'), { recursive: true, withFileTypes: true }).filter(
      (each) => !each.isDirectory(),
    );
    assert.deepEqual(left.map(({ name }) => name).sort(), ['holdfast', 'mine.1']);
    assert.deepEqual(readdirSync(at('opt')), [version]);
  });
});
