// The contents of a terminal's output: its text, its control functions, its queries; however the bytes are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QuestionFilter, withoutQuestions } from '../../src/model/terminal-questions.ts';
import { LONGEST_SEQUENCE } from '../../src/model/terminal-scanner.ts';
import { VisibleLines, visibleLines } from '../../src/model/visible-lines.ts';
import { answersTo, type View } from '../fakes/answering-terminal.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const shown = (text: string) =>
  withoutQuestions([bytesOf(text)])
    .map(textOf)
    .join('');

const QUESTIONS: readonly (readonly [name: string, bytes: string])[] = [
  ['ENQ', '\x05'],
  ['DA1', '\x1b[c'],
  ['DA1 with 0', '\x1b[0c'],
  ['DA2', '\x1b[>c'],
  ['DA3', '\x1b[=0c'],
  ['DECID', '\x1bZ'],
  ['DECID of 8 bits', '\x9a'],
  ['DSR', '\x1b[5n'],
  ['CPR', '\x1b[6n'],
  ['CPR with zeros before it', '\x1b[0006n'],
  ['CPR of 8 bits', '\x9b6n'],
  ['CPR of 8 bits in UTF-8', '\xc2\x9b6n'],
  ['DECXCPR', '\x1b[?6n'],
  ['colours, dark or light', '\x1b[?996n'],
  ['DECREQTPARM', '\x1b[1x'],
  ['DECRQM, ANSI', '\x1b[4$p'],
  ['DECRQM, private', '\x1b[?2026$p'],
  ['DECRQSS', '\x1bP$qm\x1b\\'],
  ['DECRQSS in UTF-8 of 8 bits', '\xc2\x90$q q\xc2\x9c'],
  ['XTGETTCAP', '\x1bP+q544e\x1b\\'],
  ['XTVERSION', '\x1b[>0q'],
  ['window size', '\x1b[18t'],
  ['window size in pixels', '\x1b[14;2t'],
  ['title', '\x1b[21t'],
  ['kitty keyboard', '\x1b[?u'],
  ['presentation report', '\x1b[1$w'],
  ['terminal state', '\x1b[1$u'],
  ['locator', "\x1b[1'|"],
  ['checksum', '\x1b[1;1;1;1;2;2*y'],
  ['sixel geometry', '\x1b[?2;1;0S'],
  ['key options', '\x1b[?4m'],
  ['palette report', '\x1b[#R'],
  ['background, BEL', '\x1b]11;?\x07'],
  ['background, ST', '\x1b]11;?\x1b\\'],
  ['background, no terminator but the next ESC', '\x1b]11;?\x1b[0m'],
  ['background of 8 bits', '\x9d11;?\x9c'],
  ['palette', '\x1b]4;1;red;2;?\x07'],
  ['clipboard', '\x1b]52;c;?\x07'],
  ['kitty colours', '\x1b]21;foreground=?\x1b\\'],
  ['iTerm cell size', '\x1b]1337;ReportCellSize\x07'],
  ['kitty graphics', '\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\'],
  ['focus reports, which some terminals begin with one', '\x1b[?1004h'],
  ['size reports', '\x1b[?2048h'],
  ['control mode of tmux', '\x1bP1000p'],
  ['what tmux is to pass on', '\x1bPtmux;\x1b\x1b[6n\x1b\\'],
];

for (const [name, question] of QUESTIONS) {
  test(`replayed output contains no query: ${name}`, () => {
    // A separate sequence that ends one that is no longer there.
    const rest = question.endsWith('\x1b[0m') ? '\x1b[0m' : name === 'what tmux is to pass on' ? '\x1b\\' : '';
    const left = shown(`before ${question} after`);
    assert.equal(left, name === 'control mode of tmux' ? 'before ' : `before ${rest} after`);
    // One byte at a time.
    const pieces = Array.from(bytesOf(`before ${question} after`), (byte) => Uint8Array.of(byte));
    assert.equal(withoutQuestions(pieces).map(textOf).join(''), left);
  });
}

test('output without queries stays as it is', () => {
  const innocent = [
    '\x1b[1;31mred\x1b[0m \x1b(0qqq\x1b(B \x1b[?1049h\x1b[2J\x1b[10;20Hx\x1b[?25l\x1b[4 q\x1b[!p\x1b[22;0t\x1b[8;24;80t',
    '\x1b]0;a title; what?;?\x07\x1b]8;;http://x/?q=?\x1b\\link\x1b]8;;\x1b\\\x1b]4;1;#aabbcc\x07\x1b[>4;1m\x1b[>1u\x1b[<u\x1b[=1;1u',
    'Ûc ›6n — ünï: \u009f'.replace('\u009f', ''),
    '\x1bkscreen\x1b\\ \x1b7\x1b8\x1b[s\x1b[u\x1b[?1c\x1b[2*x\x1b["q\x1bP0;0;0q#0~~\x1b\\\x1b[?2004h\x07\t\r\n',
  ].map((text) => Buffer.from(text));
  for (const bytes of innocent) {
    assert.deepEqual(Buffer.concat(withoutQuestions([bytes])), bytes);
  }
  // Letters of code pages that are 8-bit controls elsewhere.
  const czech = bytesOf('\x9elut\xfd k\xf9\xf2\r\nnext line \x9eena');
  assert.deepEqual(Buffer.concat(withoutQuestions([czech])), czech);
});

test('a removed mode query leaves the modes beside it', () => {
  assert.equal(shown('\x1b[?1049;1004;2004h'), '\x1b[?1049;2004h');
});

test('a query that another sequence interrupts leaves no trace', () => {
  assert.equal(shown('\x1b\x1b[6nc'), 'c');
  assert.equal(shown('\x1b[6\nn.'), '\n.');
});

test('if the past ends within a sequence, the live stream completes it', () => {
  const filter = new QuestionFilter();
  assert.equal(textOf(filter.feed(bytesOf('a\x1b[6'))), 'a');
  assert.equal(filter.pending, 3);
  assert.equal(textOf(filter.end(true)), '\x1b[6');
});

/** Output full of sequences: whole ones, pieces of them, text. */
const stream = fc
  .array(
    fc.oneof(
      fc.constantFrom(...QUESTIONS.map(([, question]) => question)),
      fc.constantFrom(
        '\x1b',
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1b_',
        '\x1b^',
        '\x1bX',
        '\x1b\\',
        '\x07',
        '\x18',
        '\x1a',
        '\x05',
        '\x7f',
      ),
      fc.constantFrom('\x9b', '\x9d', '\x90', '\x9c', '\x9e', '\x9f', '\x85', '\x9a', '\xa0', '\xff'),
      fc.constantFrom(
        '\xc2\x9b',
        '\xc2\x9d',
        '\xc2\x90',
        '\xc2\x9c',
        '\xc2',
        '\xe2',
        '\xe2\x9c',
        '\xe0\x80',
        '\xf0\x9f',
        '\xc3\x9b',
      ),
      fc.constantFrom(
        '[',
        ']',
        'P',
        'Z',
        ';',
        ':',
        '?',
        '>',
        '=',
        '$',
        '!',
        ' ',
        '6',
        '4',
        '11',
        '18',
        '1004',
        'n',
        'c',
        'q',
        'm',
        't',
        'p',
        'h',
      ),
      fc.constantFrom(
        '\r',
        '\n',
        '\b',
        '\x0e',
        '\x0f',
        '\x1b(0',
        '\x1b[K',
        '\x1b[2P',
        '\x1b[3C',
        '\x1b]0;t\x07',
        'ü',
        '\x1b%@',
      ),
      fc.string({ maxLength: 8, unit: 'binary-ascii' }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => bytesOf(parts.join('')));

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...cuts.filter((at) => at < bytes.length), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}

const VIEWS: readonly View[] = ['letters', 'unknown', 'nothing'];

test('whatever is replayed, wherever it is cut, no terminal answers, and a second filter changes nothing', () => {
  let asked = 0;
  fc.assert(
    fc.property(stream, fc.array(fc.nat(300)), (bytes, cuts) => {
      const whole = Buffer.concat(withoutQuestions([bytes]));
      assert.deepEqual(Buffer.concat(withoutQuestions(cut(bytes, cuts))), whole);
      assert.deepEqual(Buffer.concat(withoutQuestions([whole])), whole);
      for (const view of VIEWS) {
        asked += answersTo(bytes, view).length;
        assert.deepEqual(answersTo(whole, view), []);
        assert.deepEqual(answersTo(whole, view, false), []);
      }
    }),
    { numRuns: 10_000 },
  );
  assert.ok(asked > 10_000, `only ${asked} queries were in it`);
});

test('the terminal of these tests answers the queries above, except for those that need tmux', () => {
  for (const [name, question] of QUESTIONS) {
    const wanted = name === 'control mode of tmux' ? 0 : name === 'what tmux is to pass on' ? 2 : 1;
    assert.equal(answersTo(bytesOf(question), 'letters').length, wanted, name);
  }
});

test('queries are taken out of text, and nothing else', () => {
  const whole = QUESTIONS.filter(([name]) => !/no terminator|tmux/.test(name)).map(([, question]) => question);
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom('\r\n', '\t', '\x1b[1;31m', '\x1b]0;title\x07', 'ž'),
        fc.string({ unit: 'grapheme' }),
      ),
    })
    .map((given) => Buffer.from(given.replace(/[\x80-\x9f]/g, '')).toString('latin1'));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.constantFrom(...whole))), (parts) => {
      const given = parts.map(([before, question]) => before + question).join('');
      assert.equal(shown(given), parts.map(([before]) => before).join(''));
    }),
  );
});

for (const [name, hidden, left] of [
  ['C1 of 8 bits in a title', '\x1b]0;a\xc2\x9b6nb\x07', 'b\x07'],
  ['a title of 8 bits that ends another way', '\x1b]0;a\x9c\x1b[6n\x07', '\x9c\x00\x07'],
  ['a letter of some code page before it', '\x9b\x1b[6n6n', '?6n'],
  ['a letter of some code page at the end of a line', '\x9b\r\nconnected', '?\r\nconnected'],
  ['half a character before it', '\xc2\x1b[6n\x9d11;?\x07', '\xc2\x00'],
  ['half a character in a string of 8 bits, and ESC after it', '\x90\xc2\x1b\x85', '\x90\xc2\x00\x85'],
  ['a string of 8 bits that ESC ends', '\x9d11;?\x1b[m', '?11;?\x1b[m'],
  ['a letter of a code page before a G', '\x9fG\x1b(0', '?G\x1b(0'],
  ['a line end within a DCS', '\x1bP\n$q\x1b\\', ''],
  ['a number with zeros', '\x1b]060;\x07', ''],
  ['a parameter with a sub-parameter', '\x1b[18:1t', ''],
  ['another character set, in which letters are controls', '\x1b%@\xc3\x9bc', '\xc3\x9bc'],
  ['a sequence that is not valid', '\x1b[!6n', ''],
  ['a marker after parameters', '\x1b[18=t', ''],
  ['an ST of UTF-8, which is nothing to some terminals', '\x1bP\xc2\x9cp\x1b(0', '\x1bP\x1b\\p\x1b(0'],
  ['an OSC without a number, which is none', '\x9d;?\x1bPtmux;\x1b\x1b[6n\x1b\\', '\x9d;?\x1b\\'],
] as const) {
  test(`no query is left behind: ${name}`, () => assert.equal(shown(hidden), left));
}

test('the output of a filter and what waits in it never exceed its input', () => {
  fc.assert(
    fc.property(fc.array(stream), (pieces) => {
      const filter = new QuestionFilter();
      let got = 0;
      let given = 0;
      for (const piece of pieces) {
        got += piece.length;
        given += filter.feed(piece).length;
        assert.ok(given + filter.pending <= got);
      }
    }),
  );
});

test('a sequence that never ends is held back no further than its bound', () => {
  for (const begin of ['\x1b]0;', '\x1b[', '\x1b(', '\x1bP', '\x1b_G', '\x1b^']) {
    const filter = new QuestionFilter();
    filter.feed(bytesOf(begin));
    for (let round = 0; round < 100; round++) {
      filter.feed(Buffer.alloc(10_000, begin === '\x1b(' ? '(' : '0'));
      assert.ok(filter.pending <= LONGEST_SEQUENCE + 8);
    }
  }
  const escapes = new QuestionFilter();
  escapes.feed(Buffer.alloc(100_000, 0x1b));
  assert.equal(escapes.pending, 1);
});

const SEEN: readonly (readonly [name: string, output: string, lines: readonly string[]])[] = [
  ['plain lines', 'one\r\ntwo\nthree', ['one', 'two', 'three']],
  ['a line that is ended', 'one\r\n', ['one']],
  ['colours', '\x1b[1;32mepics> \x1b[0m', ['epics> ']],
  ['bracketed paste', '\x1b[?2004hepics> ', ['epics> ']],
  ['a title', '\x1b]0;ioc@host: ~\x07epics> ', ['epics> ']],
  ['a title that ST ends', '\x1b]2;ioc\x1b\\epics> ', ['epics> ']],
  ['a title of screen', '\x1bkioc\x1b\\epics> ', ['epics> ']],
  ['a title that nobody ended, in the line before', '\x1b]0;oops\r\nepics> ', ['', 'epics> ']],
  ['sgr0 of terminfo', '\x1b(B\x1b[mepics> \x0f', ['epics> ']],
  ['line drawing', '\x1b(0lqk\x1b(B and \x1b)0\x0ex\x0fx', ['┌─┐ and │x']],
  ['a carriage return', 'loading 100 %\repics> ', ['epics>  100 %']],
  ['a carriage return and an erased line', 'loading 100 %\r\x1b[Kepics> ', ['epics> ']],
  ['an erased line, then the start', 'loading 100 %\x1b[2K\repics> ', ['epics> ']],
  ['two carriage returns', 'abc\r\r\nd', ['abc', 'd']],
  ['backspaces', 'epicz\bs>\b \b>', ['epics>']],
  ['rubbed out', 'abc\b \b\b \bx', ['ax ']],
  ['characters deleted and inserted', 'abcdef\x1b[4D\x1b[2P\x1b[@X', ['abXef']],
  ['the cursor moved within the line', 'abc\x1b[5G>\x1b[1Gx', ['xbc >']],
  [
    'a progress bar at the bottom',
    'epics> \x1b7\x1b[24;1HProgress: 50 %\x1b8',
    ['epics> ', 'Progress: 50 %', 'epics> '],
  ],
  ['the cursor saved and restored in the line', 'ab\x1b[scd\x1b[uX', ['abXd']],
  ['a cleared screen', 'noise\x1b[H\x1b[2Jepics> ', ['noise', 'epics> ']],
  ['UTF-8 and controls of 8 bits in it', 'µm \u009b1mbold', ['µm bold']],
  ['a sequence broken off', '\x1b[12\x18epics> ', ['epics> ']],
  ['tabs', 'a\tb', ['a\tb']],
  ['a bell and other silent controls', '\x07\x00e\x01pics>\x7f', ['epics>']],
];

for (const [name, output, lines] of SEEN) {
  test(`a person sees: ${name}`, () => void assert.deepEqual(visibleLines(output), lines));
}

test('lines are the same wherever the output is cut', () => {
  const text = stream.map((bytes) => bytes.toString('latin1'));
  fc.assert(
    fc.property(text, fc.array(fc.nat(300)), (output, cuts) => {
      const lines: string[] = [];
      const seen = new VisibleLines((line) => lines.push(line));
      for (const piece of cut(bytesOf(output), cuts)) {
        seen.feed(textOf(piece));
      }
      assert.deepEqual(seen.line === '' ? lines : [...lines, seen.line], visibleLines(output));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
      assert.doesNotMatch(lines.join(''), /[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
    }),
    { numRuns: 4000 },
  );
});

test('overwritten text was visible until then', () => {
  const gone: string[] = [];
  const seen = new VisibleLines(
    () => undefined,
    (line) => gone.push(line),
  );
  seen.feed('loading\rready\x1b[K');
  seen.feed('\r\n');
  assert.deepEqual(gone, ['loading', 'readyng']);
});

test('an endless line, string or progress display costs at most its bound', () => {
  const gone: string[] = [];
  const seen = new VisibleLines(
    () => undefined,
    (line) => gone.push(line),
  );
  for (let round = 0; round < 50; round++) {
    seen.feed('x'.repeat(10_000));
  }
  assert.ok(seen.line.length <= 16_384);
  seen.feed('a\r'.repeat(30_000));
  assert.ok(gone.length <= 64);
  seen.feed(`\n\x1b]0;${'t'.repeat(5000)}`);
  seen.feed('epics> ');
  assert.ok(seen.line.endsWith('epics> '));
  seen.feed('\x1b[99999999@\x1b[99999999Cx\x1b[99999999X');
  assert.ok(seen.line.length <= 16_385);
});
