/** Reads a configuration twice in a process that has hardly a descriptor left (test/unit/out-of-descriptors.test.ts): `crowded-reader.ts FILE`. */

import { closeSync, openSync } from 'node:fs';
import { ConfigReader } from '../../src/config/config-reader.ts';
import { systemClock } from '../../src/platform/time/clock.ts';

const [, , file] = process.argv;
const reader = new ConfigReader(file, { env: process.env, uid: 0 }, systemClock);
const taken: number[] = [];
try {
  for (;;) {
    taken.push(openSync('/dev/null', 'r'));
  }
} catch {
  // That was the last one: files can still be read, also while another is being closed, but the pipes of a process are more.
  for (const fd of taken.splice(-3)) {
    closeSync(fd);
  }
}
for (let time = 0; time < 2; time++) {
  const { problems } = await reader.load();
  console.log(problems[0]?.message);
}
