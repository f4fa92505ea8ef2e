/**
 * Runs in a world with its own systemd (test/system/systemd-kills.test.ts): `kill-holders.ts MODE ROUNDS` kills holder
 * and server at all kinds of moments and prints, as JSON, how many processes did not survive. Each process writes a
 * line into /run/starts/NAME when it begins.
 */
import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { connectControl } from '../../src/client/control-connection.ts';
import type { ConsoleSummary } from '../../src/model/api.ts';

const SERVICE = '/sys/fs/cgroup/system.slice/holdfast-holder.service';
const STARTS = '/run/starts';
/** A takeover takes about a third of these milliseconds. */
const TAKEOVER = 500;
const PATIENCE = 60_000;

const client = connectControl('/run/holdfast/control');
const [mode = '', rounds = '1'] = process.argv.slice(2);
const random = (most: number) => Math.random() * most;

/** The main process of the holder's service from the moment it is forked; 0 while there is none. */
function holder(): number {
  for (const folder of [`${SERVICE}/holder`, SERVICE]) {
    try {
      const [first] = readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n');
      if (first) {
        return Number(first);
      }
    } catch {
      // Between two holders.
    }
  }
  return 0;
}

async function settled(what: string, fits: (all: readonly ConsoleSummary[]) => boolean): Promise<Map<string, number>> {
  let last: readonly ConsoleSummary[] = [];
  for (const limit = performance.now() + PATIENCE; performance.now() < limit; await pause(100)) {
    try {
      const { holder: its } = await client.version();
      last = await client.list({});
      if (its.pid === holder() && last.length > 0 && fits(last)) {
        return new Map(last.map(({ name, pid }) => [name, pid ?? 0]));
      }
    } catch {
      // The server is away too.
    }
  }
  throw new Error(
    `${what}: not within ${PATIENCE} ms: ${JSON.stringify(last.map(({ name, state, pid }) => [name, state, pid]))}`,
  );
}

const running = () =>
  settled('all run', (all) => all.every(({ pid, state }) => pid !== undefined && state === 'running'));

function kill(pid: number): void {
  if (pid > 0) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was quicker.
    }
  }
}

/** Kills the holder that comes after `before`, at some moment of its takeover. */
async function killNext(before: number): Promise<void> {
  let next = holder();
  for (
    const limit = performance.now() + PATIENCE;
    (next === before || next === 0) && performance.now() < limit;
    next = holder()
  ) {
    await pause(1);
  }
  await pause(random(TAKEOVER));
  kill(next);
}

async function killServer(): Promise<void> {
  kill((await client.version().catch(() => ({ pid: 0 }))).pid);
}

const differ = (before: Map<string, number>, now: Map<string, number>) =>
  [...before].filter(([name, pid]) => now.get(name) !== pid).map(([name]) => name);

/** The holder dies, and so does the one that takes over, once or twice. */
async function twice(): Promise<readonly string[]> {
  const before = await running();
  const first = holder();
  kill(first);
  await killNext(first);
  if (random(2) < 1) {
    await killNext(holder());
  }
  return differ(before, await running());
}

/** The holder dies while all processes are being started: each begins once. */
async function burst(): Promise<readonly string[]> {
  const names = [...(await running()).keys()];
  await Promise.all(names.map((name) => client.stop(name)));
  await settled('all are down', (all) => all.every(({ pid }) => pid === undefined));
  for (const file of readdirSync(STARTS)) {
    truncateSync(`${STARTS}/${file}`);
  }
  const first = holder();
  const starts = names.map((name) => client.start(name).catch(() => undefined));
  await pause(random(TAKEOVER / 2));
  kill(first);
  await Promise.all(starts);
  const now = await running();
  return names.filter((name) => readFileSync(`${STARTS}/${name}`, 'utf8') !== `${now.get(name)}\n`);
}

/** Server and holder die in any order, while some processes flood. */
async function mixed(): Promise<readonly string[]> {
  const before = await running();
  for (let kills = 1 + Math.floor(random(4)); kills > 0; kills--) {
    if (random(3) < 1) {
      await killServer();
    } else {
      kill(holder());
    }
    await pause(random(TAKEOVER));
  }
  return differ(before, await running());
}

const round = { twice, burst, mixed }[mode];
if (!round) {
  throw new Error(`no mode '${mode}'`);
}
const lost: string[] = [];
let done = 0;
for (; done < Number(rounds); done++) {
  lost.push(...(await round()));
}
const ended = (await client.events({ limit: 10_000 })).flatMap(({ type, text }) =>
  type === 'holder' && !text.endsWith(' 0 ended with the last one') && text.includes('ended with') ? [text] : [],
);
process.stdout.write(JSON.stringify({ rounds: done, lost, ended }));
