// ISIS servers inside a real host server: configured, watched, sent messages, changed, told to end.

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { IsisClient } from '../../src/isis/client/index.ts';
import type { EventInfo } from '../../src/model/api.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import type { IsisHostInfo, IsisMessage, IsisReply, IsisSummary } from '../../src/model/isis-port.ts';
import { linesOf } from '../../src/platform/lines.ts';
import { atEnd } from '../harness/at-end.ts';
import { isRoot } from '../harness/machine.ts';

const holdfast = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hf-isis-'));
const file = join(folder, 'holdfast.toml');
const env = { ...process.env, HOLDFAST_SOCKET: join(folder, 'run/control') };
const LOOK = '[[access.rule]]\nwho = ["bin"]\nmay = ["read"]\n';
const RULE = '[[access.rule]]\nwho = ["daemon"]\non = ["isis.mods1"]\nmay = ["write"]\nreason = "required"\n';
const SERVER = `[server]\nruntime_dir = "run"\nstate_dir = "state"\nlog_dir = "log"\ncontrol_mode = "0666"\n${RULE}${LOOK}`;
let server: ChildProcess;

before(async () => {
  writeFileSync(join(folder, 'isis.ini'), `ServerID XIS\nServerPort 0\nListen 127.0.0.1\nServerLog ${folder}/xis\n`);
  writeFileSync(file, `${SERVER}[isis.mods1]\nport = 0\n[isis.old]\nini = "isis.ini"\n`);
  chmodSync(folder, 0o711);
  server = spawn(holdfast, ['up', '--foreground', '-c', file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of linesOf(server.stderr as NonNullable<ChildProcess['stderr']>)) {
    if (line.startsWith('holdfast: up')) {
      return;
    }
  }
  assert.fail('the server ended without a word');
});

after(async () => {
  const ended = server.exitCode === null ? once(server, 'exit') : undefined;
  await runs('down', '--all', '--yes');
  await ended;
  rmSync(folder, { recursive: true });
});

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function runs(...words: string[]): Promise<Result> {
  return runsProgram(holdfast, words);
}

function runsProgram(program: string, words: readonly string[]): Promise<Result> {
  return new Promise((resolve) =>
    execFile(program, words, { env, timeout: 20_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    ),
  );
}

async function json<T>(...words: string[]): Promise<T> {
  const { out, err } = await runs(...words, '--json');
  assert.ok(out !== '', err);
  return JSON.parse(out) as T;
}

async function summary(name: string): Promise<IsisSummary> {
  const all = await json<readonly IsisSummary[]>('isis');
  return all.find((one) => one.name === name) ?? assert.fail(`no ${name}`);
}

async function agent(t: TestContext, id: string, instance: string): Promise<IsisClient> {
  const { id: serverId, port } = await summary(instance);
  const client = await IsisClient.open({ id, host: '127.0.0.1', port, serverId });
  atEnd(t, () => client.close());
  await client.request(serverId, 'PING');
  return client;
}

test('several instances, each with its state, hosts, ports and log', async (t) => {
  const [mods1, old] = [await summary('mods1'), await summary('old')];
  assert.deepEqual([mods1.state, mods1.id, mods1.address, mods1.source], ['running', 'IS', '127.0.0.1', file]);
  assert.deepEqual([old.state, old.id, old.source], ['running', 'XIS', join(folder, 'isis.ini')]);
  assert.notEqual(mods1.port, old.port);
  assert.ok(mods1.log?.startsWith(join(folder, 'log/isis.mods1.')) && existsSync(mods1.log), mods1.log);
  await agent(t, 'TCS', 'mods1');
  const hosts = await json<readonly IsisHostInfo[]>('isis', 'hosts', 'mods1');
  assert.deepEqual(
    hosts.map(({ name, slot, via }) => [name, slot, via]),
    [['TCS', 0, 'udp']],
  );
  assert.deepEqual(await json('isis', 'hosts', 'old'), []);
  assert.deepEqual(await json('isis', 'ports', 'mods1'), { serial: [], presets: [] });
});

test('send and ping speak as the server; exit codes give the result', async (t) => {
  const client = await agent(t, 'M1.IE', 'mods1');
  client.handle('filter', async (command) => {
    command.status('moving');
    return `Filter=${command.args}`;
  });
  const reply = await json<IsisReply>('isis', 'send', 'mods1', 'm1.ie', 'filter', '3');
  assert.deepEqual(
    reply.messages.map(({ type, from, to }) => [type, from, to]),
    [
      ['status', 'M1.IE', 'IS'],
      ['done', 'M1.IE', 'IS'],
    ],
  );
  assert.equal(reply.outcome, 'done');
  assert.equal((await json<IsisReply>('isis', 'ping', 'mods1', 'M1.IE')).outcome, 'pong');
  assert.equal((await runs('isis', 'send', 'mods1', 'M1.IE', 'nonsense')).code, 1);
  assert.match((await runs('isis', 'send', 'mods1', 'IS', 'hosts')).out, /^DONE: HOST numHosts=/);
  assert.equal((await runs('isis', 'send', 'mods1', 'NOBODY', 'x')).code, 66);
  assert.equal((await runs('isis', 'hosts', 'nope')).code, 66);
  assert.equal((await runs('isis', 'hosts')).code, 66);
  assert.equal((await runs('isis', 'send', 'mods1')).code, 64);
  assert.equal((await runs('isis', 'send', 'mods1', 'M1.IE', 'a\rIS>X b')).code, 1);
});

test('who may send is a rule, which may require a reason', {
  skip: isRoot ? false : 'only root may become somebody else',
}, async () => {
  const as = (user: string, ...words: string[]) =>
    runsProgram('setpriv', [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', holdfast, 'isis', ...words]);
  const send = ['send', 'mods1', 'IS', 'hosts'];
  assert.match(
    [await as('daemon', ...send)].map(({ code, err }) => `${code} ${err}`)[0] ?? '',
    /^64 holdfast: isis: a reason is required to send a message by isis\.mods1 \(.*:\d+\); holdfast takes it by --reason TEXT$/m,
  );
  const sent = await as('daemon', ...send, '--reason', 'filter test');
  assert.match(`${sent.code} ${sent.out}`, /^0 DONE: HOST /);
  const other = await as('bin', ...send, '--reason', 'x');
  assert.match(
    `${other.code} ${other.err}`,
    /^77 .*bin may not send a message by isis\.mods1: it takes the right `write`/,
  );
  const { out } = await runs('audit', 'isis.mods1', '--json');
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditRecord);
  assert.deepEqual(
    lines
      .map(({ act, by, outcome, reason, right }) => [outcome, act, by.user, reason, right])
      .filter(([, act, user]) => act === 'sendIsis' && user !== 'root'),
    [
      ['refused', 'sendIsis', 'daemon', undefined, undefined],
      ['done', 'sendIsis', 'daemon', 'filter test', undefined],
      ['refused', 'sendIsis', 'bin', 'x', 'write'],
    ],
  );
});

test('watch shows matching messages, and nothing else', async (t) => {
  const watcher = spawn(holdfast, ['isis', 'watch', 'old', '--host', '?1', '--type', 'ping,request', '--json'], {
    env,
  });
  atEnd(t, () => watcher.kill('SIGKILL'));
  const client = await agent(t, 'B12', 'old');
  atEnd(t, () => client.close());
  const seen: IsisMessage[] = [];
  const done = (async () => {
    for await (const line of linesOf(watcher.stdout)) {
      seen.push(JSON.parse(line) as IsisMessage);
      if (seen.at(-1)?.body === 'TIME') {
        return;
      }
    }
  })();
  // The watcher is ready when it shows its first message, which is sent repeatedly until then.
  const asker = await agent(t, 'A1', 'old');
  atEnd(t, () => asker.close());
  while (seen.length === 0) {
    await asker.request('XIS', 'CONFIG');
    await client.request('XIS', 'CONFIG');
  }
  await asker.request('XIS', 'TIME');
  await done;
  assert.ok(
    seen.every(({ from, type }) => from === 'A1' && ['ping', 'request'].includes(type)),
    JSON.stringify(seen),
  );
  const ended = once(watcher, 'exit');
  watcher.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
  assert.match((await runs('isis', 'watch', 'old', '--type', 'nope')).err, /'nope' is not one of heartbeat, ping/);
});

test('plan and apply add, change and remove; the others go on; the history records it', async () => {
  const before = await summary('old');
  writeFileSync(
    file,
    `${SERVER}[isis.mods1]\nport = 0\nmax_hosts = 5\n[isis.old]\nini = "isis.ini"\n[isis.new]\nport = 0\n`,
  );
  const { steps } = await json<{ steps: unknown[] }>('plan');
  assert.deepEqual(steps, [
    { action: 'change', console: 'isis.mods1', keys: ['max_hosts'], effect: 'live' },
    { action: 'add', console: 'isis.new' },
  ]);
  assert.equal((await runs('reload')).code, 2);
  assert.equal((await summary('mods1')).maxHosts, 5);
  assert.equal((await summary('new')).state, 'running');
  assert.deepEqual((await summary('old')).since, before.since);
  writeFileSync(file, `${SERVER}[isis.mods1]\nport = 0\nmax_hosts = 5\n[isis.old]\nini = "isis.ini"\n`);
  assert.equal((await runs('reload')).code, 2);
  assert.equal((await runs('plan')).code, 0);
  const events = (await runs('events', 'isis.mods1', '--json')).out.trim().split('\n');
  const texts = events.map((line) => (JSON.parse(line) as EventInfo).text);
  assert.equal(texts.filter((text) => text.startsWith('ISIS server IS is open on 127.0.0.1:')).length, 2);
});

test('a port that is taken, and EXEC: QUIT, leave an instance waiting for its next attempt', async () => {
  const { port } = await summary('mods1');
  writeFileSync(file, `${SERVER}[isis.mods1]\nport = 0\nmax_hosts = 5\n[isis.late]\nport = ${port}\n`);
  assert.equal((await runs('reload')).code, 2);
  const late = await summary('late');
  assert.equal(late.state, 'waiting');
  assert.match(late.reason ?? '', /EADDRINUSE|Address already in use/);
  assert.equal((await runs('isis', 'hosts', 'late')).code, 75);
  assert.match((await runs('isis', 'send', 'mods1', 'IS', 'EXEC: QUIT')).out, /IS=OFFLINE/);
  const quit = await summary('mods1');
  assert.deepEqual([quit.state, quit.reason], ['waiting', 'told to end by EXEC: QUIT']);
  assert.match(readFileSync(quit.log ?? join(folder, 'state/events.jsonl'), 'utf8'), /EXEC: QUIT/);
});
