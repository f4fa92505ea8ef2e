// The list of the page: the order of its rows, and where they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { byName, byUrgency, conditionOf, isFailing, toneOf } from '../../src/model/condition.ts';
import { PROCESS_STATES } from '../../src/model/process.ts';
import { inOrder, rankOf } from '../../web/list/order.ts';
import { heightOf, placeOf, rowAt } from '../../web/list/window.ts';
import { consoleSummary } from '../harness/top-world.ts';

const trouble = { text: 'x', since: '2026-11-30T06:55:00Z' };
const one = fc.record({
  name: fc.stringMatching(/^[a-c]{1,2}\d{0,3}$/),
  state: fc.constantFrom(...PROCESS_STATES),
  kind: fc.constantFrom<ConsoleSummary['kind']>('run', 'tcp'),
  flapping: fc.boolean(),
  logs: fc.boolean(),
  starts: fc.boolean(),
});

test('rows are in the order of `holdfast ps`, and what fails or flaps is large', () => {
  fc.assert(
    fc.property(fc.uniqueArray(one, { selector: ({ name }) => name }), (some) => {
      const consoles = some.map(({ flapping, kind, logs, name, starts, state }) =>
        consoleSummary(name, {
          ...{ state, kind, flapping },
          ...(logs ? {} : { logTrouble: trouble }),
          ...(starts ? {} : { startTrouble: trouble }),
        }),
      );
      const named = [...consoles].sort(byName).map((console) => ({ console, rank: rankOf(console) }));
      const { large, rows } = inOrder(named);
      assert.deepEqual(
        rows.map(({ console }) => console),
        [...consoles].sort(byUrgency),
      );
      const isLarge = ({ console }: (typeof rows)[number]) => {
        const condition = conditionOf(console);
        return isFailing(condition) || condition === 'flapping';
      };
      assert.deepEqual(
        rows.map(isLarge),
        [...rows.keys()].map((at) => at < large),
      );
    }),
  );
});

test('what fails is red or amber, and nothing else is', () => {
  for (const state of PROCESS_STATES) {
    assert.equal(isFailing(state), ['bad', 'warn'].includes(toneOf(state)), state);
  }
});

test('a row is where it was put, whatever is large before it', () => {
  const layout = fc.nat(50).chain((count) =>
    fc.record({
      ...{ count: fc.constant(count), largeRows: fc.nat(count) },
      ...{ large: fc.integer({ min: 30, max: 90 }), small: fc.integer({ min: 20, max: 60 }) },
    }),
  );
  fc.assert(
    fc.property(layout, (all) => {
      for (let row = 0; row < all.count; row++) {
        assert.equal(rowAt(all, placeOf(all, row)), row);
        assert.equal(rowAt(all, placeOf(all, row + 1) - 1), row);
      }
      assert.equal(heightOf(all), all.largeRows * all.large + (all.count - all.largeRows) * all.small);
    }),
  );
});
