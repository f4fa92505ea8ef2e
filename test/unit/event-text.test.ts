import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deathInfo, doerOf, eventInfo, eventText } from '../../src/model/event-text.ts';
import type { Happening } from '../../src/model/events.ts';
import { ANONYMOUS, personOf, principalText, self, sender } from '../../src/model/principal.ts';
import { A_DEATH, ONE_OF_EACH } from '../fakes/one-of-each.ts';
import { guest, person } from '../fakes/principals.ts';

const STAMP = { seq: 1, time: '2026-03-01T03:00:00.000Z' };

for (const [kind, [text, event]] of Object.entries(ONE_OF_EACH)) {
  test(`the text of an event: ${kind}`, () => {
    assert.equal(eventText({ ...STAMP, ...event }), text);
    assert.equal(eventInfo({ ...STAMP, ...event }).text, text);
  });
}

test('the text of an end says how it happened', () => {
  const text = (death: Partial<typeof A_DEATH>) =>
    eventText({ ...STAMP, type: 'ended', death: { ...A_DEATH, ...death } });
  assert.equal(text({ signal: null, code: 3 }), 'pid 7 ended with status 3 after 1.5 s');
  assert.equal(text({ signal: null, code: null }), 'pid 7 ended, exit status unknown, after 1.5 s');
  assert.equal(text({ signal: 'SIGSEGV', coreDumped: true }), 'pid 7 ended by SIGSEGV, core dumped after 1.5 s');
  assert.equal(text({ pid: 0 }), 'connection ended');
});

test('a link connects, and has no pid', () => {
  assert.equal(eventText({ ...STAMP, type: 'started', pid: 0 }), 'connected');
});

test('the text names a client that connects; an actor is named beside it', () => {
  const by = guest('vera', 'ws12');
  const doer = (event: Happening) => doerOf({ ...STAMP, ...event });
  assert.equal(doer({ type: 'attached', by }), undefined);
  assert.equal(doer({ type: 'writer', by }), undefined);
  assert.equal(doer({ type: 'note', text: 'x', by }), by);
});

test('one principal reads the same wherever it is shown', () => {
  assert.equal(principalText(guest('vera', 'ws12')), 'vera via conserver from ws12');
  assert.equal(principalText(person('vera', { pid: 7 })), 'vera via api from pid 7');
  assert.equal(principalText(person('root', { pid: 7, behind: 'vera' })), 'vera (as root) via api from pid 7');
  assert.equal(personOf(person('root', { behind: 'vera' })), 'vera-(as-root)@localhost');
  assert.equal(
    principalText({ ...ANONYMOUS, from: '10.0.0.3', port: 51_234 }),
    'unknown via procserv from 10.0.0.3:51234',
  );
  assert.equal(principalText(sender('SIGHUP')), 'SIGHUP');
  assert.equal(principalText(self('the hold has expired')), 'holdfast: the hold has expired');
});

test('a death says briefly who asked for it', () => {
  assert.equal(deathInfo(A_DEATH).asked, 'vera (SIGKILL)');
  const askedBy = person('root', { behind: 'vera' });
  assert.equal(deathInfo({ ...A_DEATH, askedBy }).asked, 'vera (as root) (SIGKILL)');
  const { askedBy: _by, askedSignal: _signal, ...unasked } = A_DEATH;
  assert.ok(!('asked' in deathInfo(unasked)));
});
