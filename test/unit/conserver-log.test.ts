/** The end of a log as it is replayed; break sequences. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBreak } from '../../src/grammar/conserver/break.ts';
import { lastLogLines } from '../../src/listeners/conserver/session/replay.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { descriptors, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const text = (data: Uint8Array) => Buffer.from(data).toString('latin1');

test('the last lines of a file, including an unfinished one; neighbouring marks become one', async (t) => {
  const folder = temporaryDirectory(t);
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
