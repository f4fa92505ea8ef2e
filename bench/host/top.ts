import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { proportionalMegabytes } from '../lib/memory.ts';
import { loads } from '../lib/processor.ts';
import type { Settings } from '../lib/suite.ts';
import type { Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { type HostServer, programOf, startServers } from './servers.ts';

const COUNT = 1000;
/** Milliseconds until the starts are over, and until a screen is drawn and memory that only that needed is free. */
const SETTLED_MS = 16_000;
const DRAWN_MS = 5000;
const LOOK_MS = 50;

/** On a terminal of 80 columns: script(1) makes one, and what is drawn goes nowhere. */
class OnTerminal {
  readonly #script: ChildProcess;
  readonly pid: number;

  private constructor(script: ChildProcess, pid: number) {
    this.#script = script;
    this.pid = pid;
  }

  static async start(command: string): Promise<OnTerminal> {
    const line = `stty columns 80 rows 24; exec ${command}`;
    const script = spawn('script', ['-qec', line, '/dev/null'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    });
    await delay(DRAWN_MS);
    for (let looks = 0; looks < DRAWN_MS / LOOK_MS; looks++) {
      const [pid] = readFileSync(`/proc/${script.pid}/task/${script.pid}/children`, 'latin1').split(' ');
      if (pid) {
        return new OnTerminal(script, Number(pid));
      }
      await delay(LOOK_MS);
    }
    throw new Error(`bench: ${command} did not start on a terminal`);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#script.once('exit', resolve));
    process.kill(this.pid, 'SIGTERM');
    await ended;
  }
}

interface Sample {
  readonly load: number;
  readonly memory: number;
}

async function measured(command: string, window: number): Promise<Sample> {
  const shown = await OnTerminal.start(command);
  try {
    const [load = 0] = await loads([shown.pid], window);
    return { load, memory: proportionalMegabytes(shown.pid) };
  } finally {
    await shown.end();
  }
}

/** `holdfast top` at rest, with 1,000 quiet consoles; beside it htop, which shows the same machine. */
export async function top(settings: Settings): Promise<Row[]> {
  const hasHtop = spawnSync('htop', ['--version']).status === 0;
  const window = settings.quick ? 5000 : 20_000;
  const ours: Sample[] = [];
  const theirs: Sample[] = [];
  for (let round = 0; round < (settings.quick ? 1 : 3); round++) {
    await inFreshDirectory(settings.logDirectory, async (directory) => {
      const child = ['/bin/cat'];
      const server = (await startServers(settings, 'ours', directory, { count: COUNT, child })) as HostServer;
      try {
        await delay(SETTLED_MS);
        ours.push(await measured(`${programOf('ours', settings)} top --socket ${server.control}`, window));
        if (hasHtop) {
          theirs.push(await measured('htop', window));
        }
      } finally {
        await server.stop();
      }
    });
  }
  const row = (what: string, unit: string, of: (sample: Sample) => number): Row => ({
    ...{ what: `\`holdfast top\` of ${COUNT} consoles at rest (beside it htop): ${what}`, unit },
    ...{ ours: ours.map(of), theirs: theirs.map(of) },
  });
  return [row('processor', '% of a core', ({ load }) => load), row('memory (Pss)', 'MB', ({ memory }) => memory)];
}
