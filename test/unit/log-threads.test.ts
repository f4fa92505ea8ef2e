/** A machine, or a unit, without room for another thread: no log is lost. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { isRoot, missing, temporaryDirectory } from '../harness/machine.ts';

const NOBODY = 65534;

test('a log that gets no thread is opened when there is one again', {
  skip: isRoot ? missing('prlimit') : 'needs root, to be a user with a limit',
}, async (t) => {
  const folder = temporaryDirectory(t);
  chownSync(folder, NOBODY, NOBODY);
  const script = join(import.meta.dirname, '../harness/crowded-logs.ts');
  const crowded = spawn(process.execPath, [script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    uid: NOBODY,
    gid: NOBODY,
  });
  atEnd(t, () => crowded.kill('SIGKILL'));
  const lines = createInterface({ input: crowded.stdout })[Symbol.asyncIterator]();
  const limit = (most: string) => {
    const words = ['--pid', String(crowded.pid), `--nproc=${most}:`];
    const { status, stderr } = spawnSync('prlimit', words, { uid: NOBODY, gid: NOBODY });
    assert.equal(status, 0, stderr.toString());
  };
  assert.equal((await lines.next()).value, 'open');
  const [, before = ''] = /^Max processes +(\w+)/m.exec(readFileSync(`/proc/${crowded.pid}/limits`, 'utf8')) ?? [];
  limit('1');
  crowded.stdin.write('\n');
  assert.match((await lines.next()).value as string, /unable to open log file .*pthread_create/);
  limit(before);
  crowded.stdin.write('\n');
  assert.equal((await lines.next()).value, 'all is written');
  assert.deepEqual(await once(crowded, 'exit'), [0, null]);
});
