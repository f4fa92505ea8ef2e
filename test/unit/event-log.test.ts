import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EventLog } from '../../src/console/event-log.ts';

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'events.jsonl');
}

async function opened(path: string, limit = 1 << 20, trouble: string[] = []): Promise<EventLog> {
  const log = new EventLog(
    path,
    () => limit,
    (message) => trouble.push(message),
  );
  await log.open();
  return log;
}

test('events outlive the server, numbers go on, a torn line is passed over', async (t) => {
  const path = place(t);
  const first = await opened(path);
  first.add({ type: 'server', text: 'one' });
  first.add({ type: 'state', console: 'vac', text: 'two' });
  await first.flush();
  appendFileSync(path, '{"seq": 3, "ti');
  const second = await opened(path);
  assert.deepEqual(
    second.recent.map(({ text }) => text),
    ['one', 'two'],
  );
  assert.equal(second.add({ type: 'server', text: 'three' }).seq, 3);
  await second.flush();
  const third = await opened(path);
  assert.deepEqual(
    third.recent.map(({ seq, text }) => `${seq} ${text}`),
    ['1 one', '2 two', '3 three'],
    'what comes after the torn line is not lost with it',
  );
});

test('no events are none', async (t) => {
  const log = await opened(place(t));
  log.add({ type: 'server', text: 'one' });
  assert.deepEqual(await log.find(() => true, 0), []);
  assert.equal((await log.find(() => true, 1)).length, 1);
});

test('the history is bounded by its size', async (t) => {
  const path = place(t);
  const log = await opened(path, 20_000);
  for (let i = 0; i < 1000; i++) {
    log.add({ type: 'state', console: 'vac', text: `event ${i}` });
    if (i % 10 === 0) {
      await log.flush();
    }
  }
  await log.flush();
  assert.ok(statSync(path).size + statSync(`${path}.1`).size < 25_000);
  assert.match(readFileSync(path, 'utf8'), /event 999/);
});

test('the history is bounded also where much happens at once', async (t) => {
  const path = place(t);
  const log = await opened(path, 20_000);
  for (let i = 0; i < 10_000; i++) {
    log.add({ type: 'note', console: 'vac', text: `event ${i}` });
  }
  await log.flush();
  assert.ok(statSync(path).size + statSync(`${path}.1`).size <= 20_000);
  const texts = (await opened(path, 20_000)).recent.map(({ text }) => text);
  assert.deepEqual(
    texts,
    Array.from({ length: texts.length }, (_, i) => `event ${10_000 - texts.length + i}`),
    'the newest ones, whole',
  );
  assert.ok(texts.length > 50);
});

test('what is not at hand any more is read from the files', async (t) => {
  const log = await opened(place(t), 64 << 20);
  for (let i = 0; i < 5000; i++) {
    log.add({ type: 'state', console: i === 0 ? 'first' : 'vac', text: `event ${i}` });
  }
  const found = await log.find(({ console }) => console === 'first', 10);
  assert.deepEqual(
    found.map(({ text }) => text),
    ['event 0'],
  );
});

test('a history that cannot be written is reported once, and is written again when it can be', async (t) => {
  const path = place(t);
  const trouble: string[] = [];
  const log = await opened(join(path, 'not-there', 'events'), 1000, trouble);
  log.add({ type: 'server', text: 'one' });
  await log.flush();
  log.add({ type: 'server', text: 'two' });
  await log.flush();
  assert.equal(trouble.length, 1);
  assert.match(trouble[0] as string, /cannot be written: ENOENT/);
  mkdirSync(join(path, 'not-there'), { recursive: true });
  // As a full disk leaves it: the first event written before it was full, the second in part.
  const lines = log.recent.map((event) => `${JSON.stringify(event)}\n`).join('');
  writeFileSync(join(path, 'not-there', 'events'), lines.slice(0, -20));
  log.add({ type: 'server', text: 'three' });
  await log.flush();
  const next = await opened(join(path, 'not-there', 'events'));
  assert.deepEqual(
    next.recent.map(({ text }) => text),
    ['one', 'two', 'three'],
  );
});

test('a history that somebody deletes when it is due to be put aside goes on', async (t) => {
  const path = place(t);
  const trouble: string[] = [];
  const log = await opened(path, 100, trouble);
  log.add({ type: 'server', text: 'x'.repeat(100) });
  await log.flush();
  rmSync(path);
  log.add({ type: 'server', text: 'after' });
  await log.flush();
  assert.match(readFileSync(path, 'utf8'), /"text":"after"/);
  assert.deepEqual(trouble, []);
});
