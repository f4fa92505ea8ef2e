// A child whose terminal goes and comes while input waits for it.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Child } from '../../src/holder/child.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** Stands still until the file is there: nothing is read or written meanwhile. */
function standStillUntil(path: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(path)) {
    Atomics.wait(pause, 0, 0, 5);
  }
}

test('input that waited for a terminal that was closed does not stand before what is typed into the next', async (t) => {
  const directory = temporaryDirectory(t);
  const file = (name: string) => join(directory, name);
  const wait = (name: string) => `while [ ! -e ${file(name)} ]; do sleep 0.01; done`;
  const steps = [
    'stty raw -echo; echo up',
    wait('close'),
    `echo bye; exec 0<&- 1>&- 2>&-; : > ${file('closed')}`,
    wait('open'),
    'exec 0</dev/tty 1>/dev/tty; stty -raw; echo back; read left; read word; echo "got $word"',
  ];
  let said = '';
  let drained = false;
  let ended = false;
  const child = await new Promise<Child>((resolve, reject) =>
    Child.start(
      { file: 'sh', argv: ['sh', '-c', steps.join('; ')], columns: 80, rows: 24 },
      {
        output: (bytes) => {
          said += Buffer.from(bytes).toString('latin1');
        },
        drain: () => {
          drained = true;
        },
        ended: () => {
          ended = true;
        },
      },
      (error, started) => (started ? resolve(started) : reject(error)),
    ),
  );
  t.after(() => ended || child.kill(9));
  await until('the child to be up', () => said.includes('up'));
  assert.equal(child.write(Buffer.alloc(200_000, 'x')), false);
  writeFileSync(file('close'), '');
  standStillUntil(file('closed'));
  await until('room again', () => drained);
  writeFileSync(file('open'), '');
  await until('the child to be back', () => said.includes('back'));
  // The end of what the kernel had taken of the first input, and a line of its own.
  child.write(Buffer.from('\nhello\n'));
  await until('the answer', () => said.includes('got'));
  await until('the end', () => ended);
  assert.match(said, /got hello\r?\n/);
});
