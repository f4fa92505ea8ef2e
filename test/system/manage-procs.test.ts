// manage-procs as installed: separate processes, real procServ, telnet and socat in a terminal, a recording systemctl.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { missing, status, temporaryDirectory } from '../harness/machine.ts';
import { Program } from '../harness/procserv.ts';
import { Terminal } from '../harness/terminal.ts';
import { until } from '../harness/until.ts';

const BIN = join(import.meta.dirname, '../../bin');

class Home {
  readonly #t: TestContext;
  readonly path: string;
  readonly env: Record<string, string>;

  constructor(t: TestContext) {
    this.#t = t;
    this.path = temporaryDirectory(t);
    for (const folder of ['bin', 'run', 'work']) {
      mkdirSync(join(this.path, folder));
    }
    this.env = {
      ...(process.env as Record<string, string>),
      HOME: this.path,
      XDG_RUNTIME_DIR: join(this.path, 'run'),
      PATH: `${join(this.path, 'bin')}:${process.env.PATH}`,
    };
    this.script('bin/systemctl', `echo "$@" >> ${this.path}/calls`);
    this.script(
      'work/st.cmd',
      'echo "$IOCNAME in $PWD: $*, $(ulimit -Sn) files"; while read -r line; do echo "got $line"; done',
    );
  }

  script(name: string, text: string): void {
    writeFileSync(join(this.path, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  async run(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const program = new Program(this.#t, join(BIN, 'manage-procs'), words, { env: this.env });
    const [{ code }, out, err] = await Promise.all([program.exited, program.stdout.whole(), program.stderr.whole()]);
    return { code, out, err };
  }

  /** Starts an instance as its unit does: the launcher, by its full name; with the limit that systemd would set. */
  async launch(name: string): Promise<Program> {
    const unit = readFileSync(join(this.path, `.config/procServ.d/procserv-${name}.service`), 'utf8');
    const [file, ...words] = (/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '').split(' ') as [string, ...string[]];
    const limited = ['-c', 'ulimit -Sn 777; exec "$@"', 'sh', file, ...words];
    const launcher = new Program(this.#t, 'sh', limited, { env: this.env });
    await until(`${name} listens`, () => existsSync(join(this.path, `run/procserv-${name}/info`)));
    return launcher;
  }

  attach(name: string): Promise<Terminal> {
    const env = Object.entries({ ...this.env, TERM: 'xterm' }).map(([key, value]) => `${key}=${value}`);
    return Terminal.run(this.#t, [join(BIN, 'manage-procs'), '--user', 'attach', name], { env });
  }
}

test('from add to remove, by a unix socket and socat', { skip: missing('socat') }, async (t) => {
  const home = new Home(t);
  const work = join(home.path, 'work');
  const added = await home.run('--user', 'add', '-C', work, 'vac', './st.cmd', '-x', 'a b');
  assert.deepEqual([added.code, added.out], [0, '# manage-procs --user start vac\n']);
  assert.equal((await home.run('--user', 'status')).out, 'vac Stopped\n');

  const launcher = await home.launch('vac');
  const socket = join(home.path, 'run/procserv-vac/control');
  assert.equal((await home.run('--user', 'status')).out, `vac Running\t${socket}\n`);
  assert.match(
    readFileSync(join(home.path, 'run/procserv-vac/info'), 'utf8'),
    new RegExp(`^pid:${launcher.pid}$`, 'm'),
  );

  await launcher.stdout.expect(new RegExp(`vac in ${work}: -x a b, 777 files`));
  const terminal = await home.attach('vac');
  await terminal.expect(/Welcome to procServ/);
  terminal.type('hello\n');
  await terminal.expect(/got hello/);
  assert.equal(readFileSync(`/proc/${terminal.child.pid}/comm`, 'utf8'), 'socat\n');
  assert.equal(status(terminal.child.pid, 'SigBlk'), '0000000000000000');
  terminal.type('\x04');
  assert.equal((await terminal.ended).code, 0);

  launcher.process.kill('SIGTERM');
  await launcher.exited;
  assert.equal((await home.run('--user', 'status')).out, 'vac Stopped\n');
  const gone = await home.run('--user', 'attach', 'vac');
  assert.deepEqual(
    [gone.code, gone.err],
    [1, "manage-procs: 'vac' is not running; start it: manage-procs --user start vac\n"],
  );

  assert.equal((await home.run('--user', 'remove', 'vac')).code, 0);
  assert.equal((await home.run('--user', 'status')).out, '');
  const unit = join(home.path, '.config/procServ.d/procserv-vac.service');
  assert.equal(existsSync(unit), false);
  assert.deepEqual(readFileSync(join(home.path, 'calls'), 'utf8').split('\n'), [
    `--user enable ${unit}`,
    '--user daemon-reload',
    '--user stop procserv-vac.service',
    '--user disable procserv-vac.service',
    '--user daemon-reload',
    '',
  ]);
});

test('by TCP and telnet', { skip: missing('telnet') }, async (t) => {
  const home = new Home(t);
  await home.run('--user', 'add', '-C', join(home.path, 'work'), '-P', '127.0.0.1:0', 'rf', './st.cmd');
  const launcher = await home.launch('rf');
  await launcher.stdout.expect(/rf in /);
  const terminal = await home.attach('rf');
  await terminal.expect(/Welcome to procServ/);
  terminal.type('hello\r');
  await terminal.expect(/got hello/);
  assert.equal(readFileSync(`/proc/${terminal.child.pid}/comm`, 'utf8'), 'telnet\n');
  terminal.type('\x04');
  await terminal.expect(/closed by foreign host/);
});

test('remove asks at a terminal, and no is an answer', async (t) => {
  const home = new Home(t);
  await home.run('--user', 'add', '-C', join(home.path, 'work'), 'a', './st.cmd');
  const file = join(home.path, '.config/procServ.d/a.conf');
  const env = Object.entries(home.env).map(([key, value]) => `${key}=${value}`);
  for (const [answer, code] of [
    ['n', 1],
    ['y', 0],
  ] as const) {
    const terminal = await Terminal.run(t, [join(BIN, 'manage-procs'), '--user', 'remove', 'a'], { env });
    await terminal.expect(/Remove section 'a' from .*a\.conf \? \[yN\]/);
    terminal.type(`${answer}\n`);
    assert.equal((await terminal.ended).code, code);
    assert.equal(existsSync(file), code === 1);
  }
});

test('a launcher without its section, or with a bad one, reports it and ends with 1', async (t) => {
  const home = new Home(t);
  mkdirSync(join(home.path, '.config'));
  writeFileSync(
    join(home.path, '.config/procServ.conf'),
    '[base]\ninstance = false\n[empty]\nchdir=/\n[open]\ncommand = "x\n',
  );
  for (const [name, message] of [
    ['none', /no section \[none\]/],
    ['base', /is not an instance/],
    ['empty', /procServ\.conf:3: empty\.command: there is none/],
    ['open', /procServ\.conf:6: open\.command: no closing "/],
  ] as const) {
    const launcher = new Program(t, join(BIN, 'procServ-launcher'), ['--user', name], { env: home.env });
    assert.equal((await launcher.exited).code, 1);
    assert.match(await launcher.stderr.whole(), message);
  }
});
