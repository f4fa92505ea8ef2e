// Whether the holder answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { HolderPulse, HolderSilent } from '../../src/remote/holder-pulse.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/** The pulse of a holder that answers when the test says so, and its reports. */
function pulse() {
  const clock = new FakeClock();
  const told: string[] = [];
  const pings: (() => void)[] = [];
  const began = clock.now();
  const made = new HolderPulse({
    clock,
    ping: () => new Promise<void>((resolve) => pings.push(resolve)),
    silent: (since) => told.push(`silent since ${since - began}`),
    back: (after) => told.push(`back after ${after}`),
  });
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 500) {
      clock.advance(500);
      await turn();
    }
  };
  return { clock, made, pass, pings, told };
}

test('a holder is silent when it has not answered for a while, and its next answer is reported too', async () => {
  const { made, pass, pings, told } = pulse();
  await pass(2500);
  assert.equal(pings.length, 1, 'asked once, until it answers');
  assert.deepEqual(told, []);
  await pass(1000);
  assert.deepEqual(told, ['silent since 1000']);
  assert.notEqual(made.silentSince, undefined);
  await assert.rejects(
    made.within(() => assert.fail('asked all the same')),
    HolderSilent,
  );
  pings[0]?.();
  await turn();
  assert.deepEqual(told.slice(1), ['back after 2500']);
  assert.equal(made.silentSince, undefined);
  assert.equal(await made.within(() => Promise.resolve('answer')), 'answer');
  made.close();
});

test('a question that is not answered in time finds it out sooner', async () => {
  const { made, pass, told } = pulse();
  const asked = assert.rejects(
    made.within(() => new Promise(() => undefined)),
    HolderSilent,
  );
  await pass(2000);
  await asked;
  assert.deepEqual(told, ['silent since 0']);
  made.close();
});

test('closing while the last answer may still be read reports no silence', async () => {
  const { clock, made, pass, told } = pulse();
  await pass(2500);
  const asked = made.within(() => new Promise(() => undefined)).catch(() => undefined);
  // The time is over, and what has arrived is read first.
  clock.advance(500);
  made.close();
  await pass(2500);
  await asked;
  assert.deepEqual(told, []);
  assert.equal(made.silentSince, undefined);
});

test('the check that is under way is waited for: for its answer, a silence, or the end of the connection', async () => {
  const { made, pass, pings } = pulse();
  let settled = 0;
  const wait = () => void made.settled().then(() => settled++);
  wait();
  await turn();
  assert.equal(settled, 1, 'none is under way');
  await pass(1000);
  wait();
  await turn();
  assert.equal(settled, 1);
  pings[0]?.();
  await turn();
  assert.equal(settled, 2, 'it answers');
  await pass(1000);
  wait();
  await pass(2000);
  assert.equal(settled, 3, 'it is silent');
  assert.notEqual(made.silentSince, undefined);
  wait();
  await turn();
  assert.equal(settled, 4, 'that is known');
  pings[1]?.();
  await pass(1000);
  wait();
  made.close();
  await turn();
  assert.equal(settled, 5, 'it is gone');
});
