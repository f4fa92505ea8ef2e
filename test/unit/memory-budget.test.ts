import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryBudget, type MemoryFigures, sparedOf } from '../../src/model/memory-budget.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import { LogQueue } from '../../src/terminal/log-queue.ts';

const KEEP = 64 << 10;
const MOST = 16 << 20;
const MIB = 1 << 20;

function budgetOf(most: number): { budget: MemoryBudget; told: MemoryFigures[]; now: (time: number) => void } {
  const told: MemoryFigures[] = [];
  let time = 0;
  const budget = new MemoryBudget(
    most,
    () => time,
    (figures) => told.push(figures),
  );
  const now = (wanted: number): void => {
    time = wanted;
  };
  return { budget, told, now };
}

/** A console with a reader that never reads, and the bytes that it has missed. */
function lagging(budget: MemoryBudget | undefined) {
  const ring = new OutputRing({ keep: KEEP, most: MOST, ...(budget ? { budget } : {}) });
  const stream = new OutputStream(ring, () => 0);
  stream.subscribe({ write: () => false, missed: () => undefined }, 0, true);
  const say = (bytes: number): void => {
    ring.append(new Uint8Array(bytes));
    stream.advance();
  };
  return { ring, say, kept: () => ring.head - ring.tail };
}

test('floods share the budget evenly, and a quiet console keeps all of its share', () => {
  const { budget, told } = budgetOf(64 * MIB);
  const quiet = lagging(budget);
  quiet.say(200 << 10);
  const floods = Array.from({ length: 60 }, () => lagging(budget));
  for (let round = 0; round < 400; round++) {
    for (const { say } of floods) {
      say(64 << 10);
    }
  }
  assert.equal(quiet.kept(), 200 << 10);
  const kept = floods.map((flood) => flood.kept());
  assert.ok(Math.max(...kept) - Math.min(...kept) <= 256 << 10, `${Math.min(...kept)} to ${Math.max(...kept)}`);
  const all = kept.reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(all <= 32 * MIB + 60 * (KEEP + (64 << 10)), `${all}`);
  assert.ok(all > 24 * MIB, 'it is used');
  assert.equal(told.length, 1, 'told once');
  assert.ok((budget.figures.short?.bytes ?? 0) > 0);
});

test('a single console has what it had without a budget, and nothing is reported', () => {
  const { budget, told } = budgetOf(64 * MIB);
  const [alone, without] = [lagging(budget), lagging(undefined)];
  for (let round = 0; round < 600; round++) {
    alone.say(48 << 10);
    without.say(48 << 10);
    assert.equal(alone.kept(), without.kept());
  }
  assert.deepEqual(told, []);
});

test('however much readers lag, half of it is left for the logs', () => {
  const { budget } = budgetOf(8 * MIB);
  const floods = Array.from({ length: 40 }, () => lagging(budget));
  for (let round = 0; round < 100; round++) {
    for (const { say } of floods) {
      say(64 << 10);
    }
  }
  const queue = new LogQueue(budget);
  for (let waits = 0; waits < 2 * MIB; waits += 64 << 10) {
    assert.ok(queue.fits(new Uint8Array(64 << 10)), `${waits}`);
    queue.push(new Uint8Array(64 << 10));
  }
});

test('memory that a ring or a log frees is available to others; nothing is counted forever', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 300_000 })), { maxLength: 60 }), (steps) => {
      const { budget } = budgetOf(2 * MIB);
      const rings = [lagging(budget), lagging(budget)];
      const queues = [new LogQueue(budget), new LogQueue(budget)];
      for (const [which, bytes] of steps) {
        const queue = queues[which - 2];
        if (queue?.fits(new Uint8Array(bytes))) {
          queue.push(new Uint8Array(bytes));
        }
        rings[which]?.say(bytes);
        const beyond = rings.map(({ kept }) => Math.max(0, kept() - KEEP)).reduce((a, b) => a + b);
        assert.equal(budget.figures.used, beyond + queues.reduce((sum, each) => sum + each.bytes, 0));
      }
      for (const { ring } of rings) {
        ring.restart(ring.head);
      }
      for (const queue of queues) {
        queue.forget();
      }
      assert.equal(budget.figures.used, 0);
    }),
  );
});

test('a log has room for writes under way, whoever uses the rest; shortage is reported again after calm', () => {
  const { budget, told, now } = budgetOf(4 * MIB);
  budget.take(5 * MIB);
  const queue = new LogQueue(budget);
  assert.ok(queue.fits(new Uint8Array(400 << 10)));
  queue.push(new Uint8Array(400 << 10));
  assert.ok(!queue.fits(new Uint8Array(200 << 10)));
  assert.ok(!queue.fits(new Uint8Array(200 << 10)));
  assert.equal(told.length, 1);
  now(3_600_000);
  assert.ok(!queue.fits(new Uint8Array(200 << 10)));
  assert.equal(told.length, 2);
  assert.deepEqual(budget.figures.short, { since: 3_600_000, last: 3_600_000, bytes: 200 << 10 });
});

test('the memory that a machine can spare', () => {
  assert.deepEqual(
    [256, 2048, 8192, 1 << 20].map((mib) => sparedOf(mib * MIB) / MIB),
    [64, 128, 512, 1024],
  );
});
