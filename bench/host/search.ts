import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { interleave } from '../lib/interleave.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { atMostTimes, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { programOf, type Servers, startServers } from './servers.ts';

const LOGS = 20;
const LOG_BYTES = 24_000_000;
const PACKED_LOGS = 4;
const sides = ['theirs', 'ours'] as const;

const WORDS =
  'scan motor pressure vacuum gauge status read write record process limit alarm value setpoint temperature channel connected';

/** Lines as an IOC logs them, with stamps; one of some 40,000 has what is searched for. */
function writeLog(path: string, seed: number): void {
  const words = WORDS.split(' ');
  let state = seed + 1;
  const random = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    return Math.floor((state / 0x8000_0000) * n) % n;
  };
  const fd = openSync(path, 'w');
  let time = Date.UTC(2026, 10, 1) + seed * 137;
  for (let size = 0; size < LOG_BYTES; ) {
    let text = '';
    for (let line = 0; line < 8000; line++) {
      time += random(9000);
      text += `${new Date(time).toISOString()} `;
      for (let count = 4 + random(8); count > 0; count--) {
        text += `${words[random(words.length)]} `;
      }
      text += `${random(10_000)}${random(40_000) === 0 ? ` ECONNREFUSED by peer ${random(100)}` : ''}\r\n`;
    }
    size += writeSync(fd, text);
  }
  closeSync(fd);
}

/** Milliseconds until a program has said everything and is gone. */
async function timed(program: string, words: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return performance.now() - began;
}

interface Search {
  readonly what: string;
  readonly ours: readonly string[];
  readonly theirs: readonly [program: string, ...words: string[]];
  readonly factor: number;
}

async function rowsOf(settings: Settings, control: string, searches: readonly Search[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { factor, ours, theirs, what } of searches) {
    const [program, ...words] = theirs;
    const samples = await interleave(settings.quick ? 5 : 15, sides, (side) =>
      side === 'ours'
        ? timed(programOf('ours', settings), ['grep', '--socket', control, ...ours])
        : timed(program, words),
    );
    rows.push({ what, unit: 'ms', ours: samples.ours, theirs: samples.theirs, goal: atMostTimes(factor) });
  }
  return rows;
}

/** `holdfast grep` with the start of Node, and GNU grep, over 480 MB in 20 logs that the kernel has in memory. */
export function search(settings: Settings): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const folder = join(directory, 'log');
    mkdirSync(folder);
    for (let log = 0; log < LOGS; log++) {
      writeLog(join(folder, `c${log}.log`), log);
    }
    const servers = await startServers(settings, 'ours', directory, { count: LOGS, child: ['/bin/cat'] });
    try {
      const rows = await rowsOf(settings, servers.control as string, [
        { what: 'a text', ours: ['ECONNREFUSED'], theirs: ['grep', '-r', 'ECONNREFUSED', folder], factor: 2 },
        { what: 'a frequent beginning', ours: ['valuex'], theirs: ['grep', '-r', 'valuex', folder], factor: 2 },
        { what: 'a pattern', ours: ['peer [0-9]7$'], theirs: ['grep', '-rE', 'peer [0-9]7.$', folder], factor: 3 },
        { what: 'alternatives', ours: ['ECONN|EPIPE'], theirs: ['grep', '-rE', 'ECONN|EPIPE', folder], factor: 3 },
        { what: 'digits', ours: ['[0-9]{6}'], theirs: ['grep', '-rE', '[0-9]{6}', folder], factor: 3 },
        { what: 'any case', ours: ['-i', 'econnrefused'], theirs: ['grep', '-ri', 'econnrefused', folder], factor: 3 },
      ]);
      return [
        ...rows.map((row) => ({ ...row, what: `search of 480 MB, ${row.what}` })),
        ...(await echoMeanwhile(settings, servers)),
      ];
    } finally {
      await servers.stop();
    }
  });
}

/** The same for compressed files. */
export function packedSearch(settings: Settings): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const folder = join(directory, 'log');
    mkdirSync(folder);
    const packed = Array.from({ length: PACKED_LOGS }, (_, log) => join(folder, `c${log}.log.1.gz`));
    for (const [log, path] of packed.entries()) {
      writeLog(path, log);
      writeFileSync(path, gzipSync(readFileSync(path)));
    }
    const servers = await startServers(settings, 'ours', directory, { count: PACKED_LOGS, child: ['/bin/cat'] });
    try {
      const rows = await rowsOf(settings, servers.control as string, [
        { what: 'a text', ours: ['ECONNREFUSED'], theirs: ['zgrep', 'ECONNREFUSED', ...packed], factor: 1.5 },
        { what: 'a pattern', ours: ['peer [0-9]7$'], theirs: ['zgrep', '-E', 'peer [0-9]7.$', ...packed], factor: 1.5 },
      ]);
      return rows.map((row) => ({ ...row, what: `search of 96 MB, packed, ${row.what}` }));
    } finally {
      await servers.stop();
    }
  });
}

type Quantiles = { p50: number; p99: number };

/** Typing at one console while the logs are searched, by the server and by the command; and in between. */
async function echoMeanwhile(settings: Settings, servers: Servers): Promise<Row[]> {
  const control = servers.control as string;
  const modes = ['quiet', 'command', 'server', 'range'] as const;
  const work = {
    quiet: undefined,
    command: () => timed(programOf('ours', settings), ['grep', '--socket', control, '[0-9]{6}']),
    server: () => searched(servers),
    range: () =>
      timed(programOf('ours', settings), ['logs', '--socket', control, 'c1', '--since', '2026-11-01', '-n', '10']),
  };
  const samples = await interleave(settings.quick ? 4 : 10, modes, async (mode) => {
    let over = false;
    const busy = (async () => {
      while (!over) {
        await work[mode]?.();
        over ||= work[mode] === undefined;
      }
    })();
    const result = await ask<Quantiles>(settings.native('echo'), [`unix:${servers.socket(0)}`, '500', '60']);
    over = true;
    await busy;
    return result;
  });
  const told = { command: 'a search by the command', server: 'a search by the server', range: 'logs --since' };
  return (['p50', 'p99'] as const).flatMap((quantile) =>
    (['command', 'server', 'range'] as const).map((mode) => ({
      what: `echo ${quantile} during ${told[mode]}, and without`,
      unit: 'us',
      ours: samples[mode].map((sample) => sample[quantile]),
      theirs: samples.quiet.map((sample) => sample[quantile]),
      goal: atMostTimes(1.5),
    })),
  );
}

async function searched(servers: Servers): Promise<void> {
  const { request } = await import('node:http');
  await new Promise<void>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request({ socketPath: servers.control, path: '/v1/search', method: 'POST', headers }, (answer) => {
      answer.resume();
      answer.once('end', resolve);
    });
    sent.once('error', reject);
    sent.end(JSON.stringify({ pattern: '[0-9]{6}' }));
  });
}
