import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events } from '../../src/host/events.ts';
import { ServerVersion, type VersionParts } from '../../src/host/server-version.ts';
import type { HolderSilence } from '../../src/model/holder-silence.ts';
import type { ProcessState } from '../../src/model/process.ts';
import { openedOrSilent } from '../../src/remote/opened-or-silent.ts';
import { StatusService } from '../../src/systemd/status-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { configOf } from '../fakes/host-in-memory.ts';

const SILENCE: HolderSilence = { pid: 7, since: '2026-03-01T02:00:00.000Z' };

test('a start waits for its consoles as long as the holder answers, and for a silent one no longer', async () => {
  const clock = new FakeClock();
  const holder: { silence: HolderSilence | undefined } = { silence: undefined };
  const start = openedOrSilent(new Promise(() => undefined), holder, clock);
  let result: HolderSilence | undefined | 'waits' = 'waits';
  void start.then((silence) => {
    result = silence;
  });
  const looks = async () => {
    clock.advance(3000);
    await new Promise(setImmediate);
    return result;
  };
  assert.equal(await looks(), 'waits');
  holder.silence = SILENCE;
  assert.equal(await looks(), SILENCE);
});

test('a start is complete when its consoles are, and fails as they do', async () => {
  const clock = new FakeClock();
  assert.equal(await openedOrSilent(Promise.resolve(), { silence: SILENCE }, clock), undefined);
  const failed = openedOrSilent(Promise.reject(new Error('refused')), { silence: undefined }, clock);
  await assert.rejects(failed, { message: 'refused' });
});

test('the status line counts the present consoles, at a limited rate', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const events = new Events(() => clock.now(), 0);
  const status = new StatusService({
    manager: { status: (text) => void lines.push(text) },
    clock,
    events,
  });
  const console = { name: 'a', config: configOf({ a: '' }).consoles[0], state: 'running' as ProcessState };
  const changed = () => events.add({ type: 'state', console: 'a', from: 'starting', to: 'running', cause: 'up' });
  status.consoleCame(console as never);
  changed();
  changed();
  events.add({ type: 'note', text: 'x' });
  clock.advance(199);
  assert.deepEqual(lines, []);
  console.state = 'failed';
  clock.advance(1);
  assert.deepEqual(lines, ['0 of 1 up, 1 failed: a']);
  status.consoleWent('a');
  assert.equal(status.text, '0 of 0 up');
  events.add({ type: 'config', text: 'x' });
  await status.close();
  changed();
  clock.advance(1000);
  assert.equal(lines.length, 1);
});

test('the version reports a holder that is away, and a shortage of memory', async () => {
  const figures = { most: 100, used: 3, short: { since: 0, last: 1000, bytes: 9 } };
  const parts: VersionParts = {
    version: '1.2.3',
    startedAt: 0,
    guard: { use: { limit: 10, used: 4 } },
    budget: { figures },
    holder: { hello: undefined, silence: SILENCE, memory: async () => undefined },
    files: { changedOnDisk: async () => true, leftOut: [] },
    network: () => undefined,
  };
  const version = await new ServerVersion(parts).tell(2, ['/etc/holdfast.toml']);
  assert.deepEqual(version.config, { files: ['/etc/holdfast.toml'], changedOnDisk: true });
  assert.deepEqual([version.version, version.consoles], ['1.2.3', 2]);
  assert.equal('service' in version, false);
  assert.equal('network' in version, false);
  assert.deepEqual(version.holder, {
    ...{ pid: 0, version: '', protocol: 0, startedAt: '1970-01-01T00:00:00.000Z', silent: SILENCE },
  });
  assert.deepEqual(version.lagMemory, {
    most: 100,
    used: 3,
    short: { since: '1970-01-01T00:00:00.000Z', last: '1970-01-01T00:00:01.000Z', bytes: 9 },
  });
});
