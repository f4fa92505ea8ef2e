// Every command of holdfast wherever people and scripts run it: on a terminal of 80 columns, a dumb one, without colours, into a pipe, in the
// locale C. A command without a row fails.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { width } from '../../src/cli/holdfast/text/display.ts';
import { type Said, type Stand, standsBy } from '../harness/cli-stand.ts';
import { freePort } from '../harness/free-port.ts';
import { HOLDFAST, HostUnderTest, perl } from '../harness/host.ts';
import { Program } from '../harness/procserv.ts';
import { PtyProgram } from '../harness/pty-program.ts';

const COLUMNS = 80;
const LONG = 'a-console-whose-name-somebody-has-made-of-building-rack-crate-and-slot';
/** In what the site has written. */
const UMLAUT = 'ü';

interface Place extends Stand {
  readonly escapes: 'any' | 'colourless' | 'none';
  readonly letters: 'any' | 'ASCII';
}

const UTF8 = { LANG: 'en_US.UTF-8' };
const PLACES: Readonly<Record<string, Place>> = {
  'a terminal': { columns: COLUMNS, env: { ...UTF8, TERM: 'xterm-256color' }, escapes: 'any', letters: 'any' },
  'TERM=dumb': { columns: COLUMNS, env: { ...UTF8, TERM: 'dumb' }, escapes: 'none', letters: 'any' },
  NO_COLOR: {
    columns: COLUMNS,
    env: { ...UTF8, TERM: 'xterm-256color', NO_COLOR: '1' },
    escapes: 'colourless',
    letters: 'any',
  },
  'a pipe': { env: { ...UTF8, TERM: 'xterm-256color' }, escapes: 'none', letters: 'any' },
  'LANG=C': { columns: COLUMNS, env: { LANG: 'C', TERM: 'xterm-256color' }, escapes: 'any', letters: 'ASCII' },
};

interface Row {
  readonly words: readonly string[];
  /** Exit code [0]. */
  readonly code?: number;
  /** A document or a console's output: not folded. */
  readonly isRaw?: true;
  /** It goes on until Ctrl-C, which comes after this. */
  readonly until?: RegExp;
}

const row = (...words: string[]): Row => ({ words });
const coded = (code: number, ...words: string[]): Row => ({ words, code });
const raw = (...words: string[]): Row => ({ words, isRaw: true });

interface Files {
  readonly main: string;
  readonly wrong: string;
  readonly conserver: string;
  readonly folder: string;
}

/** In the order of the list; what one does is there for the next. `n`: how many times it was done before. */
const ROWS: Readonly<Record<string, (files: Files, n: number) => readonly Row[]>> = {
  ps: () => [
    row('ps'),
    row('ps', 'ready-*'),
    row('ps', '-o', '+pid,memory,group,host,labels'),
    row('ps', '--state', 'crash-looping'),
    raw('ps', '--json'),
    row('ps', '-q'),
    coded(66, 'ps', 'nobody'),
    coded(64, 'ps', '--columns', 'nonsense'),
    coded(69, 'ps', '--socket', '/nonexistent/where-no-server-of-anybody-has-ever-been-or-will-be/control'),
    { ...row('ps', '--watch'), until: /ready-1/ },
  ],
  top: () => [],
  status: () => [
    row('status'),
    ...['ready-1', LONG].map((name) => row('status', name)),
    ...['held', 'loops', 'dark', 'stopped', 'failed'].map((name) => coded(3, 'status', name)),
    row('status', 'unlogged'),
    coded(66, 'status', 'ready'),
  ],
  why: () => [
    row('why'),
    ...['ready-1', 'held', 'loops', 'dark', 'stopped', 'failed', LONG].map((name) => row('why', name)),
  ],
  attach: () => [],
  watch: () => [{ ...raw('watch', 'ready-*'), until: /ready-2 \| / }],
  logs: () => [
    raw('logs', 'ready-1'),
    coded(64, 'logs', 'ready-1', '--since', 'the day before the day after tomorrow, or so'),
    coded(1, 'logs', 'dark'),
  ],
  grep: () => [raw('grep', 'Interlock'), coded(1, 'grep', 'no such text'), coded(64, 'grep', '(')],
  events: () => [
    row('events'),
    row('events', 'loops', '--all'),
    row('events', '--since', '1h', '--type', 'state'),
    coded(64, 'events', '--type', 'nonsense'),
    { ...row('events', '-f'), until: /ready-1/ },
  ],
  audit: () => [row('audit'), row('audit', '--verify'), coded(1, 'audit', '--dir', '/nonexistent')],
  start: () => [
    row('start', 'spare'),
    coded(64, 'start'),
    coded(75, 'start', 'held'),
    row('start', '--no-wait', 'stopped'),
  ],
  stop: () => [
    row('stop', 'spare', '--reason', 'a reason which somebody has taken some time to write down'),
    row('stop', 'stopped'),
  ],
  restart: () => [row('restart', '--yes', 'spare*')],
  signal: () => [row('signal', 'spare', '--signal', 'WINCH'), coded(64, 'signal', 'spare', '--signal', 'WHAT')],
  hold: () => [
    row('hold', 'spare', '--reason', 'the pump is out, and the vacuum group has said that it comes back on Tuesday'),
    coded(64, 'hold', 'spare'),
  ],
  release: () => [row('release', 'spare')],
  send: () => [raw('send', 'echo', '--for', '0.2s', 'dbl'), coded(75, 'send', 'held', 'dbl'), coded(64, 'send', 'dbl')],
  isis: () => [
    row('isis'),
    row('isis', 'hosts', 'mods1'),
    row('isis', 'ports'),
    coded(66, 'isis', 'ping', 'NOBODY'),
    raw('isis', 'send', 'mods1', 'XIS', 'version'),
    coded(64, 'isis', 'nonsense'),
  ],
  init: ({ folder, main }, n) => [
    row('init', '-c', join(folder, `somewhere-else-with-a-long-name-${n}`, 'holdfast.toml')),
    raw('init', '--stdout'),
    coded(1, 'init', '-c', main),
  ],
  up: () => [],
  down: () => [coded(69, 'down', '--socket', '/nonexistent/control')],
  check: ({ main, wrong }) => [row('check', '-c', main), coded(78, 'check', '-c', wrong)],
  show: ({ main }) => [
    raw('show', '-c', main, 'ready-1'),
    raw('show', 'loops', '--origin'),
    coded(66, 'show', 'nobody'),
  ],
  plan: () => [coded(2, 'plan')],
  reload: () => [coded(2, 'reload'), coded(0, 'reload')],
  import: ({ conserver, folder }) => [
    raw('import', 'conserver', conserver),
    coded(64, 'import', 'nonsense'),
    coded(78, 'import', 'conserver', join(folder, 'nonexistent')),
    row('import', '--help'),
  ],
  export: ({ main }) => [
    raw('export', 'conserver', '-c', main),
    coded(64, 'export', 'nonsense'),
    row('export', '--help'),
  ],
  access: () => [row('access'), row('access', 'ready-1')],
  doctor: () => [coded(1, 'doctor')],
  systemd: () => [raw('systemd', 'units'), coded(64, 'systemd', 'nonsense')],
  login: () => [row('login'), coded(64, 'login', 'a:b:c')],
  logout: () => [coded(77, 'logout', 'nobody.example.org')],
  token: () => [
    raw('token', 'create', '--for', '1h', '--label', 'a dashboard in the control room, beside the door'),
    row('token', 'list'),
    coded(1, 'token', 'revoke', 'nonsense'),
  ],
  certificate: ({ folder }, n) => [
    raw('certificate', 'init', '--host', 'ioc1.example.org', '--out', join(folder, `tls-${n}`)),
    coded(64, 'certificate', 'nonsense'),
  ],
  completion: () => [raw('completion', 'bash'), coded(64, 'completion', 'nonsense')],
  version: () => [row('version')],
  help: () => [row('help'), coded(64, 'help', 'nonsense')],
};

interface Site {
  readonly host: HostUnderTest;
  readonly files: Files;
  /** Writes another configuration. */
  readonly edit: (n: number) => void;
}

/** Two of each kind of trouble that a table or a message can have. */
async function site(t: TestContext): Promise<Site> {
  const says = (line: string) => perl(`$| = 1; print ${JSON.stringify(`${line}\n`)}; sleep`);
  const long =
    'Interlock of valve 7: pressure 1.3e-5 mbar above the limit, closing; call the vacuum group before anything is opened again';
  const port = await freePort();
  const consoles = (n: number) => `
[audit]
[isis.mods1]
port = 0
id = "XIS"
[console.ready-1]
description = "Vakuumpumpe 7, ${UMLAUT}ber dem Tor"
run = ["/usr/bin/perl", "-e", "$| = 1; print qq(Interlock\\\\nready ${UMLAUT}ber \\\\e[31mred\\\\e[0m\\\\n); sleep"]
ready.pattern = "ready"
endpoints = ["unix:{name}/control"]
groups = ["vac", "the-group-of-all-that-is-behind-the-shielding"]
labels = { building = "the-one-behind-the-shielding", contact = "the vacuum group, ext. 4711, or whoever is on call" }
[console.ready-2]
${says(long)}
[console.${LONG}]
${says(long)}
description = "a description that is so long that nobody has ever read it to its end, ${UMLAUT}ber it or under it"
[console.held]
run = ["/bin/cat"]
[console.stopped]
run = ["/bin/cat"]
[console.failed]
run = ["/bin/sh", "-c", "echo '${long}'; exit 3"]
restart.policy = "never"
[console.loops]
run = ["/bin/sh", "-c", "echo '${long}'; exit 3"]
restart.holdoff = "0s"
restart.limit = { count = 4, within = "1m" }
[console.dark]
tcp = "127.0.0.1:${port}"
log = false
[console.unlogged]
run = ["/bin/cat"]
log.path = "/proc/nowhere/that/could/ever/be/made/by/anybody/unlogged.log"
[console.echo]
run = ["/bin/cat"]
[console.spare]
run = ["/bin/cat"]
description = "of the ${n}th file"
[console.spare-2]
run = ["/bin/cat"]
`;
  const host = await HostUnderTest.start(t, consoles(0));
  const { folder } = host;
  const files = {
    ...{ folder, main: host.file },
    ...{ wrong: join(folder, 'wrong.toml'), conserver: join(folder, 'conserver.cf') },
  };
  writeFileSync(files.wrong, '[console.a]\nrun = ["/bin/cat"]\nrestart.polcy = "always"\n[console.b]\nrun = 5\n');
  writeFileSync(
    files.conserver,
    'access * { trusted 127.0.0.1; }\nconsole one { master localhost; type exec; exec cat; rw *; initcmd "x"; }\n',
  );
  await host.client.stop('stopped');
  await host.client.hold(
    'held',
    'the pump is out, and the vacuum group has said that it comes back on Tuesday',
    undefined,
  );
  await host.state('loops', 'crash-looping');
  await host.state('failed', 'failed');
  await host.state('ready-1', 'ready');
  await host.consoles('a dark link', (all) => all.get('dark')?.startTrouble !== undefined);
  return { host, files, edit: (n) => host.configure(consoles(n)) };
}

const ESCAPE = '\x1b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLOUR = /\x1b\[[\d;]*m/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all that is not ASCII
const STRANGE = /[^\x00-\x7f]/;

/** Commands that need a process of their own, on a real terminal. */
const ALONE = ({ main, wrong }: Files): readonly Row[] => [
  row('why', 'loops'),
  row('ps'),
  { ...raw('attach', 'ready-1'), until: /Interlock/ },
  coded(66, 'attach', 'nobody'),
  coded(78, 'up', '-c', wrong),
  coded(1, 'up', '-c', main),
];

async function aloneAt(t: TestContext, { columns, env }: Place, host: HostUnderTest, each: Row): Promise<Said> {
  const { control } = host;
  const words = [HOLDFAST, ...each.words];
  const whole = { HOLDFAST_SOCKET: control, NO_COLOR: '', LC_ALL: '', LC_CTYPE: '', ...env };
  if (columns === undefined) {
    const program = new Program(t, HOLDFAST, words.slice(1), { env: whole });
    const [{ code }, out, err] = await Promise.all([program.exited, program.stdout.whole(), program.stderr.whole()]);
    return { code: code ?? -1, out, err };
  }
  const program = await PtyProgram.start(words, whole, columns);
  if (each.until) {
    await program.until(each.until);
    program.type('\x1dd');
  }
  const { code } = await program.ended;
  return { code: code ?? -1, out: Buffer.from(program.shown, 'latin1').toString().replaceAll('\r\n', '\n'), err: '' };
}

/** Text shown for a moment, then removed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const PROGRESS = /[^\n]*\r\x1b\[K/g;

/** Problems of a command's output. */
function faults({ escapes, letters, columns }: Place, { isRaw, code = 0 }: Row, said: Said): readonly string[] {
  const all = `${said.out}${said.err}`;
  const lines = stripVTControlCharacters(all.replaceAll(PROGRESS, '')).split('\n');
  // A word cannot be folded, a label before it neither.
  const wide = lines.filter((line) => width(line) > COLUMNS && !/^ *(\S+(?: \S+)* {2,})?\S+$/.test(line));
  const own = lines.join('\n').replaceAll(UMLAUT, '');
  return [
    ...(said.code === code ? [] : [`exit code ${said.code}, not ${code}`]),
    ...(columns === undefined || isRaw ? [] : wide.map((line) => `${width(line)} columns: ${line}`)),
    ...(escapes === 'none' && !isRaw && all.includes(ESCAPE) ? ['an escape sequence'] : []),
    ...(escapes === 'colourless' && !isRaw && COLOUR.test(all) ? ['a colour'] : []),
    ...(letters === 'ASCII' && STRANGE.test(own) ? [`not ASCII: ${STRANGE.exec(own)}`] : []),
    ...(/\n\s+at .*:\d+:\d+/.test(all) ? ['a stack trace'] : []),
  ];
}

test('every command on every kind of terminal, and into a pipe', async (t) => {
  assert.deepEqual(Object.keys(ROWS).sort(), COMMANDS.map(({ name }) => name).sort(), 'a row for every command');
  const { host, files, edit } = await site(t);
  const found: string[] = [];
  for (const [n, [where, place]] of Object.entries(PLACES).entries()) {
    edit(n + 1);
    const env = { ...place.env, HOME: files.folder, XDG_CONFIG_HOME: files.folder };
    for (const { name } of COMMANDS) {
      const rows = ROWS[name]?.(files, n) ?? [];
      for (const each of [...rows, row(name, '--help'), coded(64, name, '--no-such-option')]) {
        const said = await standsBy({ ...place, env }, host.control, each.words, each.until);
        const wrong = faults(place, each, said);
        if (wrong.length > 0) {
          found.push(`${where}: ${each.words.join(' ')}: ${wrong.join('\n    ')}\n${said.err}`);
        }
      }
    }
  }
  for (const [where, place] of Object.entries(PLACES)) {
    for (const each of ALONE(files).filter(({ until }) => !until || place.columns)) {
      const said = await aloneAt(t, place, host, each);
      found.push(
        ...faults(place, each, said).map((wrong) => `${where}: ${each.words.join(' ')}: ${wrong}\n${said.out}`),
      );
    }
  }
  assert.equal(found.join('\n'), '');
});
