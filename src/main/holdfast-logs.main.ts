/** Reads logs for a server: the job is on standard input (`LogJob`, as V8 serializes), the answer goes to standard output. */
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { deserialize } from 'node:v8';
import { fileAt } from '../logs/file-at.ts';
import { FIRST_PART, type LogJob } from '../logs/log-process.ts';
import { readRange } from '../logs/log-range.ts';

/** Consoles go first. */
const NICE = 10;

async function main(): Promise<void> {
  setPriority(NICE);
  const job = deserialize(await buffer(process.stdin)) as LogJob;
  const parts = job.parts.map((part, at) => ({ ...part, file: fileAt(FIRST_PART + at) }));
  for await (const bytes of readRange(parts, job.range)) {
    if (!process.stdout.write(bytes)) {
      await once(process.stdout, 'drain');
    }
  }
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`, () => process.exit(1));
  },
);
