// The recipe that stops a child.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIGKILL, SIGNALS } from '../../src/model/signals.ts';
import { StopRun, signalThenKill } from '../../src/model/stop-recipe.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/** A run, and the signals to its child; `kill` may have no effect. */
function run(overhear: (signal: number) => void = () => undefined) {
  const clock = new FakeClock();
  const got: (string | number)[] = [];
  const child = {
    write: (bytes: Uint8Array) => got.push(Buffer.from(bytes).toString()),
    kill(signal: number) {
      got.push(signal);
      overhear(signal);
    },
  };
  return { clock, got, recipe: new StopRun(child, clock) };
}

const { INT: SIGINT, TERM: SIGTERM } = SIGNALS;
const STEPS = [{ send: 'exit\n' }, { wait: 100 }, { signal: SIGINT }, { signal: SIGTERM }, { wait: 50 }];

test('a recipe goes from step to step, and always ends with SIGKILL', () => {
  const { clock, got, recipe } = run();
  recipe.begin(STEPS);
  assert.deepEqual(got, ['exit\n']);
  clock.advance(99);
  assert.deepEqual(got, ['exit\n']);
  clock.advance(1);
  assert.deepEqual(got, ['exit\n', SIGINT, SIGTERM]);
  clock.advance(50);
  assert.deepEqual(got, ['exit\n', SIGINT, SIGTERM, SIGKILL]);
});

test('an empty recipe is SIGKILL', () => {
  const { got, recipe } = run();
  recipe.begin([]);
  assert.deepEqual(got, [SIGKILL]);
});

test('a child that is gone gets no further signal, even if a step ended it at once', () => {
  const waits = run();
  waits.recipe.begin(STEPS);
  waits.recipe.cancel();
  waits.clock.advance(1000);
  assert.deepEqual(waits.got, ['exit\n']);
  const obeys = run((signal) => signal === SIGINT && obeys.recipe.cancel());
  obeys.recipe.begin(STEPS);
  obeys.clock.advance(1000);
  assert.deepEqual(obeys.got, ['exit\n', SIGINT]);
});

test('a second run starts again, and the first one is over', () => {
  const { clock, got, recipe } = run();
  recipe.begin(STEPS);
  clock.advance(60);
  recipe.begin(signalThenKill(SIGTERM, 70));
  assert.deepEqual(got, ['exit\n', SIGTERM]);
  clock.advance(69);
  assert.deepEqual(got, ['exit\n', SIGTERM]);
  clock.advance(1);
  assert.deepEqual(got, ['exit\n', SIGTERM, SIGKILL]);
});

test('with SIGKILL as the signal there is nothing to wait for', () => {
  assert.deepEqual(signalThenKill(SIGKILL, 1000), [{ signal: SIGKILL }]);
});
