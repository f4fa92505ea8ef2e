import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { native } from '../../src/platform/native.ts';
import { endEveryChild, inOwnProcess, spawnChild } from '../harness/terminal-child.ts';
import { until } from '../harness/until.ts';

after(endEveryChild);

const folder = mkdtempSync(join(tmpdir(), 'hf-children-'));
const piped = readFileSync('/proc/sys/kernel/core_pattern', 'latin1').startsWith('|');

/** Starts a child that needs no terminal, and waits for its end. */
async function endOf(argv: readonly string[], request = {}) {
  const { fd, ended } = await spawnChild({ argv, ...request });
  const end = await ended;
  closeSync(fd);
  return end;
}

function count(what: 'fd' | 'task'): number {
  return readdirSync(`/proc/self/${what}`).length;
}

test('an end is reported by code or by signal, with its resource usage', async () => {
  const seven = await endOf(['sh', '-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 7']);
  assert.deepEqual([seven.code, seven.signal, seven.coreDumped], [7, null, false]);
  assert.ok(seven.userMicros > 1000 && seven.userMicros < 60e6, `${seven.userMicros} us`);
  assert.ok(seven.maxRssKib > 100 && seven.maxRssKib < 1e6, `${seven.maxRssKib} KiB`);
  const killed = await endOf(['sh', '-c', 'kill -KILL $$']);
  assert.deepEqual([killed.code, killed.signal, killed.coreDumped], [null, 9, false]);
});

test('a core dump is reported', { skip: piped && 'cores go to a program here' }, async () => {
  const { core = -1 } = native.rlimit;
  const request = (limit: number) => ({ cwd: folder, limits: [[core, limit, null]] });
  const segv = ['sh', '-c', 'kill -SEGV $$'];
  const without = await endOf(segv, request(0));
  assert.deepEqual([without.signal, without.coreDumped], [11, false]);
  const withCore = await endOf(segv, request(-1));
  assert.deepEqual([withCore.signal, withCore.coreDumped], [11, true]);
});

test('children of node:child_process keep their exit statuses', async () => {
  const all = Array.from({ length: 60 }, async (_, i) => {
    if (i % 2 === 0) {
      assert.equal((await endOf(['sh', '-c', `exit ${i}`])).code, i);
    } else {
      // 'close' and not 'exit', after which Node still holds the pipes for a moment.
      const [code] = await once(spawn('sh', ['-c', `exit ${i}`]), 'close');
      assert.equal(code, i);
    }
  });
  await Promise.all(all);
});

test('an end is found despite a child that another parent does not reap', async () => {
  // Node reaps its own children at once, so the unreaped child is created in a program that then becomes this Node.
  const program = `
    const child = await spawnChild({ argv: ['sh', '-c', 'exit 5'] });
    console.log((await child.ended).code);
    // Only of this thread: it is the former shell, while others come and go.
    const others = fs.readFileSync('/proc/self/task/' + process.pid + '/children', 'latin1').trim().split(' ');
    console.log(others.filter((pid) => pid !== '' && /State:\\s+Z/.test(fs.readFileSync('/proc/' + pid + '/status', 'latin1'))).length);`;
  const path = new URL('../harness/terminal-child.ts', import.meta.url);
  const imports = `import * as fs from 'node:fs'; import { spawnChild } from '${path}';`;
  const text = execFileSync('sh', [
    '-c',
    'true & exec "$0" --input-type=module -e "$1"',
    process.execPath,
    imports + program,
  ]);
  assert.equal(text.toString(), '5\n1\n');
});

test('2,000 short children leave neither descriptor nor thread, and no end is missing', async () => {
  await Promise.all(Array.from({ length: 8 }, () => endOf(['true'])));
  const before = { fd: count('fd'), task: count('task') };
  let ended = 0;
  const lane = async () => {
    for (let i = 0; i < 250; i++) {
      assert.equal((await endOf(['/bin/true'])).code, 0);
      ended++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  assert.equal(ended, 2000);
  assert.equal(count('fd'), before.fd);
  // The thread of the last start reports it before it ends.
  await until(`no more than ${before.task} threads`, () => count('task') <= before.task);
});

test('a start is reported before its end, even if the handler comes later than both', async () => {
  const { stdout } = await inOwnProcess(`
    const order = [];
    for (let i = 0; i < 20; i++) {
      order.length = 0;
      const ended = new Promise((resolve) => {
        const alive = setInterval(() => undefined, 2 ** 30);
        native.onChildEnd(() => { order.push('end'); clearInterval(alive); resolve(); });
      });
      native.spawn({ file: 'true', argv: ['true'], columns: 0, rows: 0 }, () => {
        order.push('start');
        queueMicrotask(() => order.push('microtask'));
      });
      await ended;
      if (order.join() !== 'start,microtask,end') console.log(order.join());
    }
    console.log('over');`);
  assert.equal(stdout, 'over\n');
});

test('ends from before the first handler are reported to it', async () => {
  const { stdout } = await inOwnProcess(
    `const native = createRequire('/')('${new URL('../../build/holdfast.node', import.meta.url).pathname}');
    const zombie = (pid) => /State:\\s+Z/.test(fs.readFileSync('/proc/' + pid + '/status', 'latin1'));
    native.spawn({ file: 'sh', argv: ['sh', '-c', 'exit 4'], columns: 0, rows: 0 }, async (error, { pid }) => {
      while (!zombie(pid)) await new Promise(setImmediate);
      let sync = true;
      const alive = setInterval(() => undefined, 2 ** 30);
      native.onChildEnd((end) => { clearInterval(alive); console.log(end.pid === pid, end.code, sync); });
      sync = false;
    });`,
    { imports: `import * as fs from 'node:fs'; import { createRequire } from 'node:module';\n` },
  );
  assert.equal(stdout, 'true 4 false\n');
});

test('a program that replaced itself adopts its children', async () => {
  const fifo = join(folder, 'adopted');
  execFileSync('mkfifo', [fifo]);
  const { stdout } = await inOwnProcess(
    `if (process.env.CHILD === undefined) {
      const child = await TerminalChild.start(['sh', '-c', 'trap "" HUP; echo ready; read line <${fifo}; exit 9']);
      await child.until('ready');
      process.execve(process.execPath, [process.execPath, ...process.execArgv], { ...process.env, CHILD: String(child.pid) });
    }
    const pid = Number(process.env.CHILD);
    let sync = true;
    const alive = setInterval(() => undefined, 2 ** 30);
    native.onChildEnd((end) => { clearInterval(alive); console.log(end.pid === pid, end.code, sync); });
    native.adopt(pid);
    sync = false;
    fs.writeFileSync('${fifo}', '\\n');`,
  );
  assert.equal(stdout, 'true 9 false\n');
});
