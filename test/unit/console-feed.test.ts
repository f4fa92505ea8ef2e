// The table of all consoles for those who watch it: computed once, complete, and for nobody who does not read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConsoleFeed } from '../../src/host/console-feed.ts';
import type { ConsoleSummary } from '../../src/model/api.ts';
import type { HostEvent } from '../../src/model/events.ts';
import type { FeedNews, FeedPlace } from '../../src/model/feed.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { Watcher } from '../harness/watcher.ts';

const LOOK_MS = 250;
const SWEEP_MS = 8 * LOOK_MS;

class World {
  readonly clock = new FakeClock();
  readonly consoles = new Map<string, ConsoleSummary>();
  /** Rows that were made. */
  made = 0;
  refreshed = 0;
  happened: (event: HostEvent) => void = () => undefined;
  readonly feed = new ConsoleFeed<ConsoleSummary>({
    clock: this.clock,
    consoles: this.consoles,
    line: ({ lastLine }) => lastLine,
    rows: () => (console) => {
      this.made++;
      return { ...console };
    },
    refreshLines: async () => void this.refreshed++,
    listen: (handler) => {
      this.happened = handler;
    },
  });

  constructor(count: number) {
    for (let n = 0; n < count; n++) {
      this.set(`c${n}`);
    }
  }

  readonly watch = this.feed.watch.bind(this.feed);

  /** Without an event. */
  set(name: string, change: Partial<ConsoleSummary> = {}): void {
    const before = this.consoles.get(name) ?? {
      ...{ name, kind: 'run', state: 'running', since: '', restarts: { hour: 0, total: 0 }, sessions: 0 },
      ...{ lastLine: '', groups: [], description: '', labels: {} },
    };
    this.consoles.set(name, { ...(before as ConsoleSummary), ...change });
  }

  event(console?: string): void {
    this.happened({ type: 'state', ...(console === undefined ? {} : { console }) } as HostEvent);
  }

  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await turn();
  }

  /** Somebody who has the table. */
  async watcher(): Promise<Watcher> {
    const watcher = new Watcher();
    watcher.watch(this);
    await turn();
    return watcher;
  }

  /** The first news of somebody who comes back to this place. */
  async first(place?: FeedPlace): Promise<FeedNews> {
    for await (const news of this.watch(place)) {
      return news;
    }
    return assert.fail('nothing came');
  }
}

/** News as text: `17 c1 c2 -c3`, `table of 4`. */
function brief(news: FeedNews): string {
  return news.type === 'table'
    ? `table of ${news.consoles.length}`
    : [...news.changed.map(({ name }) => name), ...news.gone.map((name) => `-${name}`)].join(' ');
}

const told = (watcher: Watcher): string[] => watcher.news.splice(0).map(brief);

test('the table comes first, then what has changed, at most four times a second and once for all', async () => {
  const world = new World(4);
  const [one, other] = [await world.watcher(), await world.watcher()];
  assert.deepEqual([told(one), told(other)], [['table of 4'], ['table of 4']]);
  for (let n = 0; n < 5; n++) {
    world.set('c1', { state: n === 4 ? 'stopped' : 'starting' });
    world.event('c1');
    world.set('c2', { lastLine: `line ${n}` });
    await world.pass(LOOK_MS / 5);
  }
  assert.equal(one.news.length, 1);
  assert.equal(one.news[0], other.news[0], 'made for each');
  assert.deepEqual(told(one), ['c1 c2']);
  assert.deepEqual(one.table.consoles, [...world.consoles.values()]);
  world.event();
  await world.pass(10 * SWEEP_MS);
  assert.deepEqual(told(one), [], 'told of nothing');
});

test('where rights have changed all watchers hear from the feed at once, and miss nothing', async () => {
  const world = new World(2);
  const watchers = [await world.watcher(), await world.watcher()];
  for (const watcher of watchers) {
    told(watcher);
  }
  world.feed.review();
  await world.pass(0);
  assert.deepEqual(watchers.map(told), [[''], ['']]);
  world.set('c1', { state: 'stopped' });
  world.event('c1');
  await world.pass(LOOK_MS);
  assert.deepEqual(watchers.map(told), [['c1'], ['c1']]);
});

test('what changes without an event is seen within two seconds; only such consoles are made anew', async () => {
  const world = new World(80);
  const watcher = await world.watcher();
  assert.equal(world.made, 80);
  world.set('c7', { waitsFor: { kind: 'turn', what: 'a start slot', since: '' } });
  await world.pass(SWEEP_MS);
  assert.deepEqual(told(watcher), ['table of 80', 'c7']);
  assert.equal(world.made, 160);
  world.set('c8', { sessions: 1 });
  world.event('c8');
  await world.pass(LOOK_MS);
  assert.deepEqual(told(watcher), ['c8']);
  assert.ok(world.made <= 171, `${world.made} rows were made`);
  world.set('c9', { holderSilent: { pid: 1, since: '' } });
  world.set('c10', { holderSilent: { pid: 1, since: '' } });
  world.event();
  await world.pass(LOOK_MS);
  assert.deepEqual(told(watcher), ['c9 c10'], 'an event of the server may concern every console');
});

test('consoles come and go', async () => {
  const world = new World(2);
  const watcher = await world.watcher();
  world.consoles.delete('c0');
  world.set('new');
  await world.pass(LOOK_MS);
  world.set('c0');
  await world.pass(LOOK_MS);
  assert.deepEqual(told(watcher), ['table of 2', 'new -c0', 'c0']);
});

test('who does not read costs nothing, and then gets only the newest', async () => {
  const world = new World(3);
  const [slow, quick] = [await world.watcher(), await world.watcher()];
  slow.readNoMore();
  for (let n = 0; n < 100; n++) {
    world.set('c0', { lastLine: `line ${n}` });
    await world.pass(LOOK_MS);
  }
  world.consoles.delete('c1');
  world.set('c2', { state: 'stopped' });
  world.event('c2');
  await world.pass(LOOK_MS);
  assert.equal(quick.news.length, 102);
  slow.readOn();
  await turn();
  assert.deepEqual(told(slow), ['table of 3', 'c0', 'c0 c2 -c1']);
  assert.deepEqual(slow.table.consoles, quick.table.consoles);
});

test('who comes back knows at once what it missed', async () => {
  const world = new World(3);
  const stays = await world.watcher();
  const { place } = stays.table;
  assert.equal(brief(await world.first(place)), '', 'nothing');
  world.set('c1', { lastLine: 'hello' });
  await world.pass(LOOK_MS);
  world.consoles.delete('c0');
  await world.pass(LOOK_MS);
  assert.equal(brief(await world.first(place)), 'c1 -c0');
  assert.equal(brief(await world.first(stays.table.place)), '');
  assert.equal(brief(await world.first({ feed: 'another', number: 1 })), 'table of 2');
  assert.equal(brief(await world.first({ feed: place?.feed ?? '', number: 1000 })), 'table of 2');
  assert.equal(brief(await world.first()), 'table of 2');
});

test('the table is kept for a while when nobody watches, and then nothing is left to do', async () => {
  const world = new World(3);
  const watcher = await world.watcher();
  const { place } = watcher.table;
  watcher.leave();
  await world.pass(LOOK_MS);
  world.set('c2', { state: 'stopped' });
  world.event('c2');
  const made = world.made;
  await world.pass(20_000);
  assert.equal(world.made, made, 'rows for nobody');
  assert.equal(brief(await world.first(place)), 'c2', 'with what happened meanwhile');
  await world.pass(LOOK_MS);
  assert.equal(world.clock.pending, 1);
  await world.pass(30_000);
  assert.equal(world.clock.pending, 0);
  assert.equal(brief(await world.first(place)), 'table of 3');
});

test('a look makes at most 500 rows, and every console has its turn', async () => {
  const world = new World(1200);
  const watcher = await world.watcher();
  for (let n = 0; n < 12; n++) {
    for (const name of world.consoles.keys()) {
      world.set(name, { lastLine: `line ${n}` });
    }
    const before = world.made;
    await world.pass(LOOK_MS);
    assert.equal(world.made - before, 500);
  }
  const times = new Map<string, number>();
  for (const news of watcher.news.slice(1)) {
    for (const { name } of news.type === 'changes' ? news.changed : []) {
      times.set(name, (times.get(name) ?? 0) + 1);
    }
  }
  assert.deepEqual([...new Set(times.values())], [5], 'some have waited longer than others');
  assert.equal(times.size, 1200);
});

test('of very many that are gone the oldest are forgotten: who has not heard of them gets the table', async () => {
  const world = new World(1500);
  const watcher = await world.watcher();
  const { place } = watcher.table;
  const remove = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      world.consoles.delete(`c${n}`);
    }
    await world.pass(LOOK_MS);
  };
  await remove(0, 400);
  const later = watcher.table.place;
  await remove(400, 1200);
  assert.equal(brief(await world.first(place)), 'table of 300');
  assert.equal(brief(await world.first(later)).split(' ').length, 800);
  assert.equal(watcher.table.consoles.length, 300);
});

test('lines that nobody tells of are asked for while somebody watches', async () => {
  const world = new World(1);
  assert.equal(world.refreshed, 0);
  await world.watcher();
  await world.pass(10 * SWEEP_MS);
  assert.equal(world.refreshed, 11);
});
