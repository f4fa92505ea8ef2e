// Lines of a log by their times: what is found by looking at a few places is what judging every line finds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRange } from '../../src/logs/log-range.ts';
import { stampedRanges } from '../../src/logs/stamped-range.ts';
import type { LogRange } from '../../src/model/host-port.ts';
import { stampOf } from '../../src/model/line-stamp.ts';
import { SOAK } from '../harness/host.ts';
import { logOnDisk } from '../harness/log-folder.ts';
import { numbers } from '../harness/seeded.ts';

/** Logs that are made up. */
const SEEDS = SOAK ? 30 : 2;
const START = Date.UTC(2026, 9, 24);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface File {
  readonly suffix: string;
  readonly lines: readonly string[];
  /** As the product reads it, of each line. */
  readonly times: readonly (number | undefined)[];
  readonly modified: number;
}

function stamp(time: number): string {
  return `${new Date(time).toISOString().replace('T', ' ').replace('Z', ' Z')} `;
}

/** Files that follow each other; the clock is set back by less than two hours, and not every line has a stamp. */
function filesOf(seed: number): { readonly files: readonly File[]; readonly steps: readonly number[] } {
  const random = numbers(seed);
  const steps: number[] = [];
  let time = START;
  const files = ['.2', '.1', ''].map((suffix) => {
    const stamped = random(5) > 0;
    const unstampedHead = random(2) * random(200);
    const lines: string[] = [];
    const count = 1000 + random(suffix === '' ? 60_000 : 30_000);
    for (let line = 0; line < count; line++) {
      time += random(5000);
      if (random(10_000) === 0) {
        steps.push(time);
        time -= random(2 * HOUR);
      }
      const has = stamped && line >= unstampedHead && random(8) > 0;
      lines.push(`${has ? stamp(time) : ''}${'-'.repeat(random(150))}${random(4) === 0 ? '\r' : ''}\n`);
    }
    if (suffix === '') {
      lines.push(`${stamp(time)}unfinished`);
    }
    return { suffix, lines, times: lines.map((line) => stampOf(line.slice(0, 64))), modified: time };
  });
  return { files, steps };
}

/** As the reference page says. */
function expected(files: readonly File[], since: number, until: number): string {
  let begun = Number.NEGATIVE_INFINITY;
  let text = '';
  for (const { lines, times, modified } of files) {
    let keep = modified >= since && begun <= until;
    begun = modified;
    if (modified < since) {
      continue;
    }
    for (const [at, line] of lines.entries()) {
      const time = times[at];
      keep = time === undefined ? keep : time >= since && time <= until;
      text += keep ? line : '';
    }
  }
  return text;
}

async function textOf(parts: Parameters<typeof readRange>[0], range: LogRange): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of readRange(parts, range)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('latin1');
}

test('a range by bisection is the range by lines, also over a clock that is set back', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const log = logOnDisk(t);
    const { files, steps } = filesOf(seed);
    for (const { suffix, lines, modified } of files) {
      log.write(suffix, Buffer.from(lines.join(''), 'latin1'), modified);
    }
    const parts = await log.open();
    const random = numbers(seed + 100);
    const span = (files.at(-1)?.modified ?? 0) - START;
    // Half of the ranges begin or end shortly before a time at which the clock was set back.
    for (let look = 0; look < 12; look++) {
      const step = steps[random(steps.length)];
      const since = look < 6 || step === undefined ? START - HOUR + random(span + 2 * HOUR) : step - random(HOUR);
      const until = look % 2 === 0 ? Number.POSITIVE_INFINITY : look < 6 ? since + random(span) : since + random(HOUR);
      const range = { since, ...(until === Number.POSITIVE_INFINITY ? {} : { until }) };
      const wanted = expected(files, since, until);
      const found = await textOf(parts, range);
      assert.ok(found === wanted, `seed ${seed}, look ${look}: ${found.length} and not ${wanted.length} bytes`);
    }
  }
});

test('of a large file little more is read than the range', async (t) => {
  const log = logOnDisk(t);
  const size = 16 << 20;
  const line = (at: number) => `${stamp(START + at * 1000)}${'x'.repeat(100)}\n`;
  const count = Math.floor(size / line(0).length);
  log.write('', Buffer.from(Array.from({ length: count }, (_, at) => line(at)).join('')));
  let bytes = 0;
  const parts = await log.open((read) => {
    bytes += read;
  });
  // Ten minutes, four hours of lines around them at most, and the places looked at.
  const since = START + (count / 2) * 1000;
  const text = await textOf(parts, { since, until: since + 10 * MINUTE });
  assert.equal(text.split('\n').length - 1, 601);
  assert.ok(bytes < 5 << 20, `${bytes} bytes read for ${text.length}`);
});

test('a file that is wanted as a whole is looked at nowhere first', async (t) => {
  const log = logOnDisk(t);
  log.write('', Buffer.from(`${stamp(START)}${'x'.repeat(100)}\n`.repeat(80_000)));
  const [part] = await log.open(() => assert.fail('it is read'));
  assert.ok(part && part.size > 8 << 20);
  const whole = await stampedRanges(part, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  assert.deepEqual(whole, [{ from: 0, to: part.size }]);
});
