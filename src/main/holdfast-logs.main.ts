/** Reads logs for a server: the job is on standard input (`LogJob`, as V8 serializes), the answer goes to standard output. */
import { buffer } from 'node:stream/consumers';
import { deserialize } from 'node:v8';
import { DiskLogFiles } from '../logs/disk-log-files.ts';
import { fileAt } from '../logs/file-at.ts';
import { FIRST_PART, type LogJob, type RangeJob, type SearchJob } from '../logs/log-process.ts';
import { readRange } from '../logs/log-range.ts';
import { search } from '../logs/search.ts';
import { DiskFiles } from '../platform/files/disk-files.ts';
import { native } from '../platform/native.ts';
import { consolesFirst } from '../platform/process/consoles-first.ts';
import { writeAll } from '../platform/process/write-all.ts';
import { systemClock } from '../platform/time/clock.ts';

async function main(): Promise<void> {
  consolesFirst();
  const job = deserialize(await buffer(process.stdin)) as LogJob;
  await writeAll(job.kind === 'range' ? range(job) : found(job), process.stdout);
}

function range(job: RangeJob): AsyncGenerator<Buffer> {
  return readRange(
    job.parts.map((part, at) => ({ ...part, file: fileAt(FIRST_PART + at) })),
    job.range,
  );
}

async function* found({ logs, request, unsearched }: SearchJob): AsyncGenerator<string> {
  for (const item of unsearched) {
    yield `${JSON.stringify(item)}\n`;
  }
  const disk = new DiskFiles(systemClock);
  const named = logs.map(({ console, path, user }) => ({ console, files: new DiskLogFiles(disk, path, user) }));
  for await (const item of search(named, request, systemClock)) {
    yield `${JSON.stringify(item)}\n`;
  }
}

main().then(
  () => native.exitNow(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`, () => native.exitNow(1));
  },
);
