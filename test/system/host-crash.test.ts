import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { HOLDFAST, HostUnderTest, perl, SOAK } from '../harness/host.ts';
import { isAlive } from '../harness/machine.ts';
import { Program } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';

const CONSOLES = SOAK ? 50 : 25;
const KILLS = SOAK ? 100 : 6;

/**
 * Numbered lines beginning with the pid, some hundred to some ten thousand of them; the last one is marked. On TERM it
 * comes at once, after what the terminal did not take yet.
 */
const FLOOD = `
  $SIG{TERM} = sub { $end = 1 };
  sub out { my $text = shift; while (length $text) { substr($text, 0, syswrite(STDOUT, $text) // 0) = "" } }
  $most = 1000 + int rand 20000;
  until ($end) {
    my $text = "";
    for (1 .. 50) { $n++; $text .= "$$ $n\\n" }
    out($text);
    $end = 1 if $n > $most;
    select undef, undef, undef, 0.02 + rand 0.02;
  }
  $n++;
  out("$$ $n last\\n")`;

/** Every line of every child, none twice, none missing; between them only lines of the server. */
function assertComplete(name: string, log: string): void {
  const seen = new Map<string, { count: number; last: boolean }>();
  let current = '';
  for (const line of log.split('\r\n')) {
    const [, pid, number, last] = /^(\d+) (\d+)( last)?$/.exec(line) ?? [];
    if (pid === undefined || number === undefined) {
      assert.match(line, /^(@@@.*)?$/, `${name}: a damaged line`);
      continue;
    }
    const run = seen.get(pid) ?? { count: 0, last: false };
    assert.ok(!run.last, `${name}: more after the last words of ${pid}`);
    assert.equal(Number(number), run.count + 1, `${name}: line after ${run.count} of ${pid}`);
    if (pid !== current) {
      assert.ok(current === '' || seen.get(current)?.last, `${name}: ${pid} speaks before ${current} is over`);
      current = pid;
    }
    seen.set(pid, { count: Number(number), last: last !== undefined });
  }
  assert.ok(seen.get(current)?.last, `${name}: the last words are missing`);
}

test(`${CONSOLES} consoles that flood and restart do not notice ${KILLS} deaths of their server`, {
  timeout: 600_000,
}, async (t) => {
  const names = Array.from({ length: CONSOLES }, (_, i) => `flood-${i}`);
  const tables = names.map((name) => `[console.${name}]\ntemplate = "flood"`).join('\n');
  const template = `[template.flood]\n${perl(FLOOD)}\nrestart.holdoff = "500ms"\nstop = [{ signal = "TERM" }, { wait = "30s" }]\n`;
  const host = await HostUnderTest.start(t, `${template}\n${tables}\n`, { server: 'start_at_once = 50' });
  const holder = await host.holder();
  await host.consoles('all running', (all) => [...all.values()].every(({ state }) => state === 'running'));

  const parts: Uint8Array[] = [];
  let first: number | undefined;
  let next = 0;
  let returned = 0;
  const session = await host.attach(
    'flood-7',
    { lines: 0 },
    {
      back: () => returned++,
      output: (bytes, offset) => {
        first ??= offset;
        assert.equal(offset, parts.length === 0 ? first : next, 'the session did not go on where it was');
        next = offset + bytes.length;
        parts.push(bytes.slice());
      },
      missed: (bytes) => assert.fail(`the session missed ${bytes} bytes`),
    },
  );

  let worst = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await pause(randomInt(0, 250));
    await host.kill();
    if (kill % 3 === 2) {
      // One more in the middle of its start.
      host.launch();
      await pause(randomInt(20, 400));
      await host.kill();
    }
    const before = returned;
    await host.up();
    const up = performance.now();
    await until('the session to come back', () => returned > before);
    worst = Math.max(worst, performance.now() - up);
    assert.equal(await host.holder(), holder);
  }
  t.diagnostic(`the session was back at the latest ${Math.round(worst)} ms after the server`);

  for (const name of names) {
    await host.client.stop(name);
  }
  await host.consoles('all stopped', (all) => [...all.values()].every(({ state }) => state === 'stopped'));
  await until('the last words in the logs', () =>
    names.every((name) => / last\r\n(@@@.*\r\n|\r\n)*$/.test(host.log(name))),
  );
  for (const name of names) {
    assertComplete(name, host.log(name));
  }
  const log = readFileSync(join(host.logDir, 'flood-7.log'));
  const whole = Buffer.concat(parts);
  assert.ok(whole.length > 0);
  assert.deepEqual(
    whole,
    log.subarray(first, (first ?? 0) + whole.length),
    'the session read something else than the log',
  );
  assert.ok(log.length - next < 4096, `${log.length - next} bytes did not reach the session`);
  session.close();
});

test('when the holder dies nothing is left behind, the policies start everything again, and the history records it', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `
[console.plain]
run = "echo plain $$; exec sleep 1000"
restart.holdoff = 0
[console.deaf]
${perl('$SIG{HUP} = "IGNORE"; $| = 1; print "deaf $$\\n"; sleep 1000')}
restart.holdoff = 0
[console.once]
run = "echo once $$; exec sleep 1000"
restart = "never"
[console.off]
run = "exec sleep 1000"
start = false
[console.stopped]
run = "exec sleep 1000"
[console.slow]
run = "echo slow $$; exec sleep 1000"
ready = { pattern = "never", within = "1h" }
restart.holdoff = 0
`,
  );
  await host.client.stop('stopped');
  await host.state('stopped', 'stopped');
  for (const name of ['plain', 'deaf', 'once', 'slow']) {
    await host.said(name, `${name} `);
  }
  const before = await host.pids();
  const holder = await host.holder();
  let output = '';
  const session = await host.attach(
    'plain',
    { lines: 0 },
    {
      output: (bytes) => {
        output += Buffer.from(bytes).toString();
      },
    },
  );
  process.kill(holder, 'SIGKILL');
  const after = await host.consoles('all but the old children', (all) =>
    ['plain', 'deaf', 'slow'].every((name) => {
      const pid = all.get(name)?.pid;
      return pid !== undefined && pid !== before[name];
    }),
  );
  assert.notEqual(await host.holder(), holder);
  for (const [name, pid] of Object.entries(before)) {
    if (pid !== undefined) {
      await until(`the old ${name} to be gone`, () => !isAlive(pid));
    }
  }
  assert.equal(after.get('off')?.state, 'stopped');
  assert.equal(after.get('stopped')?.state, 'stopped');
  await host.state('once', 'failed');
  await host.event('the end of the holder', ({ type, text }) => type === 'holder' && /the holder is gone/.test(text));
  await host.event(
    'the end of a child',
    ({ type, console, death }) => type === 'ended' && console === 'deaf' && death?.pid === before.deaf,
  );
  const now = await host.pids();
  await host.said('plain', `plain ${now.plain}\r\n`);
  await until('the session to go on with the new child', () => output.includes(`plain ${now.plain}\r\n`));
  session.close();

  // The next server finds everything as it is with the new holder.
  await host.kill();
  await host.up();
  assert.deepEqual(await host.pids(), now);
  const states = new Map((await host.client.list({})).map(({ name, state }) => [name, state]));
  assert.deepEqual(Object.fromEntries(states), {
    ...{ plain: 'running', deaf: 'running', once: 'failed', off: 'stopped', stopped: 'stopped', slow: 'starting' },
  });
});

test('a holder that dies while processes are being started keeps none of them from starting', async (t) => {
  const names = Array.from({ length: 40 }, (_, i) => `p${i}`);
  const tables = names.map((name) => `[console.${name}]\nrun = ["/bin/sleep", "1000"]\nrestart.holdoff = 0\n`).join('');
  const host = await HostUnderTest.start(t, tables, { server: 'start_at_once = 3' });
  for (let i = 0; i < 3; i++) {
    const holder = await host.holder();
    process.kill(holder, 'SIGKILL');
    await until('the holder to be gone', () => !isAlive(holder));
    await host.consoles('all up', (all) =>
      [...all.values()].every(({ state, pid }) => state === 'running' && pid !== undefined && isAlive(pid)),
    );
  }
});

test('a second server with the same configuration is refused with the pid of the first, and does no harm', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\nrun = "exec sleep 1000"\nendpoints = ["unix:a.sock"]\n`);
  await host.state('a', 'running');
  const pids = await host.pids();
  const holder = await host.holder();
  const second = new Program(t, HOLDFAST, ['up', '-f', '-c', host.file]);
  assert.notEqual((await second.exited).code, 0);
  assert.match(await second.stderr.whole(), new RegExp(`\\b${host.server.pid}\\b`));
  const detached = new Program(t, HOLDFAST, ['up', '-c', host.file]);
  assert.equal((await detached.exited).code, 1);
  host.configure(Array.from({ length: 1500 }, (_, at) => `[console.a${at}]\nran = "x"\n`).join(''));
  const mistaken = new Program(t, HOLDFAST, ['up', '-c', host.file]);
  assert.equal((await mistaken.exited).code, 78, 'the exit code of a configuration with errors');
  assert.match(
    await mistaken.stderr.whole(),
    /console\.a1499\.ran: unknown key.*\n$/,
    'all mistakes are told, however many',
  );
  assert.deepEqual(await host.pids(), pids);
  assert.equal(await host.holder(), holder);
  const client = await Client.connect(join(host.runtimeDir, 'a.sock'));
  await client.expect(/@@@ Welcome/);
});

test('a server outlives a parent that started it and left before it was up', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\nrun = ["/bin/sleep", "1000"]\n`);
  await host.kill();
  const server = spawn(HOLDFAST, ['up', '-c', host.file], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOLDFAST_READY_FD: '3' },
  });
  const exited = once(server, 'exit');
  atEnd(t, async () => {
    server.kill('SIGKILL');
    await exited;
  });
  const told = () => {
    try {
      return readlinkSync(`/proc/${server.pid}/fd/3`);
    } catch {
      return undefined;
    }
  };
  const before = told();
  server.stderr?.destroy();
  (server.stdio[3] as Readable).destroy();
  await until('it has told it', () => server.exitCode !== null || told() !== before);
  assert.equal(server.exitCode, null);
  await host.state('a', 'running');
});
