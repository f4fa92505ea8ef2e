// Past resource use of consoles: a ring for each, and its readers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PastResources } from '../../src/host/past-resources.ts';
import { LOOK_MS, UseRing, type UseSpan } from '../../src/host/use-ring.ts';
import type { Resources } from '../../src/model/resources.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const HOUR = 60;
const DAY = 24 * HOUR;
/** A look at every minute up to `minutes`, the first of which is `first`; memory is the number of the minute. */
function looked(first: number, minutes: number, cpu = (minute: number) => (minute % 2) / 2): UseRing {
  const ring = new UseRing();
  for (let minute = first; minute < first + minutes; minute++) {
    ring.add(minute * LOOK_MS + 7, { memoryBytes: minute - first, cpu: cpu(minute) });
  }
  return ring;
}
const minutesOf = ({ at, ms }: UseSpan) => [at / LOOK_MS, ms / LOOK_MS];

test('the last hour is there by the minute, the day before by the quarter of an hour, and no time twice', () => {
  for (const first of [0, 7, 1440, 100_003]) {
    for (const minutes of [1, 14, 15, 59, 60, 61, 74, 75, 76, 600, DAY, 2 * DAY + 3]) {
      const last = first + minutes - 1;
      const spans = looked(first, minutes).spans(last * LOOK_MS + 59_999);
      const ends = spans.map(({ at, ms }) => at + ms);
      assert.deepEqual(
        spans.slice(1).map(({ at }) => at),
        ends.slice(0, -1),
        `from ${first}, ${minutes} minutes: nothing overlaps, nothing is missing`,
      );
      assert.equal(ends.at(-1), (last + 1) * LOOK_MS);
      const fine = spans.filter(({ ms }) => ms === LOOK_MS);
      assert.ok(fine.length >= Math.min(minutes, 46) && fine.length <= 60, `${fine.length} minutes`);
      const [begin = Number.NaN] = spans.map(({ at }) => at / LOOK_MS);
      assert.ok(begin <= Math.max(first, last - 23.5 * HOUR) && begin > last - DAY, `${begin}, ${last}`);
    }
  }
});

test('of a quarter of an hour: the most memory, and the processors on average', () => {
  const ring = looked(0, 30, (minute) => (minute < 15 ? minute : 1));
  const [first, second] = ring.spans(200 * LOOK_MS);
  assert.deepEqual(first, { at: 0, ms: 15 * LOOK_MS, memoryBytes: 14, cpu: 7 });
  assert.deepEqual(second, { at: 15 * LOOK_MS, ms: 15 * LOOK_MS, memoryBytes: 29, cpu: 1 });
});

test('what is older than a day is gone, and its places hold nothing old', () => {
  const ring = looked(0, 90);
  ring.add(DAY * LOOK_MS, { memoryBytes: 5 });
  assert.deepEqual(ring.spans((DAY + 1) * LOOK_MS).map(minutesOf), [
    ...[15, 30, 45, 60, 75].map((minute) => [minute, 15]),
    [DAY, 1],
  ]);
  assert.deepEqual(ring.spans((DAY + 60) * LOOK_MS).map(minutesOf), [
    [75, 15],
    [DAY, 15],
  ]);
  assert.deepEqual(ring.spans(3 * DAY * LOOK_MS), []);
  ring.add(3 * DAY * LOOK_MS, { cpu: 2 });
  assert.deepEqual(ring.spans(3 * DAY * LOOK_MS).map(minutesOf), [[3 * DAY, 1]]);
});

test('all consoles are looked at once a minute; processors are what was used in between, of whichever process', async () => {
  const clock = new FakeClock();
  let found: Record<string, Resources> = {};
  let looks = 0;
  const past = new PastResources(clock, async () => {
    looks++;
    return new Map(Object.entries(found));
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const minute = async (now: Record<string, Resources>) => {
    found = now;
    clock.advance(LOOK_MS);
    await settle();
  };
  const figures = (name: string) => past.of(name).spans.map(({ cpu, memoryBytes }) => [memoryBytes, cpu]);
  found = { a: { cpuSeconds: 100, memoryBytes: 1000 }, odd: { missing: 'there is no cgroup' } };
  await past.apply();
  await settle();
  assert.deepEqual(figures('a'), [[1000, undefined]], 'the first look says nothing of processors');
  await past.apply();
  await minute({ a: { cpuSeconds: 130, memoryBytes: 2000 } });
  assert.equal(looks, 2, 'a reload does not look more often');
  await minute({ a: { cpuSeconds: 6, memoryBytes: 500 } });
  await minute({});
  await minute({ a: { cpuSeconds: 9 } });
  assert.deepEqual(figures('a'), [
    [1000, undefined],
    [2000, 0.5],
    [500, 0.1],
    [undefined, 0.025],
  ]);
  assert.deepEqual([figures('odd'), figures('nobody')], [[], []]);
  clock.set(3_600_000);
  const { since, spans } = past.of('a');
  assert.equal(Date.parse(since), clock.now() - 4 * LOOK_MS, 'by the clock of now');
  assert.ok(Date.parse(spans.at(-1)?.time ?? '') <= clock.now());
  past.consoleWent('a');
  assert.deepEqual(figures('a'), []);
  await past.close();
  await minute({ a: { cpuSeconds: 9 } });
  assert.equal(looks, 5);
});

test('a holder that does not answer is asked once, and leaves a gap', async () => {
  const clock = new FakeClock();
  const answers: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const past = new PastResources(
    clock,
    () =>
      new Promise((resolve, reject) => {
        answers.push({ resolve: () => resolve(new Map([['a', { memoryBytes: 1 }]])), reject });
      }),
  );
  await past.apply();
  clock.advance(5 * LOOK_MS);
  assert.equal(answers.length, 1);
  answers[0]?.reject(new Error('the holder is gone'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(past.of('a').spans, []);
  clock.advance(LOOK_MS);
  answers[1]?.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(past.of('a').spans.length, 1);
  await past.close();
});
