// Routing beside a minimal C loop compiled in the same run: `build/node bench/isis.bench.ts [ROUNDS]`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
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
];
const figures: Readonly<Record<string, readonly string[]>> = {
  'route, 2 clients, window 16 (messages/s)': ['route', '1', '16', '2'],
  'route, 16 clients, window 8 (messages/s)': ['route', '8', '8', '2'],
  'PING to PONG (us, p50)': ['ping', '1'],
};

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** User and system time of a process, seconds. */
function cpu(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, medians of ${rounds} interleaved rounds\n`,
);
console.log('| | C loop | log on | ratio | log off | ratio | CPU us/message on, off |\n|---|---|---|---|---|---|---|');
for (const [title, words] of Object.entries(figures)) {
  const results = servers.map(() => [] as number[]);
  const costs = servers.map(() => [] as number[]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [n, { port, child }] of servers.entries()) {
      const before = cpu(child);
      const value = Number.parseFloat(
        execFileSync(program('isis-load'), [String(port), ...words], { encoding: 'utf8' }),
      );
      results[n]?.push(value);
      costs[n]?.push(((cpu(child) - before) * 1e6) / (value * Number(words.at(-1))));
    }
  }
  const [loop = Number.NaN, on = Number.NaN, off = Number.NaN] = results.map(median);
  const cost =
    words[0] === 'route'
      ? costs
          .slice(1)
          .map((list) => median(list).toFixed(1))
          .join(', ')
      : '';
  console.log(
    `| ${title} | ${loop} | ${on} | ${(on / loop).toFixed(2)} | ${off} | ${(off / loop).toFixed(2)} | ${cost} |`,
  );
}
for (const { child } of servers) {
  child.kill();
  await once(child, 'exit');
}
rmSync(folder, { recursive: true });
