import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { sum } from './statistics.ts';

/** Nanoseconds that all threads of a process have been on a processor. */
export function processorTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return sum(threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0])));
}

/** Percent of one processor that each of these processes uses. */
export async function loads(pids: readonly number[], milliseconds: number): Promise<number[]> {
  const [began, before] = [performance.now(), pids.map(processorTime)];
  await delay(milliseconds);
  const nanoseconds = (performance.now() - began) * 1e6;
  return pids.map((pid, at) => ((processorTime(pid) - (before[at] as number)) / nanoseconds) * 100);
}
