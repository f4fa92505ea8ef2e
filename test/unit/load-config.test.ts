import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { configPlace, defaultDirectories } from '../../src/config/config-files.ts';
import { loadHostConfig } from '../../src/config/load-config.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string | Uint8Array = ''): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const load = (file?: string) => loadHostConfig(file, { env: { HOME: root }, uid: 1000 });
const console = (name: string) => `console.${name}.run = "true"\n`;

test('the named file, then conf.d beside it in order of names; other files are ignored', async () => {
  const main = put('site.toml', console('main'));
  put('conf.d/20.toml', console('second'));
  put('conf.d/10.toml', console('first'));
  put('conf.d/10.toml~', 'not toml');
  put('conf.d/.10.toml.swp', 'not toml');
  const { config, problems } = await load(main);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    config?.consoles.map(({ name }) => name),
    ['main', 'first', 'second'],
  );
  assert.deepEqual(config?.files, [main, join(root, 'conf.d/10.toml'), join(root, 'conf.d/20.toml')]);
  assert.equal(config?.server.stateDir, join(root, '.local/state/holdfast'));
  assert.equal(config?.server.logDir, join(root, '.local/state/holdfast/log'));
});

test('the location of the files: named, of the system, of a user', () => {
  assert.deepEqual(configPlace('/a/b.toml', { env: {}, uid: 0 }), {
    main: '/a/b.toml',
    dropIns: '/a/conf.d',
    named: true,
  });
  assert.equal(configPlace(undefined, { env: { XDG_CONFIG_HOME: '/x' }, uid: 0 }).main, '/etc/holdfast/holdfast.toml');
  assert.equal(configPlace(undefined, { env: { XDG_CONFIG_HOME: '/x' }, uid: 7 }).main, '/x/holdfast/holdfast.toml');
  assert.equal(
    configPlace(undefined, { env: { XDG_CONFIG_HOME: 'relative', HOME: '/h' }, uid: 7 }).dropIns,
    '/h/.config/holdfast/conf.d',
  );
  assert.deepEqual(defaultDirectories({ env: {}, uid: 0 }), {
    runtimeDir: '/run/holdfast',
    stateDir: '/var/lib/holdfast',
    logDir: '/var/log/holdfast',
  });
  assert.deepEqual(defaultDirectories({ env: { XDG_RUNTIME_DIR: '/run/user/7', HOME: '/h' }, uid: 7 }), {
    runtimeDir: '/run/user/7/holdfast',
    stateDir: '/h/.local/state/holdfast',
  });
});

test('a user with conf.d alone needs no main file; without both the error says where it goes', async () => {
  const { problems } = await load();
  assert.deepEqual(problems, [
    {
      file: join(root, '.config/holdfast/holdfast.toml'),
      line: 1,
      key: '',
      message: `there is no such file, and no *.toml in ${root}/.config/holdfast/conf.d; 'holdfast init' writes one to begin with, -c names another`,
    },
  ]);
  put('.config/holdfast/conf.d/a.toml', console('a'));
  assert.equal((await load()).config?.consoles.length, 1);
});

test('an unreadable file is a problem among the others', async () => {
  const main = put('h.toml', 'console.a.run = 5');
  put('conf.d/binary.toml', new Uint8Array([0xff, 0xfe]));
  mkdirSync(join(root, 'conf.d/folder.toml'));
  execFileSync('mkfifo', [join(root, 'conf.d/pipe.toml')]);
  const { problems } = await load(main);
  assert.deepEqual(
    problems.map(({ file, message }) => [file.slice(root.length + 1), message.split(',')[0]]),
    [
      ['conf.d/binary.toml', 'is not UTF-8 text'],
      ['conf.d/folder.toml', 'is not a regular file'],
      ['conf.d/pipe.toml', 'is not a regular file'],
      ['h.toml', 'expected a command (an array of words'],
    ],
  );
  const other = await load(join(root, 'none.toml'));
  assert.match(other.problems.map(({ message }) => message).join(), /^there is no such file,is not UTF-8 text/);
});

test('files without permission to read them', {
  skip: process.getuid?.() === 0 ? 'root may read everything' : false,
}, async () => {
  const main = put('h.toml', console('a'));
  chmodSync(main, 0);
  assert.match((await load(main)).problems[0]?.message ?? '', /EACCES/);
});

test('folders of IOCs as ESS has them are one line of configuration', async () => {
  put('iocs/e3-ioc-vac/st.cmd');
  put('iocs/e3-ioc-cryo/st.cmd');
  put('iocs/e3-ioc-empty/README.md');
  put('iocs/e3-ioc-');
  put('iocs/other/st.cmd');
  const main = put('h.toml', 'discover.e3.dir = "iocs"\n');
  const { config, problems, folders } = await load(main);
  assert.deepEqual(problems, []);
  assert.deepEqual(folders, [root, join(root, 'conf.d'), join(root, 'iocs')]);
  assert.deepEqual(
    config?.consoles.map(({ name, source, chdir }) => ({ name, source, chdir })),
    ['cryo', 'vac'].map((name) => ({
      name,
      source: { kind: 'run', argv: ['iocsh.bash', join(root, `iocs/e3-ioc-${name}/st.cmd`)] },
      chdir: join(root, `iocs/e3-ioc-${name}`),
    })),
  );
});

test('a missing folder of IOCs', async () => {
  const main = put('h.toml', '[discover.e3]\ndir = "iocs"\n');
  const { config, problems, warnings } = await load(main);
  assert.deepEqual(problems, []);
  assert.deepEqual(config?.unread, [join(root, 'iocs')]);
  assert.deepEqual(warnings, [
    {
      file: main,
      line: 2,
      key: 'discover.e3.dir',
      message: `${root}/iocs: cannot be read: ENOENT: no such file or directory`,
    },
  ]);
});

test('the digest changes with every input, and with nothing else', async () => {
  const main = put('h.toml', 'discover.e3.dir = "iocs"\n');
  put('iocs/e3-ioc-a/st.cmd');
  const { digest } = await load(main);
  put('iocs/e3-ioc-a/st.cmd', 'iocInit()');
  put('iocs/README.md', 'not a folder');
  assert.equal((await load(main)).digest, digest);
  put('iocs/e3-ioc-b/st.cmd');
  const found = (await load(main)).digest;
  put('conf.d/a.toml', '# nothing');
  const dropIn = (await load(main)).digest;
  put('h.toml', 'discover.e3.dir = "iocs" # more\n');
  assert.equal(new Set([digest, found, dropIn, (await load(main)).digest]).size, 4);
});
