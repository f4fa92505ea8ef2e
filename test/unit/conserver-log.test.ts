/** Writing and reading a console's log: stamps, replay, the unified log; and break sequences. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { parseBreak } from '../../src/grammar/conserver/break.ts';
import { ConsoleLog } from '../../src/listeners/conserver/served/console-log.ts';
import { LineStamps } from '../../src/listeners/conserver/served/line-stamps.ts';
import { UnifiedLines } from '../../src/listeners/conserver/served/unified-log.ts';
import { lastLogLines } from '../../src/listeners/conserver/session/replay.ts';
import { ConserverJournal } from '../../src/main/conserver-journal.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { descriptors, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const text = (data: Uint8Array) => Buffer.from(data).toString('latin1');

test('a stamp comes after every second line, wherever the output is cut', () => {
  const whole = 'a\nb\nc\nd\ne\n';
  const cutAt = (at: number) => {
    const stamps = new LineStamps(2);
    return [whole.slice(0, at), whole.slice(at)].map((part) => text(stamps.apply(bytes(part), 0))).join('');
  };
  const marked = cutAt(0).replace(/\[[^\]]*\]/g, '<T>');
  assert.equal(marked, 'a\nb\n<T>c\nd\n<T>e\n');
  for (let at = 0; at <= whole.length; at++) {
    assert.equal(cutAt(at).replace(/\[[^\]]*\]/g, '<T>'), marked);
  }
});

test('the last lines of a file, including an unfinished one; neighbouring marks become one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-replay-'));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'log');
  const disk = new DiskFiles(systemClock);
  const before = descriptors();
  const last = async (content: string, count: number) => {
    writeFileSync(path, content, 'latin1');
    const pieces: Uint8Array[] = [];
    for await (const piece of await lastLogLines(await disk.fetch({ path }), count)) {
      pieces.push(piece);
    }
    return text(Buffer.concat(pieces));
  };
  assert.equal(await last('', 5), '');
  assert.equal(await last('one\r\ntwo\r\nthr', 2), 'two\r\nthr');
  assert.equal(await last('one\r\ntwo\r\n', 1), 'two\r\n');
  assert.equal(await last('one\n', 0), '');
  const many = Array.from({ length: 40_000 }, (_, index) => `line ${index}\n`);
  assert.equal(await last(many.join(''), 10_000), many.slice(-10_000).join(''));
  const mark = (time: string) => `[-- MARK -- ${time}]\r\n`;
  assert.equal(
    await last(`a\r\n${mark('1')}${mark('2')}${mark('3')}b\r\n${mark('4')}`, 9),
    `a\r\n[-- MARK -- 1 .. 3 -- MARK --]\r\nb\r\n${mark('4')}`,
  );
  const marks = `b\n${mark('1')}${mark('2')}c\n`;
  assert.equal(await last(marks, 3), 'b\n[-- MARK -- 1 .. 2 -- MARK --]\r\nc\n');
  assert.equal(await last(marks, 2), `${mark('2')}c\n`);
  assert.equal(await last(`${'q'.repeat(70_000)}\nend\n`, 2), `${'q'.repeat(9999)}\nend\n`);
  assert.equal(await last('\n', 3), '\n');
  assert.equal(await last('\n\n', 1), '\n');
  assert.equal(await last(mark('1') + mark('2'), 1), mark('2'));
  // A mark and a line end that span the blocks that are read.
  for (let before = 65_500; before < 65_540; before++) {
    const long = `${'r'.repeat(60)}\n`.repeat(1200).slice(-before);
    const content = `x\n${mark('1')}${mark('2')}${long}`;
    const lines = long.split('\n').length - 1;
    assert.equal(await last(content, lines + 1), `${mark('2')}${long}`);
    assert.equal(await last(content, lines + 2), `x\n[-- MARK -- 1 .. 2 -- MARK --]\r\n${long}`);
  }
  await until('every file is closed', () => descriptors() === before);
});

test('the unified log: whole lines with their console, long ones split, nothing lost', () => {
  const lines: string[] = [];
  const unified = new UnifiedLines((line) => lines.push(text(line)));
  unified.add('a', bytes('one\ntw'), false);
  unified.add('b', bytes('x\n'), true);
  unified.add('a', bytes('o\n'), true);
  assert.deepEqual(lines, ['a: one\n', 'b*: x\n', 'a*: two\n']);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 900 }), { maxLength: 8 }), (parts) => {
      const out: Uint8Array[] = [];
      const all = new UnifiedLines((line) => out.push(line));
      for (const part of [...parts, Uint8Array.of(10)]) {
        all.add('c', part, false);
      }
      assert.ok(out.every((line) => line.length <= 266 && line.at(-1) === 10));
      const without = (data: Uint8Array) => data.filter((byte) => byte !== 10);
      assert.deepEqual(Buffer.concat(out.map((line) => without(line.subarray(3)))), Buffer.concat(parts.map(without)));
    }),
  );
});

test('a break sequence: pauses and line breaks are separate, everything else is bytes', () => {
  assert.deepEqual(parseBreak('\\r\\d~\\d^b\\z'), [
    { kind: 'text', text: '\r' },
    { kind: 'delay' },
    { kind: 'text', text: '~' },
    { kind: 'delay' },
    { kind: 'text', text: '\x02' },
    { kind: 'break' },
  ]);
  assert.deepEqual(parseBreak('\\101\\\\d^?'), [{ kind: 'text', text: 'A\\d\x7f' }]);
  fc.assert(fc.property(fc.string(), (string) => void parseBreak(string)));
});

/** Milliseconds between checks of the size of a log. */
const SIZE_CHECK = 300_000;

/** A log of at most 2 KiB on a real file. */
function smallLog(t: TestContext, name: string) {
  const folder = temporaryDirectory(t);
  const clock = new FakeClock();
  const complaints: string[] = [];
  const logfile = join(folder, name);
  const log = new ConsoleLog(
    { logfile, logfilemax: 2048 },
    { openLog: new ConserverJournal().open, disk: new DiskFiles(systemClock), clock },
    (why) => complaints.push(why),
  );
  log.open();
  atEnd(t, () => log.close());
  let said = '';
  const say = (lines: number) => {
    const more = Array.from({ length: lines }, (_, n) => `line ${n} of ${lines}\n`).join('');
    said += more;
    log.data(bytes(more));
  };
  /** The contents of the files, oldest first: their names end in their times. */
  const written = () => {
    const names = readdirSync(folder)
      .sort()
      .sort((one, other) => Number(one === name) - Number(other === name));
    try {
      return names.map((file) => readFileSync(join(folder, file), 'latin1'));
    } catch {
      // One was moved aside after it was listed: the next look finds it by its new name.
      return [];
    }
  };
  return { log, clock, say, said: () => said, written, complaints };
}

test('output of a console while its log is moved aside is in the log', async (t) => {
  const { log, clock, say, said, written } = smallLog(t, 'log');
  say(200);
  clock.advance(SIZE_CHECK);
  say(3);
  await until('both files have all', () => written().join('').length >= said().length && written().length === 2);
  assert.equal(written().join(''), said());
  assert.match(written()[1] as string, /^line \d+ of 200\n/, 'the end of the old one begins the new one');
  say(200);
  clock.advance(SIZE_CHECK);
  await log.close();
  assert.equal(written().length, 3, 'a console that goes down at that moment');
  assert.equal(written().join(''), said());
});

test('a log that cannot be moved aside goes on, and that is reported once', async (t) => {
  const { log, clock, say, said, written, complaints } = smallLog(t, 'l'.repeat(250));
  say(200);
  clock.advance(2 * SIZE_CHECK);
  say(3);
  await log.close();
  assert.deepEqual(written(), [said()]);
  assert.equal(complaints.length, 1);
  assert.match(complaints[0] as string, /cannot be moved aside: name too long \(ENAMETOOLONG\)$/);
});
