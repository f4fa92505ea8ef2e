/** Our console(1) against the real conserver(8), on real terminals. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CONSOLE,
  noConserver,
  OnTerminal,
  type RunningServer,
  run,
  startConserver,
  within,
} from './conserver-server.ts';

const CF = `default * { rw *; master localhost; logfile @D@/&.log; timestamp ""; }
console alpha { type exec; exec cat; }
console beta { type exec; exec cat; }
access * { trusted 127.0.0.0/8; admin root; }
`;
const options = { skip: noConserver };
const words = ({ port }: RunningServer, ...more: string[]) => [
  '-n',
  '-C',
  '/dev/null',
  '-M',
  '127.0.0.1',
  '-p',
  `${port}`,
  '-E',
  '-l',
  'joe',
  ...more,
];
const shell = (server: RunningServer, ...more: string[]) => [CONSOLE, ...words(server, ...more)].join(' ');

/**
 * Waits until the client listens to the keyboard. Earlier input may get stuck when the terminal becomes raw, so these
 * sessions begin with -A: the replay is the first output in raw mode.
 */
async function joined(terminal: OnTerminal): Promise<void> {
  await terminal.expect("[Enter `^Ec?' for help]\r\n");
  await terminal.expect('[replay]\r\n');
}

/** Waits until the process is in the state (proc(5): `T` stopped, `S` asleep). */
async function reach(pid: number, state: string): Promise<void> {
  const look = async () => {
    while (/\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] !== state) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await within(look(), `process ${pid} to be in state ${state}`);
}

test(
  'a session on a terminal: typing, suspend, move, local command, end; the terminal is as before',
  options,
  async (t) => {
    const server = await startConserver(t, CF);
    const terminal = new OnTerminal(
      t,
      `sh -c 'stty -g; echo pid $$; exec ${shell(server, '-A', 'alpha')}'; echo ended $?; stty -g`,
    );
    const before = (await terminal.expect(/^[0-9a-f:]+\r\n/)).trim();
    const pid = Number(/\d+/.exec(await terminal.expect(/pid \d+\r\n/))?.[0]);
    await joined(terminal);
    terminal.type('\x05cw');
    await terminal.expect('[who alpha]\r\n');
    terminal.type('hello\r');
    await terminal.expect('hello\r\nhello\r\n');

    terminal.type('\x05cz');
    await terminal.expect('[stop]');
    await reach(pid, 'T');
    process.kill(pid, 'SIGCONT');
    await terminal.expect('[press any character to continue');
    terminal.type(' ');
    await terminal.expect(' -- attached]\r\n');

    terminal.type('\x05c;');
    await terminal.expect('[console: ');
    terminal.type('zork\r');
    await terminal.expect(/zork\]\r\n127\.0\.0\.1: console `zork' not found\r+\n\[console: /);
    terminal.type('bex\x7fta\r');
    await joined(terminal);
    terminal.type('\x05cw');
    await terminal.expect('[who beta]\r\n');

    terminal.type('\x05c|');
    await terminal.expect('[exec: ');
    terminal.type('printf "one\\n"; read line; read line; printf "two $line\\n"; read line; exit 3\r');
    await terminal.expect(/\[local command running - pid \d+\]\r\n/);
    await terminal.expect('two one\r\n');
    await terminal.expect(/\[local command terminated - pid \d+: exit\(3\)\]\r\n/);
    terminal.type('\x05c|');
    await terminal.expect('[exec: ');
    terminal.type('exec sleep 60\r');
    await terminal.expect('[local command running');
    terminal.type('oo\x03');
    await terminal.expect('[local command data off]\r\n[local command data on]\r\n[local command sent SIGHUP');
    await terminal.expect('signal(1)]\r\n');

    terminal.type('\x05c.');
    await terminal.expect('[disconnect]\r\n');
    await terminal.expect('ended 0\r\n');
    assert.equal((await terminal.expect(/^[0-9a-f:]+\r\n/)).trim(), before);
  },
);

test('a client that is ended by a signal leaves the terminal as it was', options, async (t) => {
  const server = await startConserver(t, CF);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const script = `stty -g; sh -c 'echo pid $$; exec ${shell(server, '-A', 'alpha')}'; echo ended $?; stty -g`;
    const terminal = new OnTerminal(t, script);
    const before = (await terminal.expect(/^[0-9a-f:]+\r\n/)).trim();
    const pid = Number(/\d+/.exec(await terminal.expect(/pid \d+\r\n/))?.[0]);
    await joined(terminal);
    process.kill(pid, signal);
    await terminal.expect(`ended ${signal === 'SIGTERM' ? 143 : 129}\r\n`);
    assert.equal((await terminal.expect(/^[0-9a-f:]+\r\n/)).trim(), before);
  }
});

test('the exit status is 0 as ever, and the true one with --strict-exit', options, async (t) => {
  const server = await startConserver(t, CF);
  const nowhere = { ...server, port: 1 };
  const cases = [
    [words(server, '-u'), 0],
    [words(server, '-u', 'nosuch'), 1],
    [words(server, '-q'), 1],
    [words(server, '-P'), 0],
    [words(server, '-d', 'joe'), 1],
    [words(nowhere, '-u'), 69],
  ] as const;
  for (const [argv, strict] of cases) {
    assert.equal((await run(CONSOLE, argv)).status, 0, argv.join(' '));
    assert.equal((await run(CONSOLE, [...argv, '--strict-exit'])).status, strict, argv.join(' '));
  }
});

test('-k ends with 69 when the console is down', options, async (t) => {
  const server = await startConserver(t, CF);
  const down = await run(CONSOLE, words(server, 'alpha'), '\x05cd\x05c.');
  assert.match(down.stdout, /\[line down\]/);
  const { status, stderr } = await run(CONSOLE, words(server, '-k', 'alpha'));
  assert.deepEqual([status, stderr], [69, "console: Console is not 'up'. Exiting. (-k)\n"]);
});

test('-7 clears the eighth bit of what is typed', options, async (t) => {
  const server = await startConserver(t, CF);
  const terminal = new OnTerminal(t, shell(server, '-7A', 'alpha'));
  await joined(terminal);
  terminal.type('a\xe1b\r');
  await terminal.expect('aab\r\naab\r\n');
});

test('.consolerc: escape characters, lengths, and texts around the session', options, async (t) => {
  const server = await startConserver(t, CF);
  const rc = join(server.folder, 'consolerc');
  writeFileSync(
    rc,
    `config * { master 127.0.0.1; port ${server.port}; sslenabled no; username ann; escape ^Xq; replay 5; }
terminal * { attach "to c as u\\n"; attachsubst u=us,c=cs; detach "from\\tc\\n"; detachsubst c=cs; }
terminal none { attach wrong; }
`,
  );
  const { stdout, stderr } = await run(CONSOLE, ['-n', '-C', rc, 'alpha'], '\x18qR\r\x18q.');
  assert.equal(stderr, '');
  assert.match(stdout, /^\[Enter `\^Xq\?' for help\]\n/);
  assert.match(stdout, /^to alpha as ann$/m);
  assert.match(stdout, /\[set replay \(5\): 5\]\r\n\[disconnect\]\r\nfrom\talpha\n$/);
});

test('a client that moves leaves its console when it has reached the other, not before', options, async (t) => {
  const server = await startConserver(t, CF);
  const rc = join(server.folder, 'consolerc');
  writeFileSync(rc, 'terminal * { attach "+c\\n"; attachsubst c=cs; detach "-c\\n"; detachsubst c=cs; }\n');
  const terminal = new OnTerminal(t, `${shell(server, '-A', 'alpha')}`.replace('/dev/null', rc));
  await joined(terminal);
  terminal.type('\x05c;');
  await terminal.expect('[console: ');
  terminal.type('nobody\r');
  assert.doesNotMatch(await terminal.expect('[console: '), /-alpha/);
  terminal.type('beta\r');
  await terminal.expect("[Enter `^Ec?' for help]\r\n");
  assert.match(await terminal.expect('+beta'), /^-alpha\r\n/);
});

test('a password is asked for on the terminal, once; three wrong ones end the program', options, async (t) => {
  const cf = CF.replace('trusted', 'allowed');
  const server = await startConserver(t, cf, 'joe:ZkMSqcI9UbOm6\n');
  const terminal = new OnTerminal(t, `stty -g; ${shell(server, '-u')}; stty -g`);
  const before = (await terminal.expect(/^[0-9a-f:]+\r\n/)).trim();
  await terminal.expect(/Enter joe@\S+'s password: /);
  terminal.type('secret\r');
  const rows = await terminal.expect(/ alpha +up +<none>\r/);
  assert.ok(!rows.includes('secret'));
  assert.equal((await terminal.expect(/\n[0-9a-f:]+\r\n/)).trim(), before);
  const wrong = new OnTerminal(t, shell(server, '-x'));
  for (let tries = 0; tries < 3; tries++) {
    await wrong.expect('password: ');
    wrong.type('nope\r');
    await wrong.expect(/127\.0\.0\.1: invalid password\r+\n/);
  }
  await wrong.expect("console: too many bad passwords for `127.0.0.1'");
});
