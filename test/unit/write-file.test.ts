import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../harness/machine.ts';

const WRITER = `
  const { writeWhole } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/cli/manage-procs/write-file.ts'))});
  for (let times = 0; times < 1000; times++) {
    writeWhole(process.argv[1], 'the whole text');
  }
`;

test('two simultaneous writers of one file disturb neither each other nor a reader', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'procserv-one.service');
  const writers = [1, 2].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', WRITER, path], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  assert.deepEqual(await Promise.all(writers.map((writer) => once(writer, 'exit'))), [
    [0, null],
    [0, null],
  ]);
  assert.equal(readFileSync(path, 'utf8'), 'the whole text');
  assert.deepEqual(readdirSync(directory), ['procserv-one.service']);
});
