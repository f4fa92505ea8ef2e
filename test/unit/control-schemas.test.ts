// The documented schemas of the API are the types that the commands read: the type checker (`npm run types`) keeps them
// equal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Static } from 'typebox';
import { Check } from 'typebox/schema';
import type { WatchChangesSchema, WatchTableSchema } from '../../src/listeners/control/watch.ts';
import type {
  ConsoleDetail,
  ConsoleSummary,
  EventInfo,
  PlanResult,
  Problem,
  SessionInfo,
  VersionInfo,
} from '../../src/model/api.ts';
import {
  DetailSchema,
  EventSchema,
  type ProblemSchema,
  SessionSchema,
  SummarySchema,
  VersionSchema,
} from '../../src/model/api-schema.ts';
import { deathInfo, eventInfo } from '../../src/model/event-text.ts';
import type { FeedChanges, FeedTable } from '../../src/model/feed.ts';
import type { PlanSchema } from '../../src/model/plan-api-schema.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { ONE_OF_EACH } from '../fakes/one-of-each.ts';
import { person } from '../fakes/principals.ts';

/** Without `readonly`, intersections flattened: names, optionality and values are left. */
type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T;
type Equal<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

const EQUAL: {
  session: Equal<Static<typeof SessionSchema>, SessionInfo>;
  summary: Equal<Static<typeof SummarySchema>, ConsoleSummary>;
  detail: Equal<Static<typeof DetailSchema>, ConsoleDetail>;
  event: Equal<Static<typeof EventSchema>, EventInfo>;
  version: Equal<Static<typeof VersionSchema>, VersionInfo>;
  plan: Equal<Static<typeof PlanSchema>, PlanResult>;
  table: Equal<Static<typeof WatchTableSchema>, FeedTable>;
  changes: Equal<Static<typeof WatchChangesSchema>, FeedChanges>;
  problem: Equal<Static<typeof ProblemSchema>, Problem>;
} = {
  session: true,
  summary: true,
  detail: true,
  event: true,
  version: true,
  plan: true,
  table: true,
  changes: true,
  problem: true,
};

test('schemas and types are equal, and the answers of a host match the schemas', async () => {
  assert.ok(Object.values(EQUAL).every(Boolean));
  const host = new FakeHost();
  const since = '2026-03-01T02:00:00.000Z';
  const hold = { reason: 'HV card', by: 'ada', since, until: since };
  const death = {
    ...{ time: since, pid: 7, uptimeSeconds: 1.5, code: null, signal: 'SIGSEGV', coreDumped: true, outOfMemory: false },
    ...{ askedBy: person('ada'), askedSignal: 'SIGKILL', maxRssKib: 1, lastLines: ['x'] },
  };
  host.add('vac', { hold, deaths: [deathInfo(death)], chdir: '/', user: 'ioc', log: '/x.log', address: 'h:1' });
  const sink = new FakeSink();
  const session = host.enter('vac', person('ada', { pid: 1 }), { mode: 'read' }, sink);
  await sink.settled;
  assert.ok(Check(SessionSchema, session.info));
  assert.ok(Check(SummarySchema, (await host.list())[0]));
  assert.ok(Check(DetailSchema, await host.detail('vac')));
  for (const [, event] of Object.values(ONE_OF_EACH)) {
    assert.ok(Check(EventSchema, eventInfo(host.emit(event))), JSON.stringify(event));
  }
  assert.ok(Check(VersionSchema, await host.version()));
});
