// Preloaded into every test file (scripts/test.mjs). If a test leaves a server, a timer or a child open, its file would
// never end: this ends it, reports what was open, and counts it as failed.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after } from 'node:test';

/** The time for the last sockets and children of a file to go once its tests are done. */
const GRACE_MS = 8000;

let deadline: number | undefined;

after(() => {
  deadline = performance.now() + GRACE_MS;
  const timer = setTimeout(() => {
    process.stderr.write(`left open after the last test: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.emit('exit', 1);
    // `process.exit` waits for the threads of the pool, and one of them may hang in a file.
    process.kill(process.pid, 'SIGKILL');
  }, GRACE_MS);
  // A file that has left nothing open ends at once.
  timer.unref();
});

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // It is gone by now.
    return undefined;
  }
}

/**
 * Other processes that have our standard output or error: the runner would wait for them. Each is a socket made for
 * this file.
 */
function heirs(ours: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => [1, 2].some((fd) => ours.includes(linkOf(`/proc/${pid}/fd/${fd}`) ?? '')));
}

/** Whether this process has ever had a child: one that runs, or one that it has waited for, whose page faults are counted. */
function hadChildren(): boolean {
  const faults = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)?.split(' ')[8];
  const threads = readdirSync('/proc/self/task');
  return faults !== '0' || threads.some((id) => readFileSync(`/proc/self/task/${id}/children`, 'latin1') !== '');
}

function endLeftChildren(): void {
  // To look at all processes takes 10 ms and more, and most files start none.
  if (!hadChildren()) {
    return;
  }
  const ours = [1, 2].map((fd) => linkOf(`/proc/self/fd/${fd}`) ?? '').filter((link) => link.startsWith('socket:'));
  const limit = deadline ?? performance.now() + GRACE_MS;
  const latch = new Int32Array(new SharedArrayBuffer(4));
  let left = heirs(ours);
  for (; left.length > 0 && performance.now() < limit; left = heirs(ours)) {
    Atomics.wait(latch, 0, 0, 50);
  }
  for (const pid of left) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      process.kill(Number(pid), 'SIGKILL');
      process.stderr.write(`left running after the last test: ${pid} ${words}\n`);
      process.exitCode = 1;
    } catch {
      // It ended by itself.
    }
  }
}

if (process.env.NODE_TEST_CONTEXT !== undefined) {
  process.on('exit', endLeftChildren);
}
