// The view of logs, without a browser: how it pages through lines of one time and of none, what it asks, what it marks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SearchItem } from '../../src/model/api.ts';
import type { SearchRequest } from '../../src/model/host-port.ts';
import { marker, partsOf, seen } from '../../web/log/line-text.ts';
import { goingBack, MOST_LINES, PAGE_LINES } from '../../web/log/log-pages.ts';
import { logQueryOf, textOf } from '../../web/log/log-query.ts';
import { LogReader } from '../../web/log/log-reader.ts';
import { numbers } from '../harness/seeded.ts';

const NOW = Date.UTC(2026, 10, 30, 12);
const HOUR_MS = 3_600_000;

interface Made {
  readonly console: string;
  readonly time: number | undefined;
  readonly line: string;
}

/** Answers as the server does: `lines` are in the order in which it merges them. */
function logs(lines: readonly Made[]) {
  const requests: SearchRequest[] = [];
  return {
    requests,
    async *search(request: SearchRequest): AsyncGenerator<SearchItem> {
      requests.push(request);
      const { pattern, since = -Infinity, tail, timed = false, until = Infinity } = request;
      const found = lines.filter(
        ({ line, time }) => line.includes(pattern) && (time === undefined ? !timed : time >= since && time <= until),
      );
      const told = tail === undefined ? found : found.slice(Math.max(0, found.length - tail));
      for (const [at, { time, ...line }] of told.entries()) {
        const gap = at === 0 && told.length < found.length;
        const iso = time === undefined ? null : new Date(time).toISOString();
        yield { kind: 'line', ...line, time: iso, context: false, gap };
      }
    },
  };
}

const reader = (host: ReturnType<typeof logs>, query = '') =>
  new LogReader(host, logQueryOf(query), undefined, () => NOW);
const textsOf = (of: LogReader) => of.shown.value.lines.map(({ text }) => text);

function made(count: number, timeOf: (at: number) => number | undefined): readonly Made[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ console: at % 3 === 0 ? 'b' : 'a', time: timeOf(at), line: `line ${at}` },
  }));
}

/** The problems at the start. */
function differing(met: readonly string[], whole: readonly string[]): readonly string[] {
  const at = whole.findIndex((line, index) => line !== met[index]);
  return at < 0 && met.length === whole.length ? [] : [`${at} of ${met.length}`, ...met.slice(at, at + 3)];
}

/** All that is met from the newest line back to the first, by pages; nothing twice, nothing skipped. */
async function backwards(of: LogReader): Promise<readonly string[]> {
  await of.newest();
  let met = textsOf(of);
  while (typeof of.shown.value.before !== 'string') {
    const top = textsOf(of)[0];
    await of.earlier();
    assert.equal(of.work.value.is, 'done');
    const texts = textsOf(of);
    assert.ok(texts.length <= MOST_LINES);
    met = [...texts.slice(0, texts.indexOf(top ?? '')), ...met];
  }
  return met;
}

test('pages go back to the first line and forth to the last one: nothing twice, nothing left out', async () => {
  const random = numbers(15);
  const shapes: readonly ((at: number) => number | undefined)[] = [
    (at) => NOW - 10_000_000 + at * 1000,
    // Stamps of whole seconds, many lines in each.
    (at) => NOW - 10_000_000 + Math.floor(at / 70) * 1000,
    // More of one time than are shown.
    () => NOW - 5000,
    () => undefined,
    // Those of a console without stamps come first.
    (at) => (at < 400 ? undefined : NOW - 10_000_000 + at * 500),
    (at) => NOW - 400 * HOUR_MS + at * HOUR_MS * 0.1 + random(10),
  ];
  for (const [which, shape] of shapes.entries()) {
    const lines = made(2000, shape).toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0));
    const whole = lines.map(({ line }) => line);
    const of = reader(logs(lines));
    assert.deepEqual(differing(await backwards(of), whole), [], `backwards ${which}`);
    assert.equal(of.shown.value.before, 'nothing');

    await of.oldest();
    let met = textsOf(of);
    for (let count = 0; count < 20 && met.length < whole.length; count++) {
      const bottom = textsOf(of).at(-1) ?? '';
      await of.later();
      const texts = textsOf(of);
      assert.ok(texts.length <= MOST_LINES);
      met = [...met, ...texts.slice(texts.indexOf(bottom) + 1)];
    }
    assert.deepEqual(differing(met, whole), [], `forwards ${which}`);
    const { after } = of.shown.value;
    await of.later();
    assert.deepEqual([of.shown.value.after, textsOf(of).at(-1)], [after, whole.at(-1)], 'there is nothing more yet');
  }
});

test('of more lines of one time than are shown none is shown twice: there is a way to the ends only', async () => {
  const of = reader(logs(made(2000, () => NOW)));
  await of.oldest();
  for (let count = 0; count < 3; count++) {
    await of.later();
  }
  assert.deepEqual([textsOf(of)[0], textsOf(of).length, of.shown.value.before], ['line 300', MOST_LINES, 'untold']);
  await backwards(of);
  assert.deepEqual([textsOf(of)[0], of.shown.value.after], ['line 0', 'untold']);
  await of.later();
  assert.equal(textsOf(of).at(-1), 'line 1999');
});

test('what is written meanwhile comes by looking again', async () => {
  const lines = [...made(5, () => NOW - 1000)];
  const of = reader(logs(lines));
  await of.newest();
  lines.push({ console: 'a', time: NOW - 1000, line: 'at the same time' }, { console: 'a', time: NOW, line: 'new' });
  await of.later();
  assert.deepEqual(textsOf(of).slice(-3), ['line 4', 'at the same time', 'new']);
});

test('the newest lines are looked for near the end first, and further back only if they are too few', async () => {
  const busy = logs(made(2 * PAGE_LINES, (at) => NOW - 2 * PAGE_LINES + at));
  const of = reader(busy);
  await of.newest();
  assert.equal(busy.requests.length, 1);
  assert.ok((busy.requests[0]?.since ?? 0) > NOW - 2 * HOUR_MS);
  const rare = logs(made(4, (at) => NOW - 900 * HOUR_MS + at));
  await reader(rare).newest();
  assert.deepEqual(
    rare.requests.map(({ since }) => since === undefined),
    [false, false, true],
  );
  const ranged = logs(made(1, () => NOW));
  await reader(ranged, 'last=1h').newest();
  assert.deepEqual(
    ranged.requests.map(({ since }) => since),
    [NOW - HOUR_MS],
  );
});

test('the lines around one, whatever they say', async () => {
  const lines = made(2000, (at) => NOW - 2_000_000 + at * 1000);
  const of = reader(logs(lines), `q=line+1234&at=${new Date(lines[1234]?.time ?? 0).toISOString()}&of=a`);
  await of.begin();
  const texts = textsOf(of);
  assert.deepEqual([texts.length, texts[0], texts[PAGE_LINES / 2]], [PAGE_LINES, 'line 1084', 'line 1234']);
  await of.earlier();
  assert.equal(textsOf(of)[0], 'line 784');
  await of.later();
  assert.equal(textsOf(of).at(-1), 'line 1683');
});

test('a step ends the one before, and one that is cancelled shows what was there', async () => {
  const ends: boolean[] = [];
  const gate = Promise.withResolvers<void>();
  let isSlow = false;
  const host = {
    async *search(request: SearchRequest, ended?: { readonly aborted: boolean }): AsyncGenerator<SearchItem> {
      if (isSlow) {
        yield { kind: 'progress', done: 1, all: 2 };
        await gate.promise;
        ends.push(ended?.aborted === true);
      }
      yield { kind: 'line', console: 'a', time: null, line: request.pattern, context: false, gap: false };
    },
  };
  const of = new LogReader(host, logQueryOf('q=x&regex=1'), ['a'], () => NOW);
  await of.begin();
  assert.deepEqual(textsOf(of), ['x']);
  isSlow = true;
  const first = of.newest();
  const second = of.newest();
  const isUnderWay = ({ value }: LogReader['work']) => value.is === 'busy' && value.all > 0;
  while (!isUnderWay(of.work)) {
    await Promise.resolve();
  }
  of.cancel();
  assert.equal(of.work.value.is, 'cancelled');
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(ends, [true, true]);
  assert.deepEqual([textsOf(of), of.work.value.is], [['x'], 'cancelled']);
});

test('a step that failed is done again from where it began', async () => {
  const all = logs(made(2000, (at) => NOW - 2_000_000 + at * 1000));
  let isAway = false;
  const of = new LogReader(
    {
      async *search(request) {
        if (isAway) {
          throw new Error('the server is away');
        }
        yield* all.search(request);
      },
    },
    logQueryOf(''),
    undefined,
    () => NOW,
  );
  await of.newest();
  await of.earlier();
  isAway = true;
  await of.earlier();
  assert.deepEqual(of.work.value, { is: 'failed', reason: 'the server is away' });
  assert.equal(textsOf(of)[0], 'line 1400');
  isAway = false;
  await of.again();
  assert.deepEqual([of.work.value.is, textsOf(of)[0], textsOf(of).length], ['done', 'line 1100', 900]);
});

test('what could not be searched is told, and a search that fails says why', async () => {
  const items: SearchItem[] = [
    { kind: 'unsearched', console: 'a', reason: 'a.log cannot be read' },
    { kind: 'failed', reason: 'the pattern took 5 s' },
  ];
  const host = {
    async *search() {
      yield* items;
    },
  };
  const of = new LogReader(host, logQueryOf('q=x'), undefined, () => NOW);
  await of.begin();
  assert.deepEqual(of.unsearched.value, [['a.log cannot be read', 'a']]);
  assert.deepEqual(of.work.value, { is: 'failed', reason: 'the pattern took 5 s' });
});

test('where a server keeps fewer lines than are asked for, since they are long, nothing is said to be the first', async () => {
  const line = (at: number) =>
    ({ kind: 'line', console: 'a', time: null, line: `line ${at}`, context: false }) as const;
  const kept = 100;
  const host = {
    async *search() {
      for (let at = 0; at < kept; at++) {
        yield { ...line(at), gap: at === 0 };
      }
    },
  };
  const of = new LogReader(host, logQueryOf('console=a'), ['a'], () => NOW);
  await of.begin();
  assert.deepEqual(of.shown.value.before, { until: undefined, skip: kept });
  await of.earlier();
  assert.deepEqual([of.shown.value.before, textsOf(of as never).length], ['untold', kept]);
});

test('where lines are left out or doubled since a clock was set back, it can be told', async () => {
  // Twice the same hour, as a clock without a zone tells it, 10 lines a minute.
  const hour = made(1220, (at) => NOW - HOUR_MS + Math.floor((at % 610) / 10) * 59_000);
  const of = reader(logs(hour));
  await of.begin();
  for (let page = 0; page < 8; page++) {
    const numbered = textsOf(of).map((text) => Number(text.slice('line '.length)));
    const isWhole = numbered.every((each, at) => at === 0 || each === (numbered[at - 1] as number) + 1);
    assert.ok(isWhole || goingBack(of.shown.value.lines).length > 0, `${page}`);
    await (page < 4 ? of.earlier() : of.later());
  }
  process.env.TZ = 'Europe/Berlin';
  const at = (time: string) => ({ id: 1, console: 'a', time: Date.parse(time), text: '', context: false, gap: false });
  const times = ['00:00', '00:59', '01:00', '01:59', '02:00'];
  const twice = times.filter((time) => goingBack([at(`2026-10-25T${time}Z`)]).length > 0);
  assert.deepEqual(twice, ['00:00', '00:59', '01:00', '01:59']);
});

test('a question is its address', () => {
  const address =
    'console=a&console=b&group=v&q=a+b&regex=1&case=1&context=3&since=2026-11-30T10%3A00%3A00.000Z&until=2026-11-30T11%3A00%3A00.000Z';
  assert.equal(textOf(logQueryOf(address)), address);
  assert.equal(textOf(logQueryOf('last=8h&since=2026-11-30T10:00:00Z&at=never&context=7&last=1y')), 'last=8h');
  assert.equal(textOf(logQueryOf('last=constructor')), '');
});

test('what is looked for is marked, and nothing that a terminal would not show is', () => {
  const parts = (text: string, ...how: Parameters<typeof marker>) =>
    partsOf(text, marker(...how)).map((part) => (part.isFound ? `<${part.text}>` : part.text));
  assert.deepEqual(parts('a.b A.B axb', 'a.b', false, false), ['<a.b>', ' ', '<A.B>', ' axb']);
  assert.deepEqual(parts('a.b A.B axb', 'a.b', true, true), ['<a.b>', ' A.B ', '<axb>']);
  assert.deepEqual(parts('aé', 'x*', true, true), ['aé']);
  for (const slow of [
    '(a+)+$',
    '(?=a)',
    'a*b*',
    '(a)\\1',
    'a{1,}b+',
    '(a|a)*',
    'a?'.repeat(28) + 'a'.repeat(28),
    '(?:a|a)'.repeat(28),
    'a{0,99}a{0,99}a{0,99}b',
  ]) {
    assert.equal(marker(slow, true, true), undefined, slow);
  }
  assert.equal(marker('(', true, true), undefined);
  assert.equal(partsOf('x'.repeat(1000), marker('x', false, true)).length, 51);
  assert.equal(seen('10 %\r20 %\r\r30 %\r'), '10 % 20 % 30 %', 'what was written over is kept');
  assert.equal(seen('\x1bPan end that never comes'), 'an end that never comes');
  assert.equal(seen('\x1b[31mred\x1b[0m\x1b]0;title\x07 a\tb\u202e\r'), 'red a\tb');
});
