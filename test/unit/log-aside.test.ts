/** A log that becomes large is moved aside: a real file, at the times of a fake clock. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/platform/time/clock.ts';
import { LocalBackend } from '../../src/terminal/local-backend.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const CHECK_INTERVAL_MS = 300_000;
const LIMIT_BYTES = 2048;

/** A log of at most 2 KiB. */
function smallLog(t: TestContext, name: string) {
  const folder = temporaryDirectory(t);
  const clock = new FakeClock();
  const complaints: string[] = [];
  const writer = new LogWriter(systemClock);
  const backend = new LocalBackend({
    ...{ clock, keepBytes: 4096 },
    logs: { writer, tell: (message) => complaints.push(message) },
  });
  const spec = { keep: 0, compress: false, mode: 0o666, shared: true, asideAt: LIMIT_BYTES } as const;
  backend.changeLog({ path: join(folder, name), ...spec });
  atEnd(t, async () => {
    clock.advance(CHECK_INTERVAL_MS);
    await backend.close();
    writer.close();
  });
  let said = '';
  const say = (lines: number) => {
    const more = Array.from({ length: lines }, (_, n) => `line ${n} of ${lines}\n`).join('');
    said += more;
    backend.feed(Buffer.from(more));
  };
  /** The contents of the files, oldest first: their names end in their times. */
  const written = () => {
    const names = readdirSync(folder)
      .sort()
      .sort((one, other) => Number(one === name) - Number(other === name));
    try {
      return names.map((file) => readFileSync(join(folder, file), 'latin1'));
    } catch {
      // One was moved aside after it was listed: the next look finds it by its new name.
      return [];
    }
  };
  return { folder, backend, clock, say, said: () => said, written, complaints };
}

test('output while a log is moved aside is in the log; its last lines begin the next file', async (t) => {
  const { folder, backend, clock, say, said, written, complaints } = smallLog(t, 'log');
  say(200);
  clock.advance(CHECK_INTERVAL_MS);
  say(3);
  await until('both files have all', () => written().length === 2 && written().join('').length >= said().length);
  assert.equal(written().join(''), said());
  assert.match(written()[1] as string, /^line \d+ of 200\n/, 'the end of the old one begins the new one');
  assert.equal(statSync(join(folder, 'log')).mode & 0o777, 0o666 & ~process.umask(), 'less the umask');
  clock.advance(CHECK_INTERVAL_MS);
  say(200);
  await until('the rest', () => written().join('').length >= said().length);
  backend.changeLog(undefined);
  clock.advance(CHECK_INTERVAL_MS);
  assert.equal(written().length, 2, 'a small one stays, and a log that is closed is no longer looked at');
  assert.deepEqual(complaints, []);
});

test('a log that cannot be moved aside goes on, and that is reported once', async (t) => {
  const { clock, say, said, written, complaints } = smallLog(t, 'l'.repeat(250));
  say(200);
  clock.advance(2 * CHECK_INTERVAL_MS);
  say(3);
  await until('all of it, and the report', () => written()[0] === said() && complaints.length > 0);
  assert.equal(complaints.length, 1);
  assert.match(complaints[0] as string, /cannot be moved aside: name too long \(ENAMETOOLONG\)$/);
});
