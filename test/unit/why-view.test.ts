// The why view: ends, memory and processors on one axis of time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventInfo, PastResources } from '../../src/model/api.ts';
import { WHY_TEXTS } from '../../web/texts/why.ts';
import { around, EVENTS, firstRange, isAbout, joined, timelineOf, told } from '../../web/why/timeline.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-03-01T12:07:30.000Z');
const iso = (minutesAgo: number) => new Date(NOW - minutesAgo * MINUTE_MS).toISOString();

let seq = 0;
const event = (minutesAgo: number, more: Partial<EventInfo> = {}): EventInfo => ({
  ...{ seq: ++seq, time: iso(minutesAgo), type: 'ended', text: 'ended', console: 'a' },
  ...more,
});
const DEATH = {
  code: 3,
  signal: null,
  coreDumped: false,
  pid: 5,
  uptimeSeconds: 1,
  time: iso(0),
  maxRssKib: 0,
  lastLines: [],
};
const askedFor = (minutesAgo: number) => event(minutesAgo, { death: { ...DEATH, asked: 'vera' } as never });
const NOTHING = { events: [], isCut: false, past: undefined, present: undefined };

test('ends are counted in the minute or the quarter of an hour in which they were, those asked for apart', () => {
  const events = [
    event(59.6),
    event(20),
    event(20, { type: 'notStarted' }),
    askedFor(20),
    event(20, { type: 'started' }),
    event(0),
  ];
  const { buckets, ms } = timelineOf({ ...NOTHING, events }, 'hour', NOW);
  assert.deepEqual([buckets.length, ms], [60, MINUTE_MS]);
  assert.deepEqual(
    told(buckets).map(({ asked, at, own }) => [new Date(at).toISOString().slice(11, 16), own, asked]),
    [
      ['12:07', 1, 0],
      ['11:47', 2, 1],
    ],
    'what is before the hour is left out, and the newest is first',
  );
  const day = timelineOf({ ...NOTHING, events }, 'day', NOW);
  assert.deepEqual(
    told(day.buckets).map(({ asked, at, own }) => [new Date(at).toISOString().slice(11, 16), own, asked]),
    [
      ['12:00', 1, 0],
      ['11:45', 2, 1],
      ['11:00', 1, 0],
    ],
  );
  assert.equal(day.buckets.length * day.ms, 24 * 3_600_000);
});

test('memory is the most of a bucket, processors the mean by time; what runs now counts', () => {
  const past: PastResources = {
    since: iso(100),
    spans: [
      { time: iso(67.5), seconds: 900, memoryBytes: 9, cpu: 1 },
      { time: iso(7.4), seconds: 60, memoryBytes: 5, cpu: 0.5 },
      { time: iso(6.4), seconds: 60, memoryBytes: 7, cpu: 0.1 },
      { time: iso(5.4), seconds: 60, memoryBytes: 6 },
    ],
  };
  const { buckets, usesSince } = timelineOf({ ...NOTHING, past, present: { memoryBytes: 8 } }, 'day', NOW);
  assert.deepEqual(
    told(buckets).map(({ cpu, memoryBytes }) => [memoryBytes, cpu]),
    [
      [8, 0.3],
      [9, 1],
    ],
  );
  assert.equal(usesSince, Date.parse(iso(100)));
  const hour = timelineOf({ ...NOTHING, past, present: { missing: 'there is no cgroup' } }, 'hour', NOW);
  assert.deepEqual(
    told(hour.buckets).map(({ memoryBytes }) => memoryBytes),
    [6, 7, 5],
  );
  assert.equal(hour.usesSince, undefined, 'all of the hour is known');
});

test('it says since when all ends are counted, where there are too many', () => {
  const events = [event(30), event(1)];
  assert.equal(timelineOf({ ...NOTHING, events, isCut: true }, 'hour', NOW).endsSince, Date.parse(iso(30)));
  assert.equal(timelineOf({ ...NOTHING, events }, 'hour', NOW).endsSince, undefined);
  assert.equal(timelineOf({ ...NOTHING, events: [event(90)], isCut: true }, 'hour', NOW).endsSince, undefined);
});

test('at first the hour is shown if nothing is older, otherwise the day', () => {
  const past = { since: iso(500), spans: [] };
  assert.equal(firstRange({ events: [event(20)], past }, NOW), 'hour');
  assert.equal(firstRange({ events: [event(90), event(20)], past }, NOW), 'day');
  assert.equal(firstRange({ events: [], past: { ...past, spans: [{ time: iso(90), seconds: 900 }] } }, NOW), 'day');
});

test('events are joined to those that are known, at most so many; a lost history begins anew', () => {
  const numbered = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => event(0, { seq: from + at }));
  const seqs = (events: readonly EventInfo[]) => [events[0]?.seq, events.at(-1)?.seq, events.length];
  const known = numbered(1, EVENTS);
  assert.deepEqual(seqs(joined([], known)), [1, EVENTS, EVENTS]);
  assert.deepEqual(seqs(joined(known, numbered(EVENTS + 1, 3))), [4, EVENTS + 3, EVENTS]);
  assert.deepEqual(joined(known, []), known);
  assert.deepEqual(seqs(joined(known, numbered(1, 2))), [1, 2, 2]);
});

test('the log around an end is the time before it, and a moment after', () => {
  const at = Date.parse(iso(0));
  const { since, until } = around(iso(0));
  assert.ok(since < at - 60_000 && until > at && until - at < 60_000);
});

test('a configuration that was applied concerns the consoles of its steps, and no other', () => {
  const { console: _, ...ofHost } = event(1);
  const applied: EventInfo = {
    ...{ ...ofHost, type: 'config', what: 'applied' },
    steps: [
      { action: 'add', console: 'a-01' },
      { action: 'remove', console: 'b' },
    ],
  };
  assert.deepEqual(
    ['a', 'a-01', 'b', 'c'].filter((name) => isAbout(applied, name)),
    ['a-01', 'b'],
  );
  assert.equal(isAbout(event(1), 'a'), false, 'those of its own are there anyway');
});

test('memory is told in what one can read, however much it is', () => {
  const [mebi, gibi] = [2 ** 20, 2 ** 30];
  const told = [0, mebi / 2, 9.96 * mebi, 250 * mebi, 9 * gibi, 64 * gibi, 2800 * gibi].map(WHY_TEXTS.memory);
  assert.deepEqual(told, ['0', '0.5 MiB', '10.0 MiB', '250 MiB', '9216 MiB', '64 GiB', '2800 GiB']);
});
