// A search by blocks finds what a search line by line finds: whatever the files, the pattern and the context.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import type { FoundLine } from '../../src/logs/excerpt.ts';
import { LineFinder } from '../../src/logs/line-finder.ts';
import { REACH_BYTES } from '../../src/logs/line-times.ts';
import { BlockMemory, LONGEST_LINE } from '../../src/logs/log-blocks.ts';
import { type LogSearch, searchLog } from '../../src/logs/search-log.ts';
import { type Hit, searchLogs, type Unsearched } from '../../src/logs/search-logs.ts';
import { stampOf } from '../../src/model/line-stamp.ts';
import { PatternTooSlow } from '../../src/platform/line-matcher.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { SOAK } from '../harness/host.ts';
import { type LogOnDisk, logOnDisk } from '../harness/log-folder.ts';
import { numbers, type Random } from '../harness/seeded.ts';
import { TIMEOUT_MS } from '../harness/until.ts';

/** Logs that are made up. */
const SEEDS = SOAK ? 100 : 10;
const START = Date.UTC(2026, 10, 21);

function oneOf<T>(random: Random, ...choices: readonly T[]): T {
  return choices[random(choices.length)] as T;
}

const WORDS = [
  'ab',
  'a',
  'b',
  ' ',
  'é',
  '\r',
  '\xff\xfe',
  'K',
  'ß',
  '😀',
  '-',
  '12',
  'motor',
  '\0',
  '\ufeff',
  '\u2028',
];

function bytesOf(word: string): Buffer {
  return Buffer.from(word, word === '\xff\xfe' ? 'latin1' : 'utf8');
}

/** About so many bytes; lines may be empty, long, without a stamp, and the last one unfinished. */
function content(random: Random, size: number, huge: boolean): Buffer {
  const stamped = random(3);
  const words = random(3) === 0 ? WORDS : WORDS.slice(0, 4);
  const pieces: Buffer[] = [];
  for (let length = 0; length < size; ) {
    const line: Buffer[] = [];
    if (random(stamped === 0 ? 1_000_000 : stamped === 1 ? 400 : 2) === 0) {
      line.push(Buffer.from(`${new Date(START + random(1_000_000)).toISOString()} `));
    }
    const count = random(2000) === 0 ? random(30_000) : random(12);
    for (let at = 0; at < count; at++) {
      line.push(bytesOf(words[random(words.length)] as string));
    }
    if (huge && random(4000) === 0) {
      line.push(Buffer.alloc(random(LONGEST_LINE * 2), 'aé'));
    }
    line.push(Buffer.from(oneOf(random, '\n', '\n', '\r\n')));
    const bytes = Buffer.concat(line);
    pieces.push(bytes);
    length += bytes.length;
  }
  return Buffer.concat([...pieces, Buffer.from(oneOf(random, '', 'ab', '\r'))]);
}

/** `repeats`: with any repetition; it may take as long as the square of the length of a line. */
function pattern(random: Random, repeats: boolean): RegExp {
  const atoms = [
    'a',
    'b',
    'ab',
    'é',
    'motor',
    'K',
    '.',
    '[^a]',
    '[^-b]',
    '\\s',
    '\\W',
    '\\D',
    '[\\s\\S]',
    '[^]',
    '\\n',
    '\\r',
  ];
  const others = [
    '(a|b)',
    '(?:ab)',
    '\\b',
    '\\B',
    '^',
    '$',
    '\\p{L}',
    '\\P{L}',
    '\\x61',
    '\\-',
    '(?<x>a)',
    '\\u{e9}',
    '(?=a)',
    '(?!\\s)',
  ];
  const more = ['(?<=b)', '(?<!\\s)', '(?i:AB)', '(?s:.)', '(?-m:^)', '[ab]', ' ', '12', '(\\w)\\1', '\\.', '\ufffd'];
  let source = '';
  for (let count = 1 + random(4); count > 0; count--) {
    const atom = oneOf(random, ...atoms, ...others, ...(random(3) === 0 ? more : []));
    const isEdge = /^(?:\\[bB]|\^|\$|\(\?<?[=!].*)$/.test(atom);
    const repeat = isEdge
      ? ''
      : oneOf(random, '', '', '', ...(repeats ? ['*', '+', '?', '{2}', '{0,1}', '*?'] : ['?', '{2}']));
    source += atom + repeat + (random(12) === 0 ? '|' : '');
  }
  try {
    return new RegExp(source, oneOf(random, 'u', 'u', 'iu'));
  } catch {
    // One name twice.
    return /ab/u;
  }
}

interface Line {
  readonly at: number;
  readonly text: string;
  readonly time: number | undefined;
}

/** Lines as everybody understands them; one that is too long in parts, none of which ends within a character. */
function linesOf(files: readonly Buffer[]): readonly Line[] {
  const lines: Line[] = [];
  const stamps: { at: number; time: number }[] = [];
  let base = 0;
  for (const file of files) {
    for (let from = 0; from < file.length; ) {
      const feed = file.indexOf('\n', from);
      const end = feed < 0 ? file.length : feed;
      let to = end;
      if (end - from >= LONGEST_LINE) {
        to = from + LONGEST_LINE;
        for (let back = 1; back <= 3 && to < end; back++) {
          const byte = file[to - back] as number;
          if (byte >= 0xc0 && to - back + (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > to) {
            to -= back;
          } else if (byte >= 0x80 && byte < 0xc0) {
            continue;
          }
          break;
        }
      }
      const at = base + from;
      const whole = file.toString('utf8', from, to);
      const text = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
      const own = stampOf(file.toString('latin1', from, Math.min(to, from + 64)));
      if (own !== undefined) {
        stamps.push({ at, time: own });
      }
      const last = stamps.at(-1);
      lines.push({ at, text, time: last && at - last.at <= REACH_BYTES ? last.time : undefined });
      from = to === end ? end + 1 : to;
    }
    base += file.length;
  }
  return lines;
}

function expected(lines: readonly Line[], how: Omit<LogSearch, 'finder'>, wanted: RegExp): readonly FoundLine[] {
  const { after, before, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = how;
  const shows = ({ time }: Line) => time === undefined || (time >= since && time <= until);
  const hits = new Set<number>();
  const near = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (wanted.test(line.text) && shows(line)) {
      hits.add(at);
      for (let each = Math.max(0, at - before); each <= Math.min(lines.length - 1, at + after); each++) {
        near.add(each);
      }
    }
  }
  const shown = [...near].sort((a, b) => a - b);
  return shown.flatMap((at, order) => {
    const line = lines[at] as Line;
    const gap = before + after > 0 && order > 0 && (shown[order - 1] as number) < at - 1;
    return shows(line) ? [{ line: line.text, time: line.time, context: !hits.has(at), gap }] : [];
  });
}

async function found(log: LogOnDisk, search: LogSearch): Promise<FoundLine[]> {
  const lines: FoundLine[] = [];
  for await (const step of searchLog(log.files, search, new BlockMemory(), systemClock)) {
    assert.equal(step.trouble, undefined);
    lines.push(...step.found);
  }
  return lines;
}

/** The result of searching several logs, and those it could not search to the end. */
async function all(logs: Readonly<Record<string, LogOnDisk>>, wanted: RegExp, how: Partial<LogSearch> = {}) {
  const hits: Hit[] = [];
  const unsearched: Unsearched[] = [];
  const named = Object.entries(logs).map(([console, { files }]) => ({ console, files }));
  const finder = new LineFinder(wanted, TIMEOUT_MS);
  for await (const item of searchLogs(named, { finder, before: 0, after: 0, ...how }, systemClock)) {
    if ('line' in item) {
      hits.push(item);
    } else if ('unsearched' in item) {
      unsearched.push(item);
    }
  }
  return { hits, unsearched, lines: hits.map(({ line }) => line.split(' ').at(-1)) };
}

function logOf(t: TestContext, ...lines: readonly string[]): LogOnDisk {
  const log = logOnDisk(t);
  log.write('', Buffer.from(`${lines.join('\n')}\n`));
  return log;
}

const at = (minute: number, text: string) => `2026-11-21T10:0${minute}:00Z ${text}!`;

test('by blocks is found what is found line by line', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = numbers(seed);
    const log = logOnDisk(t);
    const huge = seed % 10 === 0;
    const size = huge ? 1_500_000 : oneOf(random, 200, 5000, 70_000, 150_000);
    const files = ['.2.gz', '.1', ''].map((suffix) => {
      const bytes = content(random, random(size), huge);
      log.write(suffix, bytes, START + 500_000);
      return bytes;
    });
    const lines = linesOf(files);
    // Each takes a second in a huge one.
    for (let look = 0; look < (huge && !SOAK ? 2 : 6); look++) {
      const wanted = pattern(random, !huge);
      const how = {
        before: oneOf(random, 0, 0, 1, 3, 50),
        after: oneOf(random, 0, 0, 1, 3),
        ...(random(3) === 0 ? { since: START + random(500_000) } : {}),
        ...(random(3) === 0 ? { until: START + 500_000 + random(500_000) } : {}),
      };
      const name = `seed ${seed}, ${wanted}, ${JSON.stringify(how)}`;
      const hits = await found(log, { ...how, finder: new LineFinder(wanted, TIMEOUT_MS) });
      const right = expected(lines, how, wanted);
      const differs = hits.findIndex((hit, at) => JSON.stringify(hit) !== JSON.stringify(right[at]));
      assert.ok(differs < 0 && hits.length === right.length, `${name}: ${hits.length}, ${right.length}, at ${differs}`);
    }
  }
});

test('what is found in several logs is merged by time; each log keeps its order, and lines without a time theirs', async (t) => {
  const x = logOf(t, at(1, 'x1'), 'more!', at(5, 'x5'));
  const y = logOf(t, at(3, 'y3'), at(2, 'y2'), 'no', at(4, 'y4'));
  const merged = await all({ x, y }, /!/u);
  assert.deepEqual(merged.lines, ['x1!', 'more!', 'y3!', 'y2!', 'y4!', 'x5!']);
  assert.ok(!merged.hits.some(({ gap }) => gap), 'without context nothing stands between hits');
  const until = Date.UTC(2026, 10, 21, 10, 4);
  assert.deepEqual((await all({ x, y }, /!/u, { until })).lines, ['x1!', 'more!', 'y3!', 'y2!', 'y4!']);
  assert.deepEqual((await all({ x, y }, /!/u, { since: until })).lines, ['y4!', 'x5!']);
});

test('lines from many logs come in the order of their times, and the first ones before all is searched', async (t) => {
  const random = numbers(5);
  const logs: Record<string, LogOnDisk> = {};
  let size = 0;
  for (let count = 0; count < 6; count++) {
    const lines: string[] = [];
    let time = START + random(1000);
    for (let line = 0; line < 20_000; line++) {
      time += random(1000);
      lines.push(`${new Date(time).toISOString()} ${'-'.repeat(100)}${random(250) === 0 ? ' hit' : ''}`);
    }
    size += lines.length * 125;
    logs[`log-${count}`] = logOf(t, ...lines);
  }
  const times: number[] = [];
  let early = 0;
  let done = 0;
  const named = Object.entries(logs).map(([console, { files }]) => ({ console, files }));
  for await (const item of searchLogs(named, { finder: new LineFinder(/hit/u), before: 0, after: 0 }, systemClock)) {
    if ('line' in item) {
      times.push(item.time as number);
      early += done < size / 2 ? 1 : 0;
    } else if ('done' in item) {
      done = item.done;
    }
  }
  assert.ok(times.length > 300);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(early > times.length / 4, `${early} of ${times.length} in the first half`);
});

test('the context of matches outside of the period is not read', async (t) => {
  const log = logOf(t, ...Array(10_000).fill(at(1, 'x')), at(5, 'x'));
  const { user: before } = process.cpuUsage();
  const { hits } = await all({ log }, /x/u, { before: 10_000, since: Date.UTC(2026, 10, 21, 10, 4) });
  assert.equal(hits.length, 1);
  // It would be 50 million lines. Processor time: the load of the machine does not matter.
  const seconds = (process.cpuUsage().user - before) / 1e6;
  assert.ok(seconds < 5, `${seconds} s`);
});

test('a damaged file, and a log that cannot be read, are named; the rest is searched', async (t) => {
  const damaged = logOnDisk(t);
  damaged.write('.2.gz', Buffer.from('one hit\n'));
  damaged.write('.1', Buffer.from('two hit\n'));
  const whole = gzipSync(Buffer.from('three hit\n'.repeat(1000)));
  writeFileSync(`${damaged.files.path}.3.gz`, whole.subarray(0, whole.length / 2));
  const unreadable = logOnDisk(t);
  mkdirSync(unreadable.files.path);
  const { lines, unsearched } = await all({ damaged, unreadable }, /(?:one|two) hit/u);
  assert.equal(lines.length, 2);
  assert.equal(unsearched.length, 2);
  assert.match(unsearched[0]?.unsearched ?? '', /log\.3\.gz cannot be read to its end: unexpected end of file$/);
  assert.match(unsearched[1]?.unsearched ?? '', /log cannot be read: no regular file$/);
});

test('neither a line without an end nor a file that unpacks to a thousand times its size fills the memory', async (t) => {
  const log = logOnDisk(t);
  const size = 150 << 20;
  writeFileSync(`${log.files.path}.1.gz`, await gzipOf(size));
  writeFileSync(log.files.path, 'the end');
  truncateSync(log.files.path, size);
  appendFileSync(log.files.path, 'really');
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = 0;
  const finder = new LineFinder(/end|really/u);
  const found: string[] = [];
  for await (const item of searchLogs(
    [{ console: 'log', files: log.files }],
    { finder, before: 2, after: 2 },
    systemClock,
  )) {
    most = Math.max(most, process.memoryUsage.rss() - before);
    if ('line' in item && !item.context) {
      found.push(item.line.replaceAll('\0', ''));
    }
  }
  assert.deepEqual(found, ['the end', 'really']);
  assert.ok(most < (size / 3) * 2, `${most >> 20} MiB more`);
});

test('a pattern that would take forever is abandoned', async (t) => {
  const log = logOf(t, `${'a'.repeat(40)}!`);
  // Without a repetition, too: each of many choices doubles the time.
  for (const pattern of [/^(a+)+$/u, new RegExp(`^${'a?'.repeat(26)}${'a'.repeat(26)}[^!a]`, 'u')]) {
    const finder = new LineFinder(pattern, 50);
    await assert.rejects(found(log, { finder, before: 0, after: 0 }), (error) => {
      assert.ok(error instanceof PatternTooSlow);
      return /^more than 0.05 s$/.test(error.message);
    });
  }
});

test('a log whose files change their names while they are opened is opened again', async (t) => {
  const log = logOnDisk(t);
  log.write('.1', Buffer.from('old hit\n'));
  log.write('', Buffer.from('new hit\n'));
  const { path } = log.files;
  let moves = 0;
  const rotating = Object.assign(Object.create(log.files) as typeof log.files, {
    open: async (suffix: string) => {
      const file = await log.files.open(suffix);
      if (suffix === '.1' && moves++ === 0) {
        renameSync(`${path}.1`, `${path}.2`);
        renameSync(path, `${path}.1`);
        writeFileSync(path, 'newest hit\n');
      }
      return file;
    },
    list: () => log.files.list(),
    identify: (suffix: string) => log.files.identify(suffix),
  });
  const found = await all({ log: { ...log, files: rotating } }, /hit/u);
  assert.deepEqual(
    found.hits.map(({ line }) => line),
    ['old hit', 'new hit', 'newest hit'],
  );
});

/** A stream of zeros, packed. */
async function gzipOf(size: number): Promise<Buffer> {
  const packer = createGzip();
  const packed = buffer(packer);
  for (let left = size; left > 0; left -= 1 << 20) {
    if (!packer.write(Buffer.alloc(1 << 20))) {
      await once(packer, 'drain');
    }
  }
  packer.end();
  return await packed;
}
