// The small pure parts of the command line: times, patterns, names, arguments, keys, modes, stamps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { AttachKeys } from '../../../src/cli/holdfast/attach/attach-keys.ts';
import { LineAssembler } from '../../../src/cli/holdfast/attach/line-assembler.ts';
import { parseArguments, whole } from '../../../src/cli/holdfast/command/arguments.ts';
import { EXIT, exitCodeOf, messageOf, UsageError } from '../../../src/cli/holdfast/command/exit-codes.ts';
import { holdEnd } from '../../../src/cli/holdfast/commands/hold.ts';
import { COMMANDS } from '../../../src/cli/holdfast/commands.ts';
import { matcher } from '../../../src/cli/holdfast/parts/glob.ts';
import { resolve } from '../../../src/cli/holdfast/parts/select.ts';
import { processIo, type Streams } from '../../../src/cli/holdfast/process-io.ts';
import {
  duration,
  local,
  parseDuration,
  parseTime,
  untilText,
  withLocalTimes,
} from '../../../src/cli/holdfast/text/times.ts';
import { ERRORS, type ErrorCode, HoldfastError } from '../../../src/model/errors.ts';
import { stampOf, withoutStamp } from '../../../src/model/line-stamp.ts';
import { linesOf } from '../../../src/platform/lines.ts';
import { systemClock } from '../../../src/platform/time/clock.ts';
import { ANY_CHARACTER } from '../../harness/any-character.ts';
import { temporaryDirectory } from '../../harness/machine.ts';

const command = (name: string) => COMMANDS.find((each) => each.name === name) as (typeof COMMANDS)[number];

test('what stands for a terminal may be copied: only a command that waits takes Ctrl-C for itself', () => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const before = process.listenerCount('SIGINT');
  const copy = { ...processIo(systemClock, { stdin, stdout, stderr, env: {} } as unknown as Streams) };
  assert.equal(process.listenerCount('SIGINT'), before);
  assert.equal(copy.interrupted(), copy.interrupted());
  assert.equal(process.listenerCount('SIGINT'), before + 1);
  process.removeListener('SIGINT', process.listeners('SIGINT').at(-1) as () => void);
});

test('durations are read and shown', () => {
  assert.equal(parseDuration('90', '--for'), 90_000);
  assert.equal(parseDuration('1h30m', '--for'), 5_400_000);
  assert.equal(parseDuration('1.5d', '--for'), 129_600_000);
  for (const bad of ['', 'h', '2x', '-1s', '1h 2m']) {
    assert.throws(() => parseDuration(bad, '--for'), UsageError);
  }
  const shown = [0, 59_999, 61_000, 600_000, 3_600_000, 18_720_000, 273_600_000, -5].map(duration);
  assert.deepEqual(shown, ['0s', '59s', '1m1s', '10m', '1h', '5h12m', '3d4h', '0s']);
});

test('times are read: how long ago, a time of day that has passed, a date', () => {
  const now = new Date(2026, 10, 21, 10, 0, 0).getTime();
  assert.equal(parseTime('2h', now, '--since'), now - 7_200_000);
  assert.equal(parseTime('03:15', now, '--since'), new Date(2026, 10, 21, 3, 15).getTime());
  assert.equal(parseTime('23:15', now, '--since'), new Date(2026, 10, 20, 23, 15).getTime());
  assert.equal(parseTime('2026-11-20', now, '--since'), new Date(2026, 10, 20).getTime());
  assert.equal(parseTime('2026-11-20T01:02:03Z', now, '--since'), Date.UTC(2026, 10, 20, 1, 2, 3));
  for (const bad of ['yesterday', '25:00', '03:60', '03:15:60', '2026-13-01', '99999999999d']) {
    assert.throws(() => parseTime(bad, now, '--since'), UsageError, bad);
  }
});

test('times of the server are local time on a terminal; the end of a hold is as short as it can be', () => {
  const now = new Date(2026, 10, 21, 18, 0, 0).getTime();
  const morning = new Date(2026, 10, 22, 6, 0).toISOString();
  assert.equal(
    withLocalTimes(`held until ${morning}: see ${morning}`),
    `held until ${local(morning)}: see ${local(morning)}`,
  );
  assert.equal(local(morning), '2026-11-22 06:00:00');
  assert.equal(untilText(morning, now), '06:00');
  assert.equal(untilText(new Date(2026, 10, 22, 18, 0).toISOString(), now), '2026-11-22');
});

test('a hold ends after a time or at a time to come', () => {
  const now = new Date(2026, 10, 21, 10, 0, 0).getTime();
  assert.equal(holdEnd('2h', undefined, now), now + 7_200_000);
  assert.equal(holdEnd(undefined, '06:00', now), new Date(2026, 10, 22, 6, 0).getTime());
  assert.equal(holdEnd(undefined, undefined, now), undefined);
  assert.throws(() => holdEnd('2h', '06:00', now), UsageError);
  assert.throws(() => holdEnd(undefined, '2026-11-20', now), /has passed/);
});

test('patterns are those of a shell, and no text makes them throw (fuzz)', () => {
  assert.ok(matcher('vac-*')('vac-01'));
  assert.ok(matcher('vac-0[1-3]')('vac-02'));
  assert.ok(!matcher('vac-0[!1-3]')('vac-02'));
  assert.ok(matcher('a.b?')('a.bc'));
  assert.ok(!matcher('a.b')('axb'));
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), fc.string(), (pattern, name) => void matcher(pattern)(name)),
  );
});

test('a name may be abbreviated if it is unambiguous; a whole name wins over longer ones', () => {
  const names = ['vac', 'vac-01', 'vac-02', 'llrf'];
  assert.deepEqual(resolve('l', names), ['llrf']);
  assert.deepEqual(resolve('vac', names), ['vac']);
  assert.deepEqual(resolve('*-0?', names), ['vac-01', 'vac-02']);
  assert.throws(() => resolve('vac-', names), /may be vac-01, vac-02/);
  assert.throws(() => resolve('x*', names), /no console matches/);
  assert.throws(() => resolve('mag', names), { code: 'HF_NO_CONSOLE' });
});

test('options stand before, between and after the words', () => {
  const { values, words } = parseArguments(command('hold'), ['--for', '2h', 'a', '-r', 'why', 'b', '--', '-c']);
  assert.deepEqual({ ...values }, { for: '2h', reason: 'why' });
  assert.deepEqual(words, ['a', 'b', '-c']);
});

test('a senseless command line is refused with the reason', () => {
  assert.throws(() => parseArguments(command('attach'), []), /something is missing; usage: holdfast attach NAME/);
  assert.throws(() => parseArguments(command('status'), ['a', 'b']), /'b' is one word too many/);
  assert.throws(() => parseArguments(command('ps'), ['--nope']), /unknown option '--nope'; try 'holdfast help ps'/);
  assert.throws(() => parseArguments(command('logs'), ['x', '--lines']), UsageError);
  assert.throws(() => whole({ lines: '-1' }, 'lines'), /--lines: '-1' is not a whole number/);
  assert.equal(parseArguments(command('status'), ['--help']).values.help, true);
});

test('every error of the catalogue has an exit code that is not 0', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    assert.ok(exitCodeOf(new HoldfastError(code, '')) > 0, code);
  }
  assert.equal(exitCodeOf(new HoldfastError('HF_HELD', '')), EXIT.again);
  assert.equal(exitCodeOf(Object.assign(new Error(), { code: 'EACCES' })), EXIT.permission);
  assert.equal(exitCodeOf(new TypeError('a defect')), EXIT.internal);
  assert.equal(exitCodeOf(Object.assign(new Error(), { code: 'ERR_INVALID_ARG_TYPE' })), EXIT.internal);
});

test('what the operating system refuses is said without its codes, and is no defect of ours', (t) => {
  const said = (path: string) => {
    try {
      return assert.fail(readFileSync(path, 'utf8'));
    } catch (error) {
      return [exitCodeOf(error), messageOf(error as Error)];
    }
  };
  const folder = temporaryDirectory(t);
  assert.deepEqual(said(join(folder, 'x')), [EXIT.failed, `${join(folder, 'x')}: no such file or directory`]);
  const moved = new Error("EACCES: permission denied, rename '/a' -> '/b c'");
  assert.equal(messageOf(moved), '/b c: permission denied');
  assert.equal(messageOf(new Error('EACCES: of another kind')), 'EACCES: of another kind');
});

test('attach keys: input in any pieces comes out whole, with commands where they were typed', () => {
  const kinds = (keys: AttachKeys, text: string) => {
    const all: string[] = [];
    for (let left: Uint8Array = Buffer.from(text, 'latin1'); left.length > 0; ) {
      const [action, rest] = keys.take(left);
      left = rest;
      all.push(
        ...(action?.kind === 'input' ? [Buffer.from(action.bytes).toString('latin1')] : action ? [action.kind] : []),
      );
    }
    return all;
  };
  assert.deepEqual(kinds(new AttachKeys(0x1d), 'ab\x1dtcd\x1dT\x1dl\x1d?\x1de\x1dx\x1ds\x1dr\x1dh\x1d\x1d'), [
    ...['ab', 'take', 'cd', 'force', 'release', 'help', '\x1d', 'unknown', 'start', 'restart', 'hold', 'detach'],
  ]);
  const split = new AttachKeys(0x1d);
  assert.deepEqual([...kinds(split, 'a\x1d'), ...kinds(split, 'd')], ['a', 'detach']);
  assert.deepEqual(kinds(new AttachKeys(undefined), 'a\x1dd'), ['a\x1dd']);
});

test('timestamps of logs are read', () => {
  assert.equal(stampOf('[2026-11-21T10:00:00.250Z] x'), Date.UTC(2026, 10, 21, 10, 0, 0, 250));
  assert.equal(stampOf('2026-11-21 10:00:00.5 x'), new Date(2026, 10, 21, 10, 0, 0, 500).getTime());
  assert.equal(stampOf('2026-11-21T12:00:00+0200 x'), Date.UTC(2026, 10, 21, 10));
  assert.equal(stampOf('[Sat Nov  7 10:24:22 2026] x'), new Date(2026, 10, 7, 10, 24, 22).getTime());
  assert.equal(stampOf('2026-13-45 99:99:99 x'), undefined);
  assert.equal(stampOf('epics> dbl'), undefined);
  for (const [line, rest] of [
    ['2026-11-21 10:00:00.500 x', 'x'],
    ['[2026-11-21T10:00:00Z]  x', ' x'],
    ['[Sat Nov  7 10:24:22 2026] x', 'x'],
    ['> 2026-11-21 10:00:00 x', '> 2026-11-21 10:00:00 x'],
    ['[x] 2026-11-21', '[x] 2026-11-21'],
    ['', ''],
  ] as const) {
    assert.equal(withoutStamp(line), rest, line);
  }
});

async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    yield Buffer.from(text, 'latin1');
  }
}

test('lines come out whole, whatever the pieces', async () => {
  assert.deepEqual(await gather(linesOf(chunks('a\r', '\nb\n\nc'))), ['a', 'b', '', 'c']);
  assert.deepEqual(await gather(linesOf(chunks('\xc3', '\xa4\n'))), ['ä']);
  const seen: string[] = [];
  const assembler = new LineAssembler((line) => seen.push(line));
  for (const piece of ['a', 'b\r', '\nc\r\r\nd']) {
    assembler.feed(Buffer.from(piece));
  }
  assert.deepEqual(seen, ['ab', 'c']);
  assembler.flush();
  assert.deepEqual(seen, ['ab', 'c', 'd']);
});
