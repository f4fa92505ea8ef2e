// Which consoles may have been held, if the list of holds is damaged: the holder's memos decide.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayBeHeld } from '../../src/host/unknown-hold.ts';

const memo = (state: string, event: string): string => JSON.stringify({ mode: 'always', state, event, since: 0 });

test('a console whose server died while it was stopped for a hold may be held, whatever the list says', () => {
  assert.equal(mayBeHeld({ memo: memo('stopping', 'hold'), pid: 7 }, true), true);
  assert.equal(mayBeHeld({ memo: memo('stopping', 'hold') }, false), true);
  assert.equal(mayBeHeld({ memo: memo('held', 'ended-held') }, true), true);
});

test('a console that was stopped or restarted was not held', () => {
  assert.equal(mayBeHeld({ memo: memo('stopping', 'stop') }, true), false);
  assert.equal(mayBeHeld({ memo: memo('stopping', 'restart'), pid: 7 }, true), false);
  assert.equal(mayBeHeld({ memo: memo('running', 'spawned'), pid: 7 }, true), false);
});

test('without a memo a console may be held if the list is incomplete and it does not run', () => {
  assert.equal(mayBeHeld({ memo: '' }, true), true);
  assert.equal(mayBeHeld({ memo: '', pid: 7 }, true), false);
  assert.equal(mayBeHeld({ memo: '' }, false), false);
});
