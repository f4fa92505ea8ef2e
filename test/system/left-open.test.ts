// The harness itself: `npm test` ends whatever a test has left behind.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { isAlive, temporaryDirectory } from '../harness/machine.ts';

/** The time from the last test to the end of the run. */
const LIMIT_MS = 15_000;

const CHILD = `
  const child = spawn('sleep', ['1000'], { stdio: 'inherit', detached: true });
  child.unref();
  appendFileSync(PIDS, child.pid + '\\n');`;

/** The body of a test that closes nothing, and the report of the run. */
const LEFT: Readonly<Record<string, readonly [body: string, told: RegExp]>> = {
  open: [
    `createServer().listen(0);
    setInterval(() => {}, 1000);
    // A thread of the pool hangs in it, and the end of a process waits for those threads.
    spawnSync('mkfifo', [FIFO]);
    open(FIFO, 'r', () => {});
    ${CHILD}`,
    /left open after the last test: .*\bFSReqCallback\b.*\bTCPServerWrap\b.*\n.*left running after the last test: \d+ sleep 1000/,
  ],
  // Only this keeps the runner, which waits for every process that has the output of a file.
  child: [CHILD, /left running after the last test: \d+ sleep 1000/],
  killed: [`${CHILD} process.kill(process.pid, 'SIGKILL');`, /Premature close/],
};

test('a run of several files that leave things open ends soon after its last test, and names what was left', (t) => {
  let children: number[] = [];
  atEnd(t, () => children.filter(isAlive).map((pid) => process.kill(pid, 'SIGKILL')));
  const folder = temporaryDirectory(t);
  const marks = join(folder, 'marks');
  const pids = join(folder, 'pids');
  const files = Object.entries(LEFT).map(([name, [body]]) => {
    const file = join(folder, `${name}.test.mjs`);
    writeFileSync(
      file,
      `import { spawn, spawnSync } from 'node:child_process';
      import { appendFileSync, open } from 'node:fs';
      import { createServer } from 'node:net';
      import { test } from 'node:test';
      const PIDS = ${JSON.stringify(pids)};
      const FIFO = ${JSON.stringify(join(folder, 'fifo'))};
      test('${name}', () => {
        appendFileSync(${JSON.stringify(marks)}, Date.now() + '\\n');
        ${body}
      });`,
    );
    return file;
  });
  // Without the variable of the surrounding run: Node would skip files of a nested run.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../../scripts/test.mjs'), ...files],
    { encoding: 'utf8', env: { ...env, HOLDFAST_NO_INSTALL: '1' } },
  );
  const ended = Date.now();
  const numbers = (file: string) => readFileSync(file, 'utf8').trim().split('\n').map(Number);
  children = numbers(pids);
  const tests = numbers(marks);
  assert.equal(status, 1, stderr);
  assert.deepEqual([tests.length, children.length], [files.length, files.length]);
  assert.ok(ended - Math.max(...tests) < LIMIT_MS, `${ended - Math.max(...tests)} ms`);
  for (const [, told] of Object.values(LEFT)) {
    assert.match(stdout, told);
  }
});
