// The WebSocket of the feed: what its clients get, and what those cost that misbehave.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { type Control, createControl } from '../../src/listeners/control/control.ts';
import type { FeedNews } from '../../src/model/feed.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { type Clock, systemClock } from '../../src/platform/time/clock.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

const PROTOCOL = 'holdfast.watch.v1';
const PING_INTERVAL_MS = 20_000;

type Message = FeedNews | { readonly type: 'again' } | { readonly type: 'closed'; readonly reason: string };

/** A client, and what it has got. */
class Client {
  readonly ws: WebSocket;
  readonly messages: Message[] = [];
  readonly closed: Promise<number>;

  constructor(path: string, query = '', protocol = PROTOCOL) {
    this.ws = new WebSocket(`ws+unix:${path}:/v1/watch${query}`, protocol, { headers: { host: 'x' } });
    this.ws.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString())));
    this.closed = new Promise((resolve) => this.ws.once('close', resolve));
    this.ws.on('error', () => undefined);
  }

  /** The next message. */
  async next<Type extends Message['type']>(type: Type): Promise<Message & { type: Type }> {
    const message = await until(`${type}`, () => this.messages.shift());
    assert.equal(message.type, type);
    return message as Message & { type: Type };
  }

  /** The problem with which the server answers in place of the upgrade. */
  async refused(): Promise<string> {
    const [, answer] = await once(this.ws, 'unexpected-response');
    const parts: Buffer[] = [];
    for await (const part of answer) {
      parts.push(part);
    }
    const { code, detail } = JSON.parse(Buffer.concat(parts).toString());
    return `${answer.statusCode} ${code} ${detail}`;
  }
}

async function serve(t: TestContext, clock: Clock = systemClock) {
  const dir = mkdtempSync(join(tmpdir(), 'hf-watch-'));
  const path = join(dir, 'control');
  const host = new FakeHost();
  const faults: unknown[] = [];
  const control: Control = createControl({ door: openDoor(host), clock, fault: (error) => faults.push(error) });
  await control.listen(listenOn({ kind: 'unix', path, mode: 0o600 }).fd);
  const clients: Client[] = [];
  const client = (query?: string, protocol?: string): Client => {
    const made = new Client(path, query, protocol);
    clients.push(made);
    return made;
  };
  atEnd(t, async () => {
    for (const { ws } of clients) {
      ws.terminate();
    }
    await control.close();
    await until('the end of all', () => host.watchers === 0);
    rmSync(dir, { recursive: true });
    assert.deepEqual(faults, []);
  });
  return { host, control, client, path };
}

test('a watcher gets the table, then what changes, and goes on where it was', async (t) => {
  const { host, client } = await serve(t);
  host.add('vac', { groups: ['vacuum'] });
  host.add('mps');
  const watcher = client();
  const table = await watcher.next('table');
  assert.deepEqual(table.consoles, await host.list());
  host.emit({ console: 'vac', type: 'state', from: 'running', to: 'stopped', cause: 'x' } as never);
  host.stop('vac', { user: 'vera', channel: 'api', from: 'here', assurance: 'none' });
  const changes = await watcher.next('changes');
  assert.deepEqual(
    changes.changed.map(({ name, state }) => [name, state]),
    [['vac', 'stopped']],
  );
  watcher.ws.terminate();
  host.remove('mps');
  const place = `?feed=${changes.feed}&number=${changes.number}`;
  const again = client(place);
  for (let gone: readonly string[] = []; gone.length === 0; ) {
    const news = await again.next('changes');
    assert.deepEqual(news.changed, [], 'it knows all of this');
    gone = news.gone;
    assert.ok(gone.length === 0 || gone[0] === 'mps');
  }
  assert.equal((await client('?feed=other&number=1').next('table')).type, 'table');
});

test('what does not make sense is refused with an answer', async (t) => {
  const { client, path } = await serve(t);
  assert.equal(await client('?feed=x').refused(), '400 HF_BAD_REQUEST query: `feed` and `number`, or neither');
  assert.match(await client('?feed=x&number=-1').refused(), /^400 HF_BAD_REQUEST query.number/);
  assert.match(await client('?tail=1').refused(), /^400 HF_BAD_REQUEST query.tail/);
  assert.match(await client('', 'holdfast.attach.v1').refused(), /^400 HF_BAD_REQUEST The subprotocol is /);
  const plain = await fetchProblem(path);
  assert.match(plain, /^426 .*\/v1\/watch is a WebSocket: docs\/reference\/api.md, Watch/);
});

test('a watcher that speaks is disconnected', async (t) => {
  const { client } = await serve(t);
  const watcher = client();
  await watcher.next('table');
  watcher.ws.send('hello');
  assert.equal(await watcher.closed, 1008);
  assert.equal((await watcher.next('closed')).reason, 'A watcher has nothing to say');
});

test('a watcher whose feed ends, since its rights have changed, is told to come again', async (t) => {
  const { client, host } = await serve(t);
  const feed = host.watch.bind(host);
  host.watch = async function* (after, ended) {
    for await (const news of feed(after, ended)) {
      yield news;
      return;
    }
  };
  const watcher = client();
  await watcher.next('table');
  await watcher.next('again');
  await watcher.next('closed');
  assert.equal(await watcher.closed, 1001);
});

test('all are told that the server goes down', async (t) => {
  const { client, control } = await serve(t);
  const watchers = [client(), client()];
  await Promise.all(watchers.map((each) => each.next('table')));
  await control.close();
  for (const watcher of watchers) {
    assert.equal((await watcher.next('closed')).reason, 'The server is going down');
    assert.equal(await watcher.closed, 1001);
  }
});

test('a watcher that does not read has one message waiting, and is dropped when it shows no sign of life', async (t) => {
  const clock = new FakeClock();
  const { host, client } = await serve(t, clock);
  for (let n = 0; n < 1000; n++) {
    host.add(`c${n}`, { description: 'x'.repeat(2000) });
  }
  /** How many news each watcher was given. */
  const given: number[] = [];
  const watch = host.watch.bind(host);
  host.watch = async function* (...how) {
    const nth = given.push(0) - 1;
    for await (const news of watch(...how)) {
      given[nth] = (given[nth] ?? 0) + 1;
      yield news;
    }
  };
  const deaf = client();
  const [{ socket }] = await once(deaf.ws, 'upgrade');
  socket.pause();
  const watcher = client();
  await watcher.next('table');
  for (let n = 0; n < 3; n++) {
    host.add(`new${n}`);
    await watcher.next('changes');
  }
  assert.equal(host.watchers, 2);
  assert.deepEqual(given, [1, 4], 'something was made for one that does not read');
  // The first ping goes out; the other client answers it.
  const pinged = once(watcher.ws, 'ping');
  clock.advance(PING_INTERVAL_MS);
  await pinged;
  host.add('more');
  await watcher.next('changes');
  clock.advance(PING_INTERVAL_MS);
  await until('the end of the deaf one', () => host.watchers === 1);
  host.add('last');
  await watcher.next('changes');
});

async function fetchProblem(path: string): Promise<string> {
  const { request } = await import('node:http');
  const sent = request({ socketPath: path, path: '/v1/watch', agent: false });
  sent.end();
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const part of answer) {
    text += part;
  }
  return `${answer.statusCode} ${text}`;
}
