import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DayLog, dayTag } from '../../src/isis/day-log.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { silentDisk } from '../harness/disks.ts';
import { until } from '../harness/until.ts';

const zone = process.env.TZ;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-isis-'));
after(() => {
  rmSync(folder, { recursive: true });
  if (zone === undefined) {
    delete process.env.TZ;
  } else {
    process.env.TZ = zone;
  }
});

function logAt(name: string, logDate: 'UTC' | 'OBS', start: string, below = folder) {
  let millis = Date.parse(start);
  const events: string[] = [];
  const log = new DayLog({
    root: join(below, name),
    logDate,
    serverId: 'IS',
    clock: { monotonic: () => millis, wall: () => millis * 1000, hold: () => undefined, release: () => undefined },
    timers: systemClock,
    event: ({ kind }) => events.push(kind),
    complain: (text) => events.push(text),
  });
  const at = (time: string, text: string): void => {
    millis = Date.parse(time);
    log.write(text);
  };
  const read = (tag: string): string => readFileSync(join(folder, `${name}.${tag}.log`), 'latin1');
  return { log, at, read, events };
}

test('the UTC day begins at midnight', async () => {
  const { log, at, read } = logAt('utc', 'UTC', '2026-03-28T23:59:59.000Z');
  at('2026-03-28T23:59:59.999Z', 'last');
  at('2026-03-29T00:00:00.000Z', 'first');
  await log.close();
  assert.match(
    read('20260328'),
    /^-{30}\nIS runtime log \(re\)started at UTC 2026-03-28T23:59:59\.999000\n2026-03-28T23:59:59\.999000 last\n$/,
  );
  assert.match(read('20260329'), /^-{30}\n.*\n2026-03-29T00:00:00\.000000 first\n$/);
});

test('the night begins at local noon, also on the days when clocks change', async () => {
  process.env.TZ = 'America/New_York';
  // 8 March 2026: 02:00 EST becomes 03:00 EDT. Twelve hours before 12:59:59 EDT it was 23:59:59 EST the day before.
  const spring = logAt('spring', 'OBS', '2026-03-07T17:00:00Z');
  spring.at('2026-03-08T16:59:59.999Z', 'the night of the 7th');
  spring.at('2026-03-08T17:00:00.000Z', 'the night of the 8th');
  await spring.log.close();
  assert.match(spring.read('20260307'), / the night of the 7th\n$/);
  assert.match(spring.read('20260308'), / the night of the 8th\n$/);
  // 1 November 2026: 02:00 EDT becomes 01:00 EST. Twelve hours before 11:00:00 EST it was 00:00:00 EDT of that day.
  assert.equal(dayTag('OBS', Date.parse('2026-11-01T15:59:59Z')), '20261031');
  assert.equal(dayTag('OBS', Date.parse('2026-11-01T16:00:00Z')), '20261101');
  // An ordinary day changes exactly at noon.
  assert.equal(dayTag('OBS', Date.parse('2026-07-10T15:59:59.999Z')), '20260709');
  assert.equal(dayTag('OBS', Date.parse('2026-07-10T16:00:00.000Z')), '20260710');
});

test('the night is that of TZ as the C library reads it', () => {
  const noon = (zone: string): number | undefined => {
    process.env.TZ = zone;
    const day = Date.parse('2026-07-10T00:00:00Z');
    return [...Array(48).keys()].find((half) => dayTag('OBS', day + half * 1_800_000) === '20260710');
  };
  const zones = ['UTC', 'MST7', '<+03>-3', '<-0430>4:30', 'EST5EDT,M3.2.0,M11.1.0', ':America/Phoenix', 'nonsense'];
  // Half hours after midnight UTC at which it is noon there.
  assert.deepEqual(zones.map(noon), [24, 38, 18, 33, 32, 38, 24]);
});

test('one message is one line, and anyone may write the file', async () => {
  const { log, at, read } = logAt('lines', 'UTC', '2026-01-01T00:00:00Z');
  at('2026-01-01T00:00:00Z', 'a\nb\rc\x1b[31md\te \xe9');
  await log.close();
  assert.match(read('20260101'), / a\?b\?c\?\[31md\te \xe9\n$/);
  assert.equal(statSync(join(folder, 'lines.20260101.log')).mode & 0o777, 0o666);
});

test('a log that is moved away is opened again and reported', async () => {
  const { log, at, read, events } = logAt('moved', 'UTC', '2026-01-01T00:00:00Z');
  at('2026-01-01T00:00:00Z', 'one');
  renameSync(join(folder, 'moved.20260101.log'), join(folder, 'moved.old'));
  at('2026-01-01T00:00:05Z', 'two');
  await log.close();
  assert.match(readFileSync(join(folder, 'moved.old'), 'latin1'), / one\n$/);
  assert.match(read('20260101'), / two\n$/);
  assert.deepEqual(events, ['log-trouble']);
});

test('a log that cannot be opened is reported once a day, stops nothing, and is opened as soon as possible', async () => {
  const { log, at, events, read } = logAt('no/such', 'UTC', '2026-01-01T00:00:00Z');
  at('2026-01-01T00:00:00Z', 'one');
  at('2026-01-01T00:00:09Z', 'two');
  assert.ok(!readdirSync(folder).includes('no'));
  at('2026-01-02T00:00:09Z', 'another day');
  mkdirSync(join(folder, 'no'));
  at('2026-01-02T00:00:10Z', 'three');
  await log.close();
  assert.match(read('20260102'), /^-{30}\nIS .* 2026-01-02T00:00:10\.000000\n2026-01-02T00:00:10\.000000 three\n$/);
  assert.match(
    events[0] ?? '',
    /^ERROR: cannot open runtime log file .*no\/such\.20260101\.log - No such file or directory$/,
  );
  assert.equal(events.length, 4);
});

/** The descriptors of this process for the file. */
function descriptorsOf(path: string): number[] {
  return readdirSync('/proc/self/fd')
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('messages after the end of a log do not open a file again', async () => {
  const { log, at } = logAt('closed', 'UTC', '2026-03-28T10:00:00.000Z');
  at('2026-03-28T10:00:00.000Z', 'the last');
  const { path } = log;
  await log.close();
  at('2026-03-28T10:00:05.000Z', 'an answer that came late');
  assert.deepEqual(descriptorsOf(path), []);
  await log.close();
});

test('a log whose file system fails at close is reported, and ends nothing', async () => {
  const { log, at, events } = logAt('badclose', 'UTC', '2026-03-28T10:00:00.000Z');
  at('2026-03-28T10:00:00.000Z', 'a word');
  const [fd] = descriptorsOf(log.path);
  // Like a file server that has lost the file in the meantime.
  closeSync(fd as number);
  await log.close();
  assert.deepEqual(events, ['log-trouble', 'log-trouble']);
});

test('a log on an unreachable file server stops nothing, is reported once, and is opened when the server is back', async (t) => {
  const silent = silentDisk(t);
  if (!silent) {
    t.skip('needs root and /dev/fuse, for a file system that does not answer');
    return;
  }
  const { log, at, events } = logAt('x', 'UTC', '2026-03-28T10:00:00.000Z', silent.path);
  const began = performance.now();
  for (let second = 10; second < 20; second++) {
    at(`2026-03-28T10:00:${second}.000Z`, 'nobody keeps it');
  }
  assert.ok(performance.now() - began < 5000, 'it was waited for once, and not for long');
  assert.deepEqual(events, ['log-trouble']);
  silent.release();
  let time = Date.parse('2026-03-28T10:01:00.000Z');
  await until('the file', () => {
    time += 1000;
    at(new Date(time).toISOString(), 'again');
    return existsSync(join(silent.path, 'x.20260328.log'));
  });
  await log.close();
});
