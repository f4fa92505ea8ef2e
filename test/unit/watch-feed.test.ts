// The feed from the other end: far away as near, and across servers that come and go.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectControl } from '../../src/client/control-connection.ts';
import { WatchFeed } from '../../src/client/watch-feed.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import type { FeedNews, FeedPlace } from '../../src/model/feed.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { atEnd } from '../harness/at-end.ts';
import { type ControlServer, serveControl } from '../harness/control-server.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const OPERATOR = { user: 'vera', channel: 'api', from: 'here', assurance: 'none' } as const;

function folder(t: TestContext): string {
  const dir = temporaryDirectory(t);
  return join(dir, 'control');
}

async function served(t: TestContext, host: FakeHost, path: string): Promise<ControlServer> {
  const server = await serveControl(host, path);
  atEnd(t, async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  return server;
}

/** Follows the feed until the test ends; `changes` counts how often it has changed. */
function following(t: TestContext, path: string): { feed: WatchFeed; changes: number } {
  const feed = new WatchFeed(connectControl(path), systemClock);
  const seen = { feed, changes: 0 };
  const ended = new AbortController();
  const follow = async () => {
    for await (const _ of feed.follow(ended.signal)) {
      seen.changes++;
    }
  };
  const followed = follow();
  atEnd(t, () => {
    ended.abort();
    return followed;
  });
  return seen;
}

test('far away the feed says what it says near, and goes on at a place', async (t) => {
  const host = new FakeHost();
  host.add('vac', { groups: ['vacuum'] });
  host.add('mps');
  const path = folder(t);
  await served(t, host, path);
  const client = connectControl(path);
  let place: FeedPlace | undefined;
  for await (const news of client.watch()) {
    assert.equal(news.type, 'table');
    assert.deepEqual('consoles' in news && news.consoles, await host.list());
    place = news;
    break;
  }
  await until('the watcher to be gone', () => host.watchers === 0);
  const ended = new AbortController();
  const news: FeedNews[] = [];
  for await (const each of client.watch(place, ended.signal)) {
    news.push(each);
    if (news.length === 1) {
      await host.stop('vac', OPERATOR);
    } else {
      ended.abort();
    }
  }
  assert.deepEqual(
    news.map((each) => each.type === 'changes' && each.changed.map(({ name, state }) => `${name} ${state}`)),
    [[], ['vac stopped']],
  );
  await until('the watcher to be gone', () => host.watchers === 0);
});

test('a reader that does not read is sent nothing more, and then only the newest', async (t) => {
  const host = new FakeHost();
  for (let n = 0; n < 500; n++) {
    host.add(`c${n}`, { description: 'x'.repeat(1000) });
  }
  const path = folder(t);
  await served(t, host, path);
  const near = host.watch()[Symbol.asyncIterator]();
  await near.next();
  const far = connectControl(path).watch()[Symbol.asyncIterator]();
  assert.equal((await far.next()).value?.type, 'table');
  // More than all buffers in between could keep.
  let last = 0;
  for (let n = 0; n < 6; n++) {
    for (const console of host.consoles.values()) {
      console.overrides = { ...console.overrides, lastLine: `${n} ${'y'.repeat(1000)}` };
    }
    last = (await near.next()).value?.number;
  }
  let number = 0;
  let messages = 0;
  for (; number < last; messages++) {
    number = (await far.next()).value?.number;
  }
  assert.ok(messages < 6, `${messages} messages for six changes`);
  await near.return?.(undefined);
  await far.return?.(undefined);
});

test('a table is kept while the server is away, and is that of the next one when it comes', async (t) => {
  const host = new FakeHost();
  host.add('vac');
  const path = folder(t);
  const first = await served(t, host, path);
  const seen = following(t, path);
  const { feed } = seen;
  await until('the table', () => seen.changes === 1);
  assert.equal(feed.lost, undefined);
  await first.kill();
  await until('the loss', () => feed.lost);
  assert.deepEqual(
    feed.table.consoles.map(({ name }) => name),
    ['vac'],
  );
  const next = new FakeHost();
  next.add('mps');
  next.add('new');
  const second = await served(t, next, path);
  await until('the next table', () => feed.lost === undefined);
  assert.deepEqual(feed.table.consoles, await next.list());
  assert.equal(seen.changes, 3, 'it is told of a loss once');
  next.add('more');
  await until('a change', () => feed.table.consoles.length === 3);
  // The same feed at another socket of the same path: it goes on where it was.
  await second.kill();
  next.remove('mps');
  await served(t, next, path);
  await until('the change', () => feed.table.consoles.length === 2);
  assert.deepEqual(feed.table.consoles, await next.list());
});

test('a feed that ends since rights have changed is followed by the next one, and was never lost', async (t) => {
  const [before, after] = [new FakeHost(), new FakeHost()];
  before.add('vac');
  before.add('mps');
  after.add('mps');
  let table = false;
  const path = folder(t);
  const host = new FakeHost();
  host.watch = async function* (place, ended) {
    if (table) {
      yield* after.watch(place, ended);
    } else {
      for await (const news of before.watch(place, ended)) {
        table = true;
        yield news;
        return;
      }
    }
  };
  await served(t, host, path);
  const losses: unknown[] = [];
  const feed = new WatchFeed(connectControl(path), systemClock);
  const ended = new AbortController();
  for await (const _ of feed.follow(ended.signal)) {
    losses.push(feed.lost);
    if (losses.length === 1) {
      assert.deepEqual(feed.table.consoles, await before.list());
    } else {
      ended.abort();
    }
  }
  assert.deepEqual(losses, [undefined, undefined]);
  assert.deepEqual(feed.table.consoles, await after.list());
});

test('without a server to begin with there is nothing to wait for', async (t) => {
  const feed = new WatchFeed(connectControl(folder(t)), systemClock);
  await assert.rejects(feed.follow(new AbortController().signal).next(), { code: 'HF_NO_SERVER' });
});

test('a server without a feed is named as what it is', async (t) => {
  const path = folder(t);
  const server = createServer();
  server.on('upgrade', (_request, socket) => {
    const body = JSON.stringify({ code: 'HF_NO_ROUTE', detail: 'A WebSocket is at /v1/consoles/NAME/attach only' });
    socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, () => new Promise((resolve) => server.close(resolve)));
  const feed = new WatchFeed(connectControl(path), systemClock);
  await assert.rejects(
    feed.follow(new AbortController().signal).next(),
    (error) => error instanceof HoldfastError && /older than its client, and has no feed/.test(error.message),
  );
});
