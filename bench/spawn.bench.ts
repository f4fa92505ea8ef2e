// 2,000 short children, one after the other: the cost of a start and an end, and whether anything is left behind. Run:
// build/node bench/spawn.bench.ts. Ends with 1 if the goal is missed or a descriptor or thread is left.
import { closeSync, readdirSync } from 'node:fs';
import { native } from '../src/platform/native.ts';

const CHILDREN = 2000;
const GOAL_SECONDS = 1.2;

const ends = new Map<number, () => void>();
native.onChildEnd(({ pid }) => {
  ends.get(pid)?.();
  ends.delete(pid);
});

function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    native.spawn({ file: '/bin/true', argv: ['true'], columns: 80, rows: 24 }, (error, result) => {
      if (result === undefined) {
        reject(error);
        return;
      }
      ends.set(result.pid, () => {
        closeSync(result.fd);
        resolve();
      });
    });
  });
}

function held(): { descriptors: number; threads: number } {
  return { descriptors: readdirSync('/proc/self/fd').length, threads: readdirSync('/proc/self/task').length };
}

// The watcher for SIGCHLD does not keep the event loop alive.
const alive = setInterval(() => undefined, 2 ** 30);
await run();
const before = held();
const began = performance.now();
for (let i = 0; i < CHILDREN; i++) {
  await run();
}
const seconds = (performance.now() - began) / 1000;
const after = held();
clearInterval(alive);

const clean = after.descriptors === before.descriptors && after.threads === before.threads;
process.stdout.write(
  `${CHILDREN} children in ${seconds.toFixed(3)} s (goal ${GOAL_SECONDS} s), ` +
    `descriptors ${before.descriptors} -> ${after.descriptors}, threads ${before.threads} -> ${after.threads}\n`,
);
process.exitCode = seconds < GOAL_SECONDS && clean ? 0 : 1;
