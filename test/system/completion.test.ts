// The completion of real shells in a terminal: a line, a Tab, and what is on the line then.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { HOLDFAST, HostUnderTest } from '../harness/host.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';
import { Terminal } from '../harness/terminal.ts';

/** The input before a Tab, and the line after it. */
const LINES = [
  ['holdfast att', 'holdfast attach '],
  ['holdfast attach TS', 'holdfast attach TS:vac.1 '],
  ['holdfast attach TS:v', 'holdfast attach TS:vac.1 '],
  ['holdfast stop rf-01 vac-01 rf', 'holdfast stop rf-01 vac-01 rf-02 '],
  ['holdfast ps --group=cry', 'holdfast ps --group=cryo '],
  ['holdfast ps -s cra', 'holdfast ps -s crash-looping '],
  ['holdfast signal rf-01 -s USR1 --rea', 'holdfast signal rf-01 -s USR1 --reason '],
  ['holdfast signal rf-01 --signal WI', 'holdfast signal rf-01 --signal WINCH '],
  ['holdfast import man', 'holdfast import manage-iocs '],
  ['holdfast access -u roo', 'holdfast access -u root '],
  ['holdfast up --config=f/ho', 'holdfast up --config=f/holdfast.toml '],
  ['holdfast token create --may rea', 'holdfast token create --may read '],
  ['procServ --logsi', 'procServ --logsize '],
  ['procServ -c f/fol', 'procServ -c f/folder/'],
  ['procServ 2000 f/ho', 'procServ 2000 f/holdfast.toml '],
  ['conserver -C f/ho', 'conserver -C f/holdfast.toml '],
  ['console -z recon', 'console -z reconfig '],
  ['manage-procs write', 'manage-procs write-procs-cf '],
  ['isis -ff/ho', 'isis -ff/holdfast.toml '],
  ['isisCmd --time', 'isisCmd --timeout '],
  ['execISIS -n f/ho', 'execISIS -n f/holdfast.toml '],
] as const;

/** Each prints the line that is being typed, in angle brackets, at Ctrl-G. */
const SHELLS = {
  bash: {
    file: 'rc',
    start: `PS1='go> '\nsource <(holdfast completion bash)\nbind -x '"\\C-g": printf "<%s>\\n" "$READLINE_LINE"'\n`,
    words: (folder: string) => ['bash', '--noprofile', '--rcfile', join(folder, 'rc'), '-i'],
  },
  zsh: {
    file: '.zshrc',
    start: `PROMPT='go> '\nautoload -Uz compinit\ncompinit -u -D\nsource <(holdfast completion zsh)
show() { print -r -- "<$BUFFER>" }\nzle -N show\nbindkey '^G' show\n`,
    words: () => ['zsh', '-i'],
  },
  fish: {
    file: 'config.fish',
    start: `function fish_prompt\n  echo 'go> '\nend\nholdfast completion fish | source\nbind \\cg 'printf "<%s>\\n" (commandline | string collect)'\n`,
    words: (folder: string) => ['fish', '--no-config', '-i', '-C', `source ${join(folder, 'config.fish')}`],
  },
};

async function shell(
  t: TestContext,
  name: keyof typeof SHELLS,
  env: Readonly<Record<string, string>>,
): Promise<Typist> {
  const { file, start, words } = SHELLS[name];
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, file), start);
  mkdirSync(join(folder, 'f/folder'), { recursive: true });
  writeFileSync(join(folder, 'f/holdfast.toml'), '');
  const all = {
    ...{ HOME: folder, ZDOTDIR: folder, XDG_CONFIG_HOME: folder, TERM: 'vt100', LANG: 'C.UTF-8' },
    ...{ PATH: `${dirname(HOLDFAST)}:/usr/bin:/bin`, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '', ...env },
  };
  const list = Object.entries(all).map(([key, value]) => `${key}=${value}`);
  const argv = ['env', '-i', '-C', folder, ...list, ...words(folder)];
  const terminal = await Terminal.run(t, argv, { columns: 200 });
  await terminal.expect(/go> /);
  return new Typist(terminal);
}

class Typist {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The line after a Tab at its end. */
  async complete(line: string): Promise<string> {
    this.#terminal.type(`${line}\t\x07`);
    const [, completed = ''] = await this.#terminal.expect(/<([a-zA-Z-]+ [^>]*)>/);
    this.#terminal.type('\x15');
    return completed;
  }
}

for (const name of ['bash', 'zsh', 'fish'] as const) {
  test(`${name} completes commands, options and values of every program`, { skip: missing(name) }, async (t) => {
    const host = await HostUnderTest.start(
      t,
      `[console]
rf-01 = { run = ["cat"] }
rf-02 = { run = ["cat"] }
vac-01 = { run = ["cat"], groups = ["cryo"] }
"TS:vac.1" = { run = ["cat"] }\n`,
    );
    const typist = await shell(t, name, { HOLDFAST_SOCKET: host.control });
    for (const [typed, completed] of LINES) {
      assert.equal((await typist.complete(typed)).trimEnd(), completed.trimEnd(), typed);
    }
  });

  test(`${name}: a server that hangs or is not there leaves the line as it is`, { skip: missing(name) }, async (t) => {
    const path = join(temporaryDirectory(t), 'control');
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(path, resolve));
    atEnd(t, () => void silent.close());
    for (const socket of [path, '/no/such/socket']) {
      const typist = await shell(t, name, { HOLDFAST_SOCKET: socket });
      assert.equal(await typist.complete('holdfast attach rf'), 'holdfast attach rf');
      assert.equal((await typist.complete('holdfast att')).trimEnd(), 'holdfast attach');
    }
  });
}

test('what another program of that name takes is not offered', { skip: missing('bash') }, async (t) => {
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, 'procServ'), '#!/bin/sh\n', { mode: 0o755 });
  const typist = await shell(t, 'bash', { PATH: `${folder}:${dirname(HOLDFAST)}:/usr/bin:/bin` });
  assert.equal(await typist.complete('procServ --logsi'), 'procServ --logsi');
  assert.equal((await typist.complete('procServ f/ho')).trimEnd(), 'procServ f/holdfast.toml');
});
