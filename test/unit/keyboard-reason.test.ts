// The keyboard where a rule wants to know why: the reason goes with the request, and stays with the session.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostEvent } from '../../src/model/events.ts';
import type { EnterOptions } from '../../src/model/session.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig } from '../fakes/memory-host.ts';
import { guest, person } from '../fakes/principals.ts';
import { ruledHost } from '../fakes/ruled-host.ts';

const rules = (reason: string, more = '') =>
  `${more}[[access.rule]]\nwho = ["everyone"]\nmay = ["force"]\n${reason === '' ? '' : `reason = "${reason}"\n`}`;
const WRITE: EnterOptions = { mode: 'write', from: { lines: 0 } };
const NEEDED =
  /^denied: a reason is required to take the keyboard of a \(.*:\d+\); holdfast takes it by --reason TEXT$/;

async function site(reason = 'required') {
  const { world, rule } = ruledHost([consoleConfig('a')], rules(reason));
  world.up();
  await world.settle();
  const writers: HostEvent[] = [];
  world.host.onEvent((event) => void (event.type === 'writer' && writers.push(event)));
  const come = async (options: EnterOptions, by = person('vera')) => {
    const sink = new FakeSink();
    const session = world.host.enter('a', by, options, sink);
    await world.settle();
    await sink.settled;
    return { session, sink };
  };
  return { come, rule, world, writers };
}

test('asked for at once: with a reason, which the history has, or in vain', async () => {
  const { come, writers } = await site();
  const without = await come(WRITE);
  assert.match(without.sink.told.at(-1) ?? '', NEEDED);
  const byPage = await come(WRITE, person('vera', { channel: 'web' }));
  assert.match(byPage.sink.told.at(-1) ?? '', /a reason is required to take the keyboard of a \([^)]*\)$/);
  assert.equal(writers.length, 0);
  const { session } = await come({ ...WRITE, reason: 'HV card' });
  assert.equal(session.writer?.id, session.info.id);
  assert.deepEqual(
    writers.map(({ by }) => by?.reason),
    ['HV card'],
  );
});

test('asked for later, and by force: each time with its own', async () => {
  const { come, writers } = await site();
  const [one, other] = [await come({ ...WRITE, mode: 'read' }), await come({ ...WRITE, mode: 'read' })];
  assert.equal(one.session.take(false), false);
  assert.equal(one.session.take(false, 'HV card'), true);
  assert.equal(one.session.take(false), true, 'it has it already');
  assert.equal(other.session.take(true), false);
  assert.equal(other.session.take(true, 'my turn'), true);
  one.session.take(true, 'no, mine');
  assert.deepEqual(
    writers.map(({ by }) => by?.reason),
    ['HV card', 'my turn', 'no, mine'],
  );
  one.session.release();
  one.session.leave();
  assert.equal(one.session.take(false, 'gone'), false);
});

test('a reload leaves the keyboard to whoever has said why, and takes it from whoever has not', async () => {
  const { come, rule } = await site('');
  const { session, sink } = await come(WRITE);
  await rule(rules('required'));
  assert.equal(session.writer?.id, undefined);
  assert.ok(sink.told.some((each) => each.startsWith('said a reason is required')));
  session.take(false, 'HV card');
  await rule(rules('required', '[access]\ncontact = "the desk"\n'));
  assert.equal(session.writer?.id, session.info.id);
});

test('whoever cannot say why is told which way in takes a reason', async () => {
  const { come } = await site();
  const { sink } = await come(WRITE, guest('vera'));
  assert.match(sink.told.at(-1) ?? '', /; none can be given here: use 'holdfast attach a'$/);
});
