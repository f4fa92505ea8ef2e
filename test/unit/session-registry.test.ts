import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionRegistry } from '../../src/console/session-registry.ts';
import type { SessionInfo } from '../../src/model/api.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { person } from '../fakes/principals.ts';

const ACTOR = person('anna', { pid: 1 });

function enter(registry: SessionRegistry, heard: (number | undefined)[] = []) {
  return registry.enter(ACTOR, 'read', {
    writerChanged: (writer?: SessionInfo) => heard.push(writer?.id),
    evicted: () => undefined,
    tell: () => undefined,
    rightsChanged: () => undefined,
  });
}

test('one session has the keyboard; the others are told, and may take it by force', () => {
  const registry = new SessionRegistry(new FakeClock(), () => undefined);
  const heard: (number | undefined)[] = [];
  const a = enter(registry, heard);
  const b = enter(registry);
  assert.equal(registry.take(a, false), true);
  assert.equal(registry.take(b, false), false);
  assert.equal(registry.writer?.id, a.info.id);
  assert.equal(registry.take(b, true), true);
  assert.deepEqual([a.info.mode, b.info.mode], ['read', 'write']);
  assert.deepEqual(heard, [a.info.id, b.info.id]);
  registry.leave(b);
  assert.equal(registry.writer, undefined);
  assert.deepEqual(heard, [a.info.id, b.info.id, undefined]);
});

test('a session that has left cannot take the keyboard', () => {
  const registry = new SessionRegistry(new FakeClock(), () => undefined);
  const a = enter(registry);
  registry.leave(a);
  assert.equal(registry.take(a, true), false);
  assert.deepEqual(registry.list, []);
});

test('the history records every arrival and departure once', () => {
  const heard: string[] = [];
  const registry = new SessionRegistry(new FakeClock(), (what) => heard.push(what));
  const a = enter(registry);
  registry.take(a, false);
  registry.take(a, false);
  registry.leave(a);
  registry.leave(a);
  assert.deepEqual(heard, ['attached', 'writer', 'writer', 'detached']);
});
