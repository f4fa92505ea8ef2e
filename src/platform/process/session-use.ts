/**
 * What the processes of sessions use, from proc(5): a console's process leads a session of its own (setsid), and what it starts belongs to
 * it. Thousands of files are read for that, by a process of their own (cat), so that no console waits for it.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface SessionUse {
  readonly processes: number;
  /** Of all of them since their start, and of those that they have waited for. */
  readonly cpuSeconds: number;
  /** Resident; what they share counts for each of them. */
  readonly memoryBytes: number;
}

/** By the pid of its leader. */
export type SessionUses = ReadonlyMap<number, SessionUse>;

/** A kernel that takes longer is in trouble, and so is whoever would wait. */
const PATIENCE_MS = 3000;
const MOST_BYTES = 32 << 20;
/** Clock ticks of a second, as the kernel shows them on all platforms that there are packages for. */
const TICKS = 100;
const AT_PAGESZ = 6n;
const USUAL_PAGE_BYTES = 4096;
/** Fields of stat after the name; those of proc(5) are numbered from 1, and the name is the second. */
const field = (number: number): number => number - 3;
const [SESSION, UTIME, CSTIME, RSS] = [field(6), field(14), field(17), field(24)];

let asked: Promise<SessionUses> | undefined;

/** Those who ask while an answer is under way share it. */
export function sessionUses(): Promise<SessionUses> {
  asked ??= read().finally(() => {
    asked = undefined;
  });
  return asked;
}

async function read(): Promise<SessionUses> {
  const stats = await new Promise<string>((resolve, reject) => {
    const options = { encoding: 'latin1', timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES } as const;
    // Some of the files are gone by the time that it reads them.
    execFile('/bin/sh', ['-c', 'exec cat /proc/[0-9]*/stat 2>/dev/null'], options, (error, text) => {
      if (error && (error.killed || text === '')) {
        reject(new Error('/proc cannot be read'));
      } else {
        resolve(text);
      }
    });
  });
  return parseStats(stats, pageBytes());
}

/** Lines of /proc/PID/stat. The name, in brackets, may have brackets and blanks, but the kernel escapes line feeds. */
export function parseStats(stats: string, page: number): SessionUses {
  const found = new Map<number, SessionUse>();
  for (const line of stats.split('\n')) {
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const session = Number(fields[SESSION]);
    const figures = [...fields.slice(UTIME, CSTIME + 1), fields[RSS]].map(Number);
    // 0: the kernel's own.
    if (!(session > 0) || figures.length < 5 || figures.some((each) => !Number.isFinite(each))) {
      continue;
    }
    const rss = figures.pop() as number;
    const ticks = figures.reduce((sum, each) => sum + Math.max(0, each), 0);
    const { processes = 0, cpuSeconds = 0, memoryBytes = 0 } = found.get(session) ?? {};
    found.set(session, {
      processes: processes + 1,
      cpuSeconds: Math.round(cpuSeconds * TICKS + ticks) / TICKS,
      memoryBytes: memoryBytes + Math.max(0, rss) * page,
    });
  }
  return found;
}

/** Of memory, from the vector that the kernel gave this process (getauxval(3)). */
function pageBytes(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    const words = new BigUint64Array(vector.buffer, vector.byteOffset, vector.length >> 3);
    const at = words.findIndex((word, index) => index % 2 === 0 && word === AT_PAGESZ);
    return Number(words[at + 1] ?? USUAL_PAGE_BYTES);
  } catch {
    return USUAL_PAGE_BYTES;
  }
}
