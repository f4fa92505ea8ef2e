// `holdfast attach` as a user has it: the real program on a real terminal, a server on a real unix socket.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DeathInfo } from '../../src/model/api.ts';
import type { FakeConsole } from '../fakes/fake-console.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { person } from '../fakes/principals.ts';
import { type ControlServer, serveControl } from '../harness/control-server.ts';
import { PtyProgram } from '../harness/pty-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const holdfast = join(root, 'bin/holdfast');

const death: DeathInfo = {
  ...{ time: '2026-03-01T03:00:00.000Z', pid: 7, code: 0, signal: null, coreDumped: false },
  ...{ uptimeSeconds: 1, maxRssKib: 0, outOfMemory: false, lastLines: [] },
};

let folder: string;
let socket: string;
let host: FakeHost;
let console: FakeConsole;
let server: ControlServer;
let programs: PtyProgram[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-attach-'));
  socket = join(folder, 'control');
  host = new FakeHost();
  console = host.add('vac-01');
  server = await serveControl(host, socket);
  programs = [];
});

afterEach(async () => {
  for (const program of programs) {
    program.close();
    await program.ended;
  }
  await server.kill();
  rmSync(folder, { recursive: true });
  assert.deepEqual(server.faults, []);
});

async function start(...argv: string[]): Promise<PtyProgram> {
  const program = await PtyProgram.start(argv, { HOLDFAST_SOCKET: socket }, 160);
  programs.push(program);
  return program;
}

async function attach(...words: string[]): Promise<PtyProgram> {
  const program = await start(holdfast, 'attach', 'vac-01', ...words);
  await program.until('live from here');
  return program;
}

/** Turns the event loop until a condition of the server in this process holds. */
async function eventually(so: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !so(); await new Promise(setImmediate)) {
    assert.ok(Date.now() < deadline, so.toString());
  }
}

test('history comes first, then a mark, then live output', async () => {
  console.say('one\r\ntwo\r\n');
  const program = await attach();
  console.say('three\r\n');
  await program.until('three');
  assert.match(
    program.shown,
    /one\r\ntwo\r\n.*live from here, read-only \(\^\] t to type\); \^\] \? for help --\r\nthree/s,
  );
  const writer = await attach('--write');
  await writer.until('you have the keyboard');
  assert.match(writer.shown, /three\r\n.*live from here; \^\] \? for help --\r\n.*you have the keyboard/s);
});

test('far more than the window of the server is shown, all of it and once', async () => {
  const program = await attach();
  const text = Array.from({ length: 90_000 }, (_, n) => `${n}\r\n`).join('');
  assert.ok(text.length > 2 * 262_144);
  console.say(text);
  console.say('the end');
  await program.until('the end');
  assert.ok(program.shown.includes(`${text}the end`));
});

test('an abbreviated name is enough', async () => {
  const program = await start(holdfast, 'attach', 'vac');
  await program.until('vac-01: live from here');
});

test('read-only by default: typed keys are not sent, and that is said once', async () => {
  const program = await attach();
  program.type('ab');
  await program.until('not sent: the keyboard is free; ^] t takes the keyboard');
  program.type('\x1d?');
  await program.until('T  take it by force');
  assert.equal(console.input, '');
});

test('^] t takes the keyboard, l lets it go, ^] d detaches with exit code 0', async () => {
  const program = await attach();
  program.type('\x1dt');
  await program.until('you have the keyboard');
  program.type('dbl\r\x1de');
  program.type('\x1dl');
  await program.until('the keyboard is free');
  assert.equal(console.input, 'dbl\r\x1d');
  program.type('\x1dd');
  await program.until('detached from vac-01');
  assert.equal((await program.ended).code, 0);
});

test('^] s, r, h: stops, starts, restarts, holds and releases, and what hurts is asked about', async () => {
  const program = await attach();
  const verbs = () => host.calls.map(({ verb }) => verb).filter((verb) => verb !== 'enter');
  program.type('\x1dsn');
  await program.until('vac-01: stop it? [y/N] n\r\n-- nothing was done --');
  program.type('\x1dsy');
  await program.until('stop: vac-01 is stopped');
  program.type('\x1ds');
  await program.until('start: vac-01 is running');
  program.type('\x1drY');
  await program.until('restart: vac-01 is running');
  program.type('\x1dhHV card\r');
  await program.until('hold: vac-01 is held');
  program.type('\x1dhy');
  await program.until('release: vac-01 is running');
  assert.deepEqual(verbs(), ['stop', 'start', 'restart', 'hold', 'release']);
  assert.doesNotMatch(program.shown, /it is held/, 'what was asked for here is known here');
  assert.equal(console.input, '');
});

test('who comes is told of a hold, of others, and of what is typed to nothing: once, until it is up', async () => {
  const hold = { reason: 'HV card', by: 'ada', since: '2026-03-01T02:00:00.000Z' };
  const first = await attach('--write');
  await first.until('you have the keyboard');
  const second = await attach();
  console.overrides = { hold };
  console.becomes('held');
  const program = await attach();
  await program.until(
    /-- it is held by ada since 2026-03-0\d \d\d:\d\d:\d\d, until it is released: "HV card";\s+\^\] h ends the hold --/,
  );
  await program.until(`also here: ${userInfo().username} (pid ${second.pid}, attach) --`);
  await program.until(`(pid ${first.pid}, attach) has the keyboard; ^] T takes it by force`);
  first.type('a');
  await first.until('nothing reads this: it is held; ^] h ends the hold');
  first.type('b\x1d?');
  await first.until('this list');
  console.overrides = {};
  console.becomes('running');
  first.type('c');
  await eventually(() => console.input === 'abc');
  assert.equal(first.shown.split('nothing reads this').length, 2);
});

test('who is there is told of what others do to it, and why', async () => {
  const program = await attach();
  const askedBy = person('ada', { reason: 'HV card' });
  console.overrides = { deaths: [{ ...death, askedBy }], hold: { reason: 'vented', by: 'ada', since: death.time } };
  console.becomes('held');
  await program.until('it is held by ada since');
  console.overrides = { deaths: [{ ...death, askedBy }] };
  console.becomes('stopped');
  await program.until('its hold is over');
  for (const state of ['starting', 'running', 'stopping', 'stopped'] as const) {
    console.becomes(state);
  }
  await program.until('it was stopped by ada via api from localhost: HV card; ^] s starts it');
  for (const state of ['starting', 'running', 'stopping', 'waiting', 'starting'] as const) {
    console.becomes(state);
  }
  await program.until('it is restarted by ada via api from localhost: HV card');
  console.overrides = { deaths: [death] };
  for (const state of ['running', 'waiting', 'starting', 'running'] as const) {
    console.becomes(state);
  }
  program.type('\x1d?');
  await program.until('this list');
  assert.equal(program.shown.split('ada').length, 4, 'nobody had asked for the rest');
});

test('^C in a read-only attach says how to leave', async () => {
  const program = await attach();
  program.type('\x03');
  await program.until('^C is not sent, since this is read-only; ^] d leaves');
  const without = await attach('--escape', 'none');
  without.type('\x03');
  await without.until(`^C is not sent, since this is read-only; 'kill ${without.pid}' ends this`);
});

test('another escape key leaves ^] to the console', async () => {
  const program = await attach('--write', '--escape', '^A');
  await program.until('you have the keyboard');
  program.type('\x1dx\x01.');
  assert.equal((await program.ended).code, 0);
  assert.equal(console.input, '\x1dx');
});

test('the writer is named; T takes the keyboard by force, and the other is told', async () => {
  const first = await attach('--write');
  await first.until('you have the keyboard');
  const second = await attach('--write');
  const { username } = userInfo();
  await second.until(`refused: ${username} (pid ${first.pid}) has the keyboard; ^] T takes it by force`);
  await second.until(`${username} (pid ${first.pid}, attach) has the keyboard`);
  second.type('x');
  await second.until(`not sent: ${username} (pid ${first.pid}, attach) has the keyboard; ^] T takes it by force`);
  second.type('\x1dT');
  await second.until('you have the keyboard');
  await first.until(`${username} (pid ${second.pid}, attach) has the keyboard`);
});

test('the size of the window is passed on while writing, and only then', async () => {
  const program = await attach();
  program.resize(100, 30);
  program.type('x');
  await program.until('not sent');
  program.type('\x1d?');
  await program.until('this list');
  assert.deepEqual(console.sizes, []);
  program.type('\x1dt');
  await eventually(() => console.sizes.at(-1) === '100x30');
  program.resize(120, 40);
  await eventually(() => console.sizes.at(-1) === '120x40');
});

test('the server dies and comes back: the session goes on where it stopped, with its keyboard', async () => {
  console.say('before\r\n');
  const program = await attach('--write');
  await program.until('you have the keyboard');
  await server.kill();
  await program.until('the server is gone');
  console.say('meanwhile\r\n');
  server = await serveControl(host, socket);
  await program.until('this goes on where it stopped');
  console.say('after\r\n');
  await program.until('after');
  assert.match(program.shown, /goes on where it stopped --\r\n.*meanwhile\r\n.*after/s);
  assert.equal(program.shown.split('before').length, 2, 'nothing is shown twice');
});

test('input typed while the server is gone is not sent, and that is the reason given', async () => {
  const program = await attach('--write');
  await program.until('you have the keyboard');
  await server.kill();
  await program.until('the server is gone');
  program.type('x');
  await program.until('not sent: the server is gone --');
  server = await serveControl(host, socket);
  await program.until(/goes on where it stopped --.*you have the keyboard/s);
  program.type('y');
  await eventually(() => console.input === 'y');
});

test('input from a pipe while the server is gone waits for it', async () => {
  const feeder = '(echo one; read go; echo two; echo fed >&2; read go)';
  const program = await start('/bin/sh', '-c', `${feeder} | ${holdfast} attach vac-01 --write`);
  await eventually(() => console.input === 'one\n');
  await server.kill();
  await program.until('the server is gone');
  program.type('\r');
  await program.until('fed');
  server = await serveControl(host, socket);
  await eventually(() => console.input === 'one\ntwo\n');
});

test('a session that lost the keyboard to another does not get it back from a new server', async () => {
  const first = await attach('--write');
  await first.until('you have the keyboard');
  const second = await attach();
  second.type('\x1dT');
  await second.until('you have the keyboard');
  await server.kill();
  await first.until('the server is gone');
  second.type('\x1dd');
  assert.equal((await second.ended).code, 0);
  server = await serveControl(host, socket);
  await first.until('this goes on where it stopped');
  first.type('x');
  await first.until('not sent: ');
  assert.equal(console.writer, undefined);
  assert.equal(console.input, '');
});

test('removing the console ends it, with the reason', async () => {
  const program = await attach();
  host.remove('vac-01');
  await program.until('ended: the console was removed');
  assert.equal((await program.ended).code, 0);
});

test('no such console: exit code 66, and the terminal is not touched', async () => {
  const program = await start(holdfast, 'attach', 'nope');
  assert.equal((await program.ended).code, 66);
  assert.match(program.shown, /no console is called 'nope'/);
});

/** Runs the command in a shell that prints the terminal settings before and after it. */
async function between(command: string): Promise<PtyProgram> {
  return start(
    '/bin/sh',
    '-c',
    `echo "before:$(stty -g)"; ${command}; echo "status:$?"; echo "after:$(stty -g)"; read wait`,
  );
}

async function restored(program: PtyProgram, status: number): Promise<void> {
  await program.until(/after:[\w:]+\r\n/);
  const [, before] = /before:([\w:]+)/.exec(program.shown) ?? [];
  const [, after] = /after:([\w:]+)/.exec(program.shown) ?? [];
  assert.ok(before);
  assert.equal(after, before);
  assert.match(program.shown, new RegExp(`status:${status}\\r\\n`));
}

for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
] as const) {
  test(`${signal} restores the terminal, including modes that the program of the console switched on`, async () => {
    const program = await between(`${holdfast} attach vac-01`);
    await program.until('live from here');
    console.say('\x1b[?1049h\x1b[?25l\x1b[?20');
    console.say('04h*');
    await program.until('2004h*');
    process.kill(program.child(), signal);
    await restored(program, status);
    assert.ok(program.shown.includes('*\x1b[?1049l\x1b[?2004l\x1b[?25h\x1b[23;2t'), program.shown);
  });
}

test('detaching restores the terminal', async () => {
  const program = await between(`${holdfast} attach vac-01`);
  await program.until('live from here');
  program.type('\x1d.');
  await restored(program, 0);
});

test('an uncaught exception restores the terminal', async () => {
  const program = await between(`${join(root, 'build/node')} ${join(root, 'test/harness/raw-terminal-crash.ts')}`);
  await program.until('raw\r');
  program.type('x');
  await restored(program, 1);
  assert.match(program.shown, /undone/);
  assert.match(program.shown, /a defect/);
});

test('SIGTSTP restores the terminal while stopped, SIGCONT takes it again', async () => {
  const program = await start(
    '/bin/sh',
    '-c',
    `set -m; echo "before:$(stty -g)"; ${holdfast} attach vac-01; echo "stopped:$(stty -g)"; fg; echo "status:$?"; echo "after:$(stty -g)"; read wait`,
  );
  await program.until('live from here');
  process.kill(program.child(), 'SIGTSTP');
  await program.until(/stopped:[\w:]+\r\n/);
  const [, before] = /before:([\w:]+)/.exec(program.shown) ?? [];
  assert.match(program.shown, new RegExp(`stopped:${before}`));
  console.say('again\r\n');
  await program.until('again');
  program.type('\x1dd');
  await restored(program, 0);
});
