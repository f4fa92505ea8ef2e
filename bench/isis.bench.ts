// Routing beside minimal C loops compiled in the same run: `build/node bench/isis.bench.ts [ROUNDS]`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
const program = (name: string): string => join(folder, name);
for (const name of ['isis-loop', 'isis-load']) {
  execFileSync('cc', ['-O2', '-o', program(name), join(here, `${name}.c`)]);
}

interface Server {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
}

/** Whether a process has this UDP port bound. */
function bound(port: number): boolean {
  return readFileSync('/proc/net/udp', 'latin1').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} 0`);
}

async function start(name: string, port: number, command: string, words: readonly string[]): Promise<Server> {
  const child = spawn(command, words, { stdio: 'ignore' });
  while (!bound(port)) {
    await delay(5);
  }
  return { name, port, child };
}

function ini(name: string, port: number, log: string): string {
  const path = program(`${name}.ini`);
  writeFileSync(path, `ServerPort ${port}\nListen 127.0.0.1\n${log}\nNoHandshaking\n`);
  return `-f${path}`;
}

const isis = join(here, '../bin/isis');
const servers = [
  await start('C loop', 26610, program('isis-loop'), ['26610']),
  await start('log on', 26611, isis, ['-d', ini('on', 26611, `ServerLog ${folder}/log`)]),
  await start('log off', 26612, isis, ['-d', ini('off', 26612, 'NoLog')]),
  await start('C loop, batched', 26613, program('isis-loop'), ['26613', 'batch']),
];
/** The load's words, and what its two figures are. */
const LOADS = [
  ['route 1 16 2', 'route, 2 clients, window 16 (messages/s)'],
  ['route 8 8 2', 'route, 16 clients, window 8 (messages/s)'],
  ['cast 15 4 2', 'broadcast to 15 hosts (copies/s)'],
  ['ping 2', 'PING to PONG (us, p50)', 'PING to PONG (us, p99)'],
] as const;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** User and system time of a process, seconds. */
function cpu(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** `value (ratio)` for each server, the ratio to the first. */
function row(title: string, values: readonly number[], digits: number): void {
  const [loop = Number.NaN, ...others] = values.map((value) => value.toFixed(digits));
  const ratios = others.map((value) => `${value} | ${(Number(value) / Number(loop)).toFixed(2)}`);
  console.log(`| ${[title, loop, ...ratios].join(' | ')} |`);
}

const load = (): string => loadavg()[0]?.toFixed(1) ?? '';
const atStart = load();
console.log(
  `| | ${servers.map(({ name }) => name).join(' | ratio | ')} | ratio |\n${'|---'.repeat(servers.length * 2)}|`,
);
for (const [words, title, second] of LOADS) {
  const firsts = servers.map(() => [] as number[]);
  const seconds = servers.map(() => [] as number[]);
  const costs = servers.map(() => [] as number[]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [n, { port, child }] of servers.entries()) {
      const before = cpu(child);
      const output = execFileSync(program('isis-load'), [String(port), ...words.split(' ')], { encoding: 'utf8' });
      const [value = Number.NaN, other = Number.NaN] = output.split(' ').map(Number);
      firsts[n]?.push(value);
      seconds[n]?.push(other);
      costs[n]?.push(((cpu(child) - before) * 1e6) / (value * Number(words.split(' ').at(-1))));
    }
  }
  row(title, firsts.map(median), second === undefined ? 0 : 1);
  if (second === undefined) {
    row('- server, CPU us each', costs.map(median), 2);
    row('- load, CPU us each', seconds.map(median), 2);
  } else {
    row(second, seconds.map(median), 1);
  }
}
console.log(
  `\n${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, medians of ${rounds} interleaved rounds, load average ${atStart} before, ${load()} after`,
);
for (const { child } of servers) {
  child.kill();
  await once(child, 'exit');
}
rmSync(folder, { recursive: true });
