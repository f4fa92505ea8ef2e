import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pastOf } from '../../src/console/past.ts';
import { EventLog } from '../../src/host/event-log.ts';
import { Events } from '../../src/host/events.ts';
import type { Death } from '../../src/model/death.ts';
import { eventInfo } from '../../src/model/event-text.ts';
import type { Happening, HostEvent } from '../../src/model/events.ts';
import { person } from '../fakes/principals.ts';
import { temporaryDirectory } from '../harness/machine.ts';

/** A folder, and the file in it that contains the events. */
function place(t: TestContext): string {
  const folder = temporaryDirectory(t);
  return join(folder, 'events.jsonl');
}

/** A history that records added events, and its contents as the API shows them. */
async function opened(path: string, limit = 1 << 20, trouble: string[] = []) {
  const log = new EventLog(
    dirname(path),
    () => limit,
    (message) => trouble.push(message),
  );
  await log.open();
  const events = new Events(Date.now, log.newest);
  events.listen((event) => log.add(event));
  return {
    add: (happening: Happening) => events.add(happening),
    flush: () => log.flush(),
    find: async (matches: (event: HostEvent) => boolean, limit: number, after?: number) =>
      (await log.find(matches, limit, after)).map(eventInfo),
    get recent() {
      return log.recent.map(eventInfo);
    },
    get since() {
      return log.since;
    },
  };
}

test('events outlive the server, numbers go on, a torn line is skipped', async (t) => {
  const path = place(t);
  const first = await opened(path);
  first.add({ type: 'server', text: 'one' });
  first.add({ type: 'note', console: 'vac', text: 'two' });
  await first.flush();
  appendFileSync(path, '{"seq": 3, "ti');
  const second = await opened(path);
  assert.deepEqual(
    second.recent.map(({ text }) => text),
    ['one', 'two'],
  );
  // The number of the torn event may have been seen.
  assert.equal(second.add({ type: 'server', text: 'three' }).seq, 4);
  await second.flush();
  const third = await opened(path);
  assert.deepEqual(
    third.recent.map(({ seq, text }) => `${seq} ${text}`),
    ['1 one', '2 two', '4 three'],
    'what comes after the torn line is not lost with it',
  );
});

test('adding no events adds none', async (t) => {
  const log = await opened(place(t));
  log.add({ type: 'server', text: 'one' });
  assert.deepEqual(await log.find(() => true, 0), []);
  assert.equal((await log.find(() => true, 1)).length, 1);
});

test('the history is bounded by its size', async (t) => {
  const path = place(t);
  const log = await opened(path, 20_000);
  for (let i = 0; i < 1000; i++) {
    log.add({ type: 'note', console: 'vac', text: `event ${i}` });
    if (i % 10 === 0) {
      await log.flush();
    }
  }
  await log.flush();
  assert.ok(statSync(path).size + statSync(`${path}.1`).size < 25_000);
  assert.match(readFileSync(path, 'utf8'), /event 999/);
});

test('the history is bounded even if much happens at once', async (t) => {
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

test('events that are no longer in memory are read from the files', async (t) => {
  const path = place(t);
  const log = await opened(path, 64 << 20);
  for (let i = 0; i < 5000; i++) {
    log.add({ type: 'note', console: i === 0 ? 'first' : 'vac', text: `event ${i}` });
  }
  const found = await log.find(({ console }) => console === 'first', 10);
  assert.deepEqual(
    found.map(({ text }) => text),
    ['event 0'],
  );
  await log.flush();
  rmSync(path);
  const later = await log.find(({ seq }) => seq > 4990, 10_000, 4990);
  assert.equal(later[0]?.text, 'event 4990', 'what is in memory is not read from files');
});

test('however far back events are looked for, everything else goes on', async (t) => {
  const log = await opened(place(t), 64 << 20);
  for (let i = 0; i < 20_000; i++) {
    log.add({ type: i % 3 === 0 ? 'server' : 'note', console: `vac-${i % 7}`, text: `event ${i} ${'x'.repeat(100)}` });
    log.add({ type: 'attached', console: 'vac', session: i, by: person('ada') });
  }
  await log.flush();
  let looked = 0;
  let most = 0;
  let isOver = false;
  const turn = (): void => {
    most = Math.max(most, looked);
    looked = 0;
    if (!isOver) {
      setImmediate(turn);
    }
  };
  turn();
  const found = await log.find(({ type, seq }) => {
    looked++;
    return type === 'note' && seq < 30;
  }, 5);
  isOver = true;
  turn();
  assert.deepEqual(
    found.map(({ seq }) => seq),
    [17, 21, 23, 27, 29],
  );
  // Those in memory are looked at in one go.
  assert.ok(most <= 3000, `${most} events in one turn`);
  // Half of them from memory, and none twice.
  const many = await log.find(() => true, 5000);
  assert.deepEqual(
    many.map(({ seq }) => seq),
    Array.from({ length: 5000 }, (_, at) => 35_001 + at),
  );
});

test('a history that cannot be written is reported once, and is written again when it can be', async (t) => {
  const path = place(t);
  const trouble: string[] = [];
  const log = await opened(join(path, 'not-there', 'events.jsonl'), 1000, trouble);
  log.add({ type: 'server', text: 'one' });
  await log.flush();
  log.add({ type: 'server', text: 'two' });
  await log.flush();
  assert.equal(trouble.length, 1);
  assert.match(trouble[0] as string, /cannot be written: ENOENT/);
  mkdirSync(join(path, 'not-there'), { recursive: true });
  // As left by a full disk: the first event written before it was full, the second in part.
  const lines = log.recent.map((event) => `${JSON.stringify(event)}\n`).join('');
  writeFileSync(join(path, 'not-there', 'events.jsonl'), lines.slice(0, -20));
  log.add({ type: 'server', text: 'three' });
  await log.flush();
  const next = await opened(join(path, 'not-there', 'events.jsonl'));
  assert.deepEqual(
    next.recent.map(({ text }) => text),
    ['one', 'two', 'three'],
  );
});

test('a history that is deleted when it is due for rotation goes on', async (t) => {
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

const DEATH: Death = {
  time: '2026-11-29T03:00:00.000Z',
  ...{ pid: 7, uptimeSeconds: 1, code: 7, signal: null, coreDumped: false, outOfMemory: false, maxRssKib: 0 },
  lastLines: Array.from({ length: 40 }, (_, at) => `cannot open /dev/motor${at}`),
};

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

test('connections push out only other connections, and all stays within the bound', async (t) => {
  const path = place(t);
  const log = await opened(path, 64 << 10);
  log.add({ type: 'ended', console: 'crash', death: DEATH });
  log.add({ type: 'state', console: 'crash', from: 'running', to: 'failed', cause: 'ended-failed' });
  for (let i = 0; i < 5000; i++) {
    log.add({
      type: i % 3 === 0 ? 'writer' : i % 3 === 1 ? 'attached' : 'detached',
      console: 'quiet',
      ...{ session: i, by: person('ada') },
    });
    if (i % 100 === 0) {
      await log.flush();
      assert.ok(sizeOf(dirname(path)) <= 64 << 10);
    }
  }
  await log.flush();
  const next = await opened(path, 64 << 10);
  const found = await next.find(({ console }) => console === 'crash', 10);
  assert.deepEqual(
    found.map(({ type, death }) => [type, death?.code]),
    [
      ['ended', 7],
      ['state', undefined],
    ],
  );
  assert.ok((await next.find(({ console }) => console === 'quiet', 10)).at(-1)?.session === 4999);
  assert.equal(next.add({ type: 'server', text: 'up' }).seq, 5003);
  await next.flush();
});

test('a console that dies repeatedly pushes out no other death', async (t) => {
  const path = place(t);
  const log = await opened(path, 64 << 10);
  log.add({ type: 'ended', console: 'once', death: DEATH });
  for (let i = 0; i < 500; i++) {
    log.add({ type: 'ended', console: 'loop', death: { ...DEATH, pid: i + 1 } });
    await log.flush();
    assert.ok(sizeOf(dirname(path)) <= 64 << 10);
  }
  assert.equal(log.since === undefined, false);
  const next = new EventLog(dirname(path), () => 64 << 10, assert.fail);
  const past = pastOf(await next.open());
  assert.equal(past.get('once')?.deaths[0]?.code, 7);
  assert.ok(past.get('once')?.deaths[0]?.lastLines.at(-1)?.endsWith('motor39'));
  assert.equal(past.get('loop')?.deaths[0]?.pid, 500);
  assert.equal(past.get('loop')?.deaths.length, 10);
  const newest = await next.find(({ console }) => console === 'once', 1);
  assert.equal(newest.length, 1);
});

const DAMAGE: Readonly<Record<string, string>> = {
  huge: '{"seq":1e300,"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  'as large as can be counted': '{"seq":9007199254740991,"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  'no number': '{"seq":NaN,"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  text: '{"seq":"3","time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  negative: '{"seq":-3,"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  zero: '{"seq":0,"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  broken: '{"seq":2.5,"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  missing: '{"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  null: '{"seq":null,"time":"2026-11-29T03:00:00.000Z","type":"server","text":"x"}',
  'no time': '{"seq":3,"time":"yesterday","type":"server","text":"x"}',
  'no text': '{"seq":3,"time":"2026-11-29T03:00:00.000Z","type":"server"}',
  'no type': '{"seq":3,"time":"2026-11-29T03:00:00.000Z","type":"__proto__","text":"x"}',
  'no death': '{"seq":3,"time":"2026-11-29T03:00:00.000Z","type":"ended","console":"a","text":"x","death":{"code":1}}',
  'no state': '{"seq":3,"time":"2026-11-29T03:00:00.000Z","type":"state","to":"toString","console":"a","text":"x"}',
  'no table': '[3]',
  nothing: 'null',
  binary: '\0\0\0\ufffd\ufffd',
};

for (const [name, line] of Object.entries(DAMAGE)) {
  test(`a damaged line (${name}) loses only itself, and numbers go on`, async (t) => {
    const path = place(t);
    const first = await opened(path);
    first.add({ type: 'server', text: 'one' });
    first.add({ type: 'note', console: 'a', text: 'two' });
    await first.flush();
    const intact = readFileSync(path, 'utf8').trim().split('\n');
    writeFileSync(path, `${[intact[0], line, intact[1]].join('\n')}\n`);
    const trouble: string[] = [];
    const next = await opened(path, 1 << 20, trouble);
    assert.deepEqual(
      next.recent.map(({ text }) => text),
      ['one', 'two'],
    );
    assert.deepEqual(trouble, ['1 damaged line of the event history passed over']);
    const [three, four] = [
      next.add({ type: 'server', text: 'three' }).seq,
      next.add({ type: 'server', text: 'four' }).seq,
    ];
    assert.ok(three > 2 && four === three + 1 && Number.isSafeInteger(four));
    await next.flush();
    const last = await opened(path);
    assert.deepEqual(
      last.recent.map(({ text }) => text),
      ['one', 'two', 'three', 'four'],
    );
  });
}

test('a number far ahead of the others in the middle of the file loses none of them', async (t) => {
  const path = place(t);
  const lines = [1, 2, 40_000_000, 4, 5].map((seq) =>
    JSON.stringify({ seq, time: '2026-11-29T03:00:00.000Z', type: 'server', text: `${seq}` }),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  const log = await opened(path);
  assert.deepEqual(
    log.recent.map(({ seq }) => seq),
    [1, 2, 4, 5, 40_000_000],
  );
  assert.equal(log.add({ type: 'server', text: 'next' }).seq, 40_000_001);
});
