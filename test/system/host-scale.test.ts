// Many consoles on one host: the usual work with them, and whether anything grows while they print.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../harness/client.ts';
import { HostUnderTest, perl, SOAK } from '../harness/host.ts';
import { descriptors, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** `HOLDFAST_SOAK=1`: as many as required; otherwise as many as every test run can bear. */
const CONSOLES = SOAK ? 1000 : 100;
const CHATTER = SOAK ? 300_000 : 3000;
/** Seconds between two lines of one console. */
const PAUSE = SOAK ? 1 : 0.1;
const MIB = 1 << 20;
/** Warm programs grow by at most this many bytes: rings and heaps vary in size. */
const BREATH = 24 * MIB;

const TALKER = `$| = 1; $SIG{TERM} = sub { exit 0 }; print "epics> \\n"; select undef, undef, undef, rand ${PAUSE};
  while (1) { print "line ", ++$n, " of a quiet afternoon\\n"; select undef, undef, undef, ${PAUSE}; }`;

interface Size {
  readonly descriptors: number;
  /** Bytes. */
  readonly resident: number;
  readonly timers: number;
}

async function sizeOf(pid: number, probe: string): Promise<Size> {
  const path = `${probe}.${pid}`;
  const linesOf = () => {
    try {
      // Whole lines: the last may be incomplete.
      return readFileSync(path, 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  };
  const before = linesOf().length;
  process.kill(pid, 'SIGUSR2');
  await until('an answer of the probe', () => linesOf().length > before);
  const { Timeout = 0 } = JSON.parse(linesOf().at(-1) as string) as { Timeout?: number };
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) as RegExpExecArray;
  return { descriptors: descriptors(pid), resident: Number(kib) * 1024, timers: Timeout };
}

/** Polls until the effects of earlier work are gone: connections close, timers run out. */
async function settled(pid: number, probe: string, wanted?: Size): Promise<Size> {
  let last = await sizeOf(pid, probe);
  for (let look = 0; look < 60; look++) {
    if (wanted && last.descriptors <= wanted.descriptors && last.timers <= wanted.timers) {
      return last;
    }
    await pause(250);
    const now = await sizeOf(pid, probe);
    if (!wanted && now.descriptors === last.descriptors && now.timers === last.timers) {
      return now;
    }
    last = now;
  }
  return last;
}

function tables(description: string): string {
  const names = Array.from({ length: CONSOLES }, (_, i) => `c${i}`);
  const all = names.map((name, i) => {
    const own = i === 0 ? `, description = "${description}"` : '';
    return `${name} = { template = "talker", endpoints = ["unix:${name}.sock"]${own} }`;
  });
  return `[template.talker]\n${perl(TALKER)}\nready.pattern = "^epics>"\nstop = [{ signal = "TERM" }, { wait = "30s" }]\n\n[console]\n${all.join('\n')}\n`;
}

/** Runs it and returns its duration. */
async function timed<T>(t: TestContext, what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  t.diagnostic(`${what}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
}

test(`${CONSOLES} consoles: start, ps, attach, reload, a new server; nothing grows under chatter`, {
  timeout: SOAK ? 1_200_000 : 180_000,
}, async (t) => {
  const probe = join(temporaryDirectory(t), 'probe');
  const env = {
    NODE_OPTIONS: `--require=${join(import.meta.dirname, '../harness/inner-probe.cjs')}`,
    HOLDFAST_TEST_PROBE: probe,
  };
  const host = await timed(t, 'up', () =>
    HostUnderTest.start(t, tables('before'), { server: 'start_at_once = 50', env, patience: 120_000 }),
  );
  const ready = (all: ReadonlyMap<string, { state: string }>) =>
    all.size === CONSOLES && [...all.values()].every(({ state }) => state === 'ready');
  await timed(t, 'all ready', () => host.consoles('all ready', ready));
  const before = await host.pids();
  const holder = await host.holder();

  // The last line that a list has is up to a second old.
  await host.consoles('a line of c0', (all) => /^line \d+ /.test(String(all.get('c0')?.lastLine)));
  const ps = await timed(t, 'ps', () => host.command('ps'));
  assert.equal(ps.code, 0);
  assert.equal(ps.stdout.trim().split('\n').length, CONSOLES + 1);
  assert.match(ps.stdout, /^c0 +ready +\S+ +0 +- +line \d+ of a quiet afternoon/m);

  /** The work of a day, all of it finished when this resolves. */
  const round = async (): Promise<void> => {
    for (const name of ['c1', `c${CONSOLES - 1}`]) {
      let text = '';
      const session = await host.attach(
        name,
        { lines: 5 },
        {
          output: (bytes) => {
            text += Buffer.from(bytes).toString();
          },
        },
      );
      await until('a line', () => text.includes('of a quiet afternoon\r\n'));
      session.close();
      const client = await Client.connect(join(host.runtimeDir, `${name}.sock`));
      await client.expect(/of a quiet afternoon\r\n/);
      await client.leave();
    }
    assert.equal((await host.command('ps', '--json')).code, 0);
    assert.equal((await host.command('plan')).code, 0);
  };
  await timed(t, 'attach, telnet, ps --json, plan', round);
  // Once more: everything that is created for the first user exists now.
  await round();

  const server = host.server.pid;
  const first = { server: await settled(server, probe), holder: await settled(holder, probe) };
  const end = performance.now() + CHATTER;
  while (performance.now() < end) {
    await round();
    await pause(Math.min(1000, CHATTER / 4));
  }
  const last = {
    server: await settled(server, probe, first.server),
    holder: await settled(holder, probe, first.holder),
  };
  for (const who of ['server', 'holder'] as const) {
    const [a, b] = [first[who], last[who]];
    t.diagnostic(
      `${who} over ${CHATTER / 1000} s of chatter: descriptors ${a.descriptors} -> ${b.descriptors}, timers ${a.timers} -> ` +
        `${b.timers}, resident ${(a.resident / MIB).toFixed(1)} -> ${(b.resident / MIB).toFixed(1)} MiB`,
    );
    assert.ok(b.descriptors <= a.descriptors, `descriptors of the ${who}`);
    assert.ok(b.timers <= a.timers, `timers of the ${who}`);
    assert.ok(b.resident - a.resident < BREATH, `memory of the ${who}`);
  }

  host.configure(tables('after'));
  const plan = await timed(t, 'plan with one change', () => host.command('plan', '--json'));
  assert.equal(plan.code, 2);
  assert.deepEqual(JSON.parse(plan.stdout).steps, [
    { action: 'change', console: 'c0', keys: ['description'], effect: 'live' },
  ]);
  assert.equal((await timed(t, 'reload', () => host.command('reload'))).code, 2);
  assert.equal((await host.command('reload')).code, 0);
  assert.deepEqual(await host.pids(), before);

  await host.kill();
  await timed(t, 'new server after SIGKILL, up', () => host.up());
  await timed(t, 'endpoints of the new server', async () => {
    for (const name of ['c0', `c${CONSOLES - 1}`]) {
      await (await Client.connect(join(host.runtimeDir, `${name}.sock`))).expect(/PID: \d+\r\n/);
    }
  });
  assert.deepEqual(await host.pids(), before);
  assert.equal(await host.holder(), holder);
  for (const name of ['c0', `c${CONSOLES - 1}`]) {
    const numbers = [...host.log(name).matchAll(/^line (\d+) /gm)].map(([, number]) => Number(number));
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, i) => i + 1),
      `the log of ${name}`,
    );
  }
  assert.equal((await timed(t, 'down --all', () => host.command('down', '--all', '--yes'))).code, 0);
  await host.exited();
});
