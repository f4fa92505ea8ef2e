// How what a source says reaches its readers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessConsole } from '../../src/console/process-console.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import type { HostHandlers, Runner } from '../../src/model/runner.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/** A console with one reader, and what happened, in order. */
function watched() {
  const clock = new FakeClock();
  const ring = new OutputRing({ keep: 65536, most: 65536 });
  const host = {
    handlers: {} as HostHandlers,
    start: () => host.handlers.started(1, undefined),
    write: () => true,
    kill: () => true,
    resize: () => undefined,
    note: (bytes: Uint8Array) => {
      ring.note(bytes);
      host.handlers.advanced();
    },
  } satisfies Runner;
  const stream = new OutputStream(ring, clock.monotonic.bind(clock));
  const console = new ProcessConsole({
    child: () => ({ file: 'x', argv: ['x'] }),
    policy: { mode: 'never', holdoff: 0 },
    stop: [],
    host,
    stream,
    clock,
  });
  const happened: string[] = [];
  stream.subscribe({
    write: (bytes) => {
      happened.push(Buffer.from(bytes).toString());
      return true;
    },
    missed: () => undefined,
  });
  return { console, host, happened };
}

test('what is said in one turn is one write for each reader', async () => {
  const { console, happened } = watched();
  for (let n = 0; n < 100; n++) {
    console.say(`${n} `);
  }
  await Promise.resolve();
  assert.deepEqual(happened, [Array.from({ length: 100 }, (_, n) => `${n} `).join('')]);
  console.say('more');
  await Promise.resolve();
  assert.equal(happened[1], 'more');
});

test('the last words of a child are with its readers before anybody hears of its end', async () => {
  const { console, host, happened } = watched();
  console.watch({ started: () => happened.push('started'), ended: () => happened.push('ended') });
  console.say('before the start');
  console.supervisor.start();
  console.say('last words');
  host.handlers.ended(1, { code: 0, signal: null, coreDumped: false }, 0);
  assert.deepEqual(happened, ['before the start', 'started', 'last words', 'ended']);
  await Promise.resolve();
  assert.equal(happened.length, 4);
});
