/**
 * Logs in a process that may not create more threads (test/unit/log-threads.test.ts): `crowded-logs.ts FOLDER`. Prints
 * a line for each step, and goes on with each line of its input.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { LogFile } from '../../src/terminal/log-file.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { until } from './until.ts';

const [, , folder = ''] = process.argv;
const told = createInterface({ input: process.stdin });
const writer = new LogWriter(clock);
const logs = ['one', 'other'].map((name) => {
  mkdirSync(join(folder, name));
  const path = join(folder, name, 'log');
  const said: string[] = [];
  return { path, said, log: new LogFile({ path, report: (message) => said.push(message) }, writer, clock) };
});
const [one, other] = logs as [(typeof logs)[0], (typeof logs)[0]];
const has = (path: string, text: string) => existsSync(path) && readFileSync(path, 'latin1').includes(text);
const step = async (text: string) => {
  const next = once(told, 'line');
  console.log(text);
  await next;
};

one.log.open();
await until('the first log', () => one.log.isOpen);
await step('open');

// The only file of its file system is gone, and the next one would need another thread.
rmSync(one.path);
one.log.append(Buffer.from('first\n'), clock.now());
await until('what stands in the way', () => one.said.length > 0);
// Two at a time, which makes two threads for operations by path.
other.log.open();
one.log.reopen();
await step(one.said.join());

one.log.append(Buffer.from('second\n'), clock.now());
other.log.append(Buffer.from('third\n'), clock.now());
await until('all lines', () => has(one.path, 'first\nsecond\n') && has(other.path, 'third\n'));
await Promise.all(logs.map(({ log }) => log.close(1000)));
writer.close();
console.log('all is written');
told.close();
process.stdin.destroy();
