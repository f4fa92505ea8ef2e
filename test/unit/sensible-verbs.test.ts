// Which verbs are offered where: what the table of supervision does with them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROCESS_STATES } from '../../src/model/process.ts';
import { isAskedFirst, isSensible } from '../../src/model/sensible-verbs.ts';
import { WAITED } from '../../src/model/verb-progress.ts';
import { SUPERVISOR_STATES, shown, TRANSITIONS } from '../../src/supervisor/transitions.ts';

const HOLD = { reason: 'x', by: 'ada', since: '2026-03-01T03:00:00Z' };

test('a verb is offered where it changes something', () => {
  for (const state of PROCESS_STATES) {
    for (const verb of WAITED) {
      // A process that is to be held is shown as stopping, with its hold.
      const behind = SUPERVISOR_STATES.filter((each) => shown(each) === state && each !== 'holding');
      const changes = behind.some((each) => TRANSITIONS[each][verb] !== null);
      const isOther = (verb === 'restart' && state === 'stopped') || (verb === 'hold' && state === 'held');
      assert.equal(isSensible(verb, { state }), changes !== isOther, `${verb} of what is ${state}`);
    }
  }
});

test('what is held, or will be, is released, or held for another reason', () => {
  for (const state of ['held', 'stopping'] as const) {
    assert.deepEqual(
      WAITED.filter((verb) => isSensible(verb, { state, hold: HOLD })),
      ['hold', 'release'],
    );
  }
});

test('a state that only a newer server knows hides nothing', () => {
  assert.ok(WAITED.every((verb) => isSensible(verb, { state: 'dreaming' as never })));
});

test('what ends something that runs is asked about, and what is for several', () => {
  const [up, down] = [{ state: 'ready' }, { state: 'failed' }] as const;
  assert.deepEqual(
    WAITED.filter((verb) => isAskedFirst(verb, [up])),
    ['stop', 'restart'],
  );
  assert.deepEqual(
    WAITED.filter((verb) => isAskedFirst(verb, [down])),
    [],
  );
  assert.ok(WAITED.every((verb) => isAskedFirst(verb, [down, down])));
});
