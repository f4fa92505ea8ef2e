import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { procServLauncher } from '../../src/cli/manage-procs/launcher.ts';
import { manageProcs } from '../../src/cli/manage-procs/manage-procs.ts';
import type { Outside } from '../../src/cli/manage-procs/outside.ts';
import { scopeOf } from '../../src/cli/manage-procs/scope.ts';
import { unitText } from '../../src/cli/manage-procs/unit.ts';
import { parseIni } from '../../src/grammar/text/ini.ts';
import { removeSection } from '../../src/grammar/text/ini-remove.ts';
import { procServConf } from '../../src/grammar/text/procserv-conf.ts';
import { temporaryDirectory } from '../harness/machine.ts';

/** A machine of its own: root, with `/etc` in a folder of the test's. */
class Machine {
  readonly etc: string;
  out = '';
  err = '';
  readonly calls: string[] = [];
  status = 0;
  answer: string | undefined;

  constructor(t: TestContext) {
    this.etc = temporaryDirectory(t);
    mkdirSync(join(this.etc, 'work'));
    writeFileSync(join(this.etc, 'work/st.cmd'), '', { mode: 0o755 });
  }

  get outside(): Outside {
    return {
      env: { PATH: '/usr/bin', HOME: this.etc },
      uid: 0,
      cwd: join(this.etc, 'work'),
      etc: this.etc,
      programs: '/opt/hold fast/bin',
      out: (text) => {
        this.out += text;
      },
      err: (text) => {
        this.err += text;
      },
      run: (program, words) => {
        this.calls.push([program, ...words].join(' '));
        return this.status;
      },
      become: (file, words, env) => {
        this.calls.push([file, '=', ...words].join(' '));
        throw Object.assign(new Error('became'), { env });
      },
      ...(this.answer !== undefined && {
        ask: (question) => {
          this.out += question;
          return this.answer as string;
        },
      }),
    };
  }

  run(...words: string[]): number {
    return manageProcs(words, this.outside);
  }

  file(path: string): string {
    return readFileSync(join(this.etc, path), 'utf8');
  }

  put(path: string, text: string): void {
    mkdirSync(join(this.etc, path, '..'), { recursive: true });
    writeFileSync(join(this.etc, path), text);
  }

  /** Output and calls, without the folder of the test. */
  plain(text: string): string {
    return text.replaceAll(this.etc, '/etc');
  }
}

test('no subcommand: the help, and status 1; wrong command lines: status 2', (t) => {
  const machine = new Machine(t);
  assert.equal(machine.run(), 1);
  assert.match(machine.out, /^usage: manage-procs/);
  assert.equal(machine.run('--help'), 0);
  for (const words of [
    ['statsu'],
    ['--nope'],
    ['stop'],
    ['status', 'x'],
    ['--user', '--system', 'status'],
    ['add', 'x'],
  ]) {
    assert.equal(machine.run(...words), 2, words.join(' '));
  }
  assert.match(machine.err, /no subcommand 'statsu'; did you mean 'status'\?/);
  assert.deepEqual(machine.calls, []);
});

test('add: the file, the unit, and the calls to systemd', (t) => {
  const machine = new Machine(t);
  machine.put('vac.env', '');
  const words = ['-U', 'ioc', '-G', 'ioc', '-P', '2000', '-e', 'A=b "c"', '-e', 'F=%d', '-E', '../vac.env'];
  assert.equal(machine.run('add', ...words, 'vac', '-A', './st.cmd', '-f', 'it is', '100%'), 0);
  assert.equal(
    machine.plain(machine.file('procServ.d/vac.conf')),
    [
      '',
      '[vac]',
      "command = /etc/work/st.cmd -f 'it is' 100%%",
      'chdir = /etc/work',
      'user = ioc',
      'group = ioc',
      'port = 2000',
      'environment = "A=b \\"c\\"" "F=%%%%d"',
      'env_file = /etc/vac.env',
      '',
    ].join('\n'),
  );
  assert.deepEqual(
    machine.calls.map((call) => machine.plain(call)),
    [
      'systemctl --system enable /etc/procServ.d/procserv-vac.service',
      'systemctl --system daemon-reload',
      'systemctl --system start procserv-vac.service',
    ],
  );
  assert.equal(machine.out, '');
  assert.equal(
    machine.plain(machine.file('procServ.d/procserv-vac.service')),
    [
      '[Unit]',
      'Description=procServ for vac',
      'After=network.target remote-fs.target',
      'ConditionPathIsDirectory=/etc/work',
      '',
      '[Service]',
      'Type=simple',
      'EnvironmentFile=/etc/vac.env',
      'Environment="A=b \\"c\\"" "F=%%d"',
      'ExecStart="/opt/hold fast/bin/procServ-launcher" --system vac',
      'RuntimeDirectory=procserv-vac',
      'StandardOutput=journal',
      'StandardError=inherit',
      'SyslogIdentifier=procserv-vac',
      'User=ioc',
      'Group=ioc',
      '',
      '[Install]',
      'WantedBy=multi-user.target',
      '',
    ].join('\n'),
  );
});

test('add: a folder that does not exist yet is reported, and named in file and unit', (t) => {
  const machine = new Machine(t);
  assert.equal(machine.run('add', '-C', '/not/there/yet', 'vac', './st.cmd'), 0);
  assert.match(machine.err, /--chdir: \/not\/there\/yet is not there yet; 'vac' does not start without it\n/);
  assert.doesNotMatch(machine.err, /no executable/);
  assert.match(
    machine.file('procServ.d/vac.conf'),
    /^command = \/not\/there\/yet\/st\.cmd\nchdir = \/not\/there\/yet$/m,
  );
  assert.match(machine.file('procServ.d/procserv-vac.service'), /^ConditionPathIsDirectory=\/not\/there\/yet$/m);
});

const PASSED_ON = [
  [['add', '-f', 'vac', './st.cmd', '-P', '20000', '--user=ioc'], 'option -P --user=ioc behind ./st.cmd'],
  [['logs', 'vac', '-f', '--user'], 'option --user behind vac'],
  [['add', '-f', 'vac', './st.cmd', '-x', '-c', 'it', '-', '-P2'], undefined],
  [['add', '-f', '--', 'vac', './st.cmd', '-P', '20000'], undefined],
  [['add', '-f', 'vac', '--', './st.cmd', '-P', '20000'], undefined],
] as const;

for (const [words, hint] of PASSED_ON) {
  test(`manage-procs ${words.join(' ')}: ${hint ?? 'no hint'}`, (t) => {
    const machine = new Machine(t);
    assert.equal(machine.run(...words), 0);
    const said = /^manage-procs: \w+: (option .*) is passed on; options for manage-procs come before it/m.exec(
      machine.err,
    );
    assert.equal(said?.[1], hint);
  });
}

test('add: refusals leave nothing behind', (t) => {
  const machine = new Machine(t);
  const refused = (pattern: RegExp, ...words: string[]) => {
    machine.err = '';
    assert.equal(machine.run('add', ...words), 1);
    assert.match(machine.err, pattern);
  };
  refused(/not a name for a unit/, 'a/b', './st.cmd');
  refused(/is not a directory/, '-C', 'st.cmd', 'a', './st.cmd');
  refused(/does not exist/, '-E', 'nowhere', 'a', './st.cmd');
  refused(/is not VAR=VALUE/, '-e', 'A', 'a', './st.cmd');
  refused(/cannot be written/, 'a', './st.cmd', 'two\nlines');
  assert.equal(existsSync(join(machine.etc, 'procServ.d')), false);
  machine.put('procServ.conf', '[other]\ncommand = x\n');
  refused(/procServ\.conf:1 has a section \[other\]; -f adds/, 'other', './st.cmd');
  assert.equal(machine.run('add', 'a', './st.cmd'), 0);
  assert.equal(machine.out, '# manage-procs --system start a\n');
  refused(/procServ\.d\/a\.conf exists; -f replaces it/, 'a', './st.cmd');
  assert.equal(machine.run('add', '-f', 'a', './st.cmd'), 0);
  machine.status = 1;
  refused(/systemctl --system enable .*: exit status 1/, '-f', 'a', './st.cmd');
});

test('any addition is read back as it was', (t) => {
  const machine = new Machine(t);
  const words = fc.array(fc.string({ unit: 'grapheme' }).filter((word) => !/[\r\n\0\x85\u2028\u2029]/.test(word)));
  fc.assert(
    fc.property(words, (rest) => {
      machine.err = '';
      const code = machine.run('add', '-f', 'x', './st.cmd', ...rest);
      if (code === 0) {
        const file = join(machine.etc, 'procServ.d/x.conf');
        const [instance] = procServConf([{ file, text: readFileSync(file, 'utf8') }]).instances;
        const calls: string[] = [];
        const outside: Outside = {
          ...machine.outside,
          become: (_, argv) => {
            calls.push(...argv.slice(argv.indexOf('--port') + 2));
            throw new Error('became');
          },
        };
        assert.equal(instance?.name, 'x');
        assert.throws(() => procServLauncher(['--user', 'x'], userOf(outside, machine.etc), () => undefined), /became/);
        assert.deepEqual(calls, [join(machine.etc, 'work/st.cmd'), ...rest]);
      }
    }),
    { numRuns: 60 },
  );
});

/** The same files for a user, so that the launcher needs no /run. */
function userOf(outside: Outside, etc: string): Outside {
  const home = join(etc, 'home');
  mkdirSync(join(home, '.config/procServ.d'), { recursive: true });
  writeFileSync(join(home, '.config/procServ.d/x.conf'), readFileSync(join(etc, 'procServ.d/x.conf')));
  return { ...outside, env: { HOME: home, XDG_RUNTIME_DIR: join(etc, 'run') }, uid: 1000 };
}

test('remove: asks at a terminal, leaves the rest of the file', (t) => {
  const machine = new Machine(t);
  const text = '# mine\n[a]\ncommand = x\n  [b]\n\n# of b\n[b]\ncommand = y\n';
  machine.put('procServ.d/both.conf', text);
  machine.put('procServ.d/procserv-b.service', '');
  machine.answer = 'n';
  assert.equal(machine.run('remove', 'b'), 1);
  assert.equal(machine.plain(machine.out), "Remove section 'b' from /etc/procServ.d/both.conf ? [yN]");
  assert.equal(machine.file('procServ.d/both.conf'), text);
  machine.answer = 'Y';
  assert.equal(machine.run('remove', 'b'), 0);
  assert.equal(machine.file('procServ.d/both.conf'), '# mine\n[a]\ncommand = x\n  [b]\n\n# of b\n');
  assert.deepEqual(machine.calls, [
    'systemctl --system stop procserv-b.service',
    'systemctl --system disable procserv-b.service',
    'systemctl --system daemon-reload',
  ]);
  assert.equal(existsSync(join(machine.etc, 'procServ.d/procserv-b.service')), false);
  assert.equal(machine.run('remove', '-f', 'a'), 0);
  assert.equal(existsSync(join(machine.etc, 'procServ.d/both.conf')), false);
  assert.equal(machine.run('remove', 'a'), 1);
  assert.match(machine.err, /no section \[a\]/);
});

test('removing a section leaves the others as they are read', () => {
  const parts = fc.constantFrom('[a]\n', '[b]\n', '[c]\n', 'x = 1\n', ' y\n', '  [a]\n', '# c\n', '\n', 'z = %%\r\n');
  fc.assert(
    fc.property(fc.array(parts), (list) => {
      const text = list.join('');
      const read = (source: string) => {
        const { sections } = parseIni([{ file: '', text: source }]);
        return new Map([...sections].map(([name, { own }]) => [name, [...own].map(([key, { raw }]) => [key, raw])]));
      };
      const before = read(text);
      const removed = removeSection(text, 'a');
      assert.equal(removed !== undefined, before.has('a'));
      if (removed) {
        before.delete('a');
        assert.deepEqual(read(removed.text), before);
      }
    }),
  );
});

test('start, stop and restart: names as they are, patterns against the configuration', (t) => {
  const machine = new Machine(t);
  machine.put('procServ.conf', '[vac-1]\ncommand=x\n[vac-2]\ncommand=x\n[rf]\ncommand=x\n[base]\ninstance=no\n');
  assert.equal(machine.run('start', 'vac-*', 'gone'), 0);
  assert.equal(machine.run('stop', 'vac-[!2]', '-v'), 0);
  assert.equal(machine.run('restart', '?f'), 0);
  assert.equal(machine.run('stop', 'b*'), 1);
  assert.equal(machine.run('--user', 'list', '--all'), 0);
  assert.equal(machine.run('logs', 'rf', '-f', '-n5'), 0);
  machine.status = 5;
  assert.equal(machine.run('stop', 'rf'), 5);
  assert.deepEqual(machine.calls, [
    'systemctl --system start procserv-vac-1.service procserv-vac-2.service procserv-gone.service',
    'systemctl --system stop procserv-vac-1.service',
    'systemctl --system restart procserv-rf.service',
    'systemctl --user list-units --all procserv-*',
    'journalctl --unit procserv-rf.service -f -n5',
    'systemctl --system stop procserv-rf.service',
  ]);
  assert.match(machine.err, /no instance matches 'b\*'/);
});

test('write-procs-cf', (t) => {
  const machine = new Machine(t);
  machine.put(
    'procServ.conf',
    '[a]\ncommand=x\n[b]\ncommand=x\nport=0.0.0.0:2001\n[c]\ncommand=x\nport=unix:u:g:0660:/run/c\n',
  );
  mkdirSync(join(machine.etc, 'conserver'));
  assert.equal(machine.run('write-procs-cf', '-R'), 0);
  const block = (name: string, ...lines: string[]) =>
    `console ${name} {\n${lines.map((line) => `    ${line};\n`).join('')}}\n`;
  assert.equal(
    machine.file('conserver/procs.cf'),
    block('a', 'master localhost', 'type uds', 'uds /run/procserv-a/control') +
      block('b', 'master localhost', 'type host', 'host localhost', 'port 2001') +
      block('c', 'master localhost', 'type uds', 'uds /run/c'),
  );
  assert.deepEqual(machine.calls, ['systemctl --system reload conserver-server.service']);
  assert.equal(machine.run('write-procs-cf', '-f', join(machine.etc, 'none/x')), 1);
});

test('status and attach of a user: Running, Dead, Stopped', (t) => {
  const machine = new Machine(t);
  const run = join(machine.etc, 'run');
  machine.put('.config/procServ.conf', ['a', 'b', 'c', 'd'].map((name) => `[${name}]\ncommand=x\n`).join(''));
  machine.put('run/procserv-a/info', `pid:${process.pid}\ntcp:127.0.0.1:2000\nunix:/x,y\n`);
  machine.put('run/procserv-b/info', 'pid:4194303\nunix:/gone\n');
  machine.put('run/procserv-d/info', `pid:${process.pid}\nunix:/x,y\n`);
  const user = (...words: string[]) =>
    manageProcs(words, { ...machine.outside, uid: 7, env: { HOME: machine.etc, XDG_RUNTIME_DIR: run } });
  assert.equal(user('status'), 0);
  assert.equal(machine.out, 'a Running\t127.0.0.1:2000 /x,y\nb Dead\nc Stopped\nd Running\t/x,y\n');
  for (const name of ['a', 'd']) {
    assert.throws(() => user('attach', name, '-x'), /became/);
  }
  assert.deepEqual(machine.calls, [
    '/usr/bin/telnet = telnet 127.0.0.1 2000 -x',
    '/usr/bin/socat = socat -,raw,echo=0 unix-connect:/x\\,y -x',
  ]);
  assert.equal(user('attach', 'b'), 1);
  assert.equal(user('attach', 'c'), 1);
  assert.match(machine.err, /'c' is not running; start it: manage-procs --user start c/);
  assert.equal(manageProcs(['status'], { ...machine.outside, uid: 7, env: { HOME: machine.etc } }), 1);
  assert.match(machine.err, /XDG_RUNTIME_DIR is not set/);
});

test('a unit is only the unit, whatever the configuration says', (t) => {
  const { outside } = new Machine(t);
  const text = '[x]\ncommand = a\nchdir = /a%%b\n  ExecStartPre=/bin/rm\nuser = u\n  Group=root\nhost = h\n';
  const [instance] = procServConf([{ file: 'f', text }]).instances;
  assert.ok(instance);
  const unit = unitText(instance, scopeOf('--system', outside), '/opt/bin');
  assert.equal(unit.match(/^[A-Za-z]+=/gm)?.length, 13);
  assert.match(unit, /^ConditionPathIsDirectory=\/a%%b ExecStartPre=\/bin\/rm$/m);
  assert.match(unit, /^ConditionHost=h$/m);
  assert.match(unitText(instance, scopeOf('--user', outside), '/opt/bin'), /WantedBy=default\.target\n$/);
});
