import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessConsole } from '../../src/console/process-console.ts';
import { Instance } from '../../src/listeners/procserv/instance.ts';
import type { ProcServSettings } from '../../src/listeners/procserv/settings.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import type { RunnerHandlers } from '../../src/model/runner.ts';
import { KeyPace } from '../../src/platform/time/key-pace.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const SECOND = 1000;

interface Given {
  readonly early?: number;
  readonly history?: number;
  readonly announces?: boolean;
}

/** An instance without a child, and the notifications of its runner. */
function made(clock: FakeClock, ring: OutputRing, { early, history = 0, announces = false }: Given = {}) {
  const child = { file: 'ioc', argv: ['ioc'] };
  const idle = {
    handlers: undefined as unknown as RunnerHandlers,
    ...{ start: () => undefined, resize: () => undefined, note: () => undefined },
    ...{ write: () => true, kill: () => false },
  };
  const console = new ProcessConsole({
    ...{ child: () => child, policy: { mode: 'always', holdoff: 15 * SECOND }, stop: [], runner: idle, clock },
    stream: new OutputStream(ring, () => clock.monotonic()),
  });
  const keys = new KeyPace(clock).console();
  const quit = () => undefined;
  const settings = { child, history } as unknown as ProcServSettings;
  const instance = new Instance(settings, console, clock, {
    enter: () => assert.fail(),
    keys,
    announces,
    quit,
    ...(early !== undefined && { early }),
  });
  return { instance, host: idle.handlers };
}

test('an early client begins where the server began, as far as that is still there', () => {
  const clock = new FakeClock();
  const ring = new OutputRing({ keep: 1 << 10, most: 1 << 20 });
  ring.append(Buffer.from('before'));
  const { instance } = made(clock, ring, { early: 500 });
  ring.append(Buffer.alloc(100));
  assert.equal(instance.beginning, 'before'.length);
  clock.advance(499);
  ring.append(Buffer.alloc(1 << 20));
  ring.trim();
  assert.equal(instance.beginning, ring.tail);
  clock.advance(1);
  assert.equal(instance.beginning, undefined);
});

test('if nobody is early, or history was requested, all begin with that', () => {
  const clock = new FakeClock();
  const ring = new OutputRing({ keep: 1000, most: 1000 });
  assert.equal(made(clock, ring).instance.beginning, undefined);
  assert.equal(made(clock, ring, { early: 500, history: 20 }).instance.beginning, undefined);
});

test('the banner tells an early client of the start, and it gets the output since', () => {
  const clock = new FakeClock();
  const ring = new OutputRing({ keep: 1000, most: 1000 });
  const { instance, host } = made(clock, ring, { early: 500, announces: true });
  ring.note(Buffer.from('@@@ started'));
  host.started(7, undefined, true);
  ring.append(Buffer.from('first words'));
  assert.equal(instance.beginning, '@@@ started'.length);
});
