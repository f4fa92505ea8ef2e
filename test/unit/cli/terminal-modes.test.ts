// The modes that a program leaves behind in a terminal, and the sequences that undo them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TerminalModes } from '../../../src/cli/holdfast/attach/terminal-modes.ts';
import { ANY_CHARACTER } from '../../harness/any-character.ts';

function undoOf(output: string, columns = 80): string {
  const modes = new TerminalModes();
  modes.seen(output);
  return modes.undo(columns);
}

const LEFT: readonly (readonly [name: string, output: string, undo: string])[] = [
  ['nothing', 'text \xc3\x9b\xc2\xb5 \r\n\x07', ''],
  ['the other screen', '\x1b[?1049h', '\x1b[?1049l'],
  ['what was switched off again', '\x1b[?1049h\x1b[?1;25l\x1b[?1049l\x1b[?25h', ''],
  ['several modes at once', '\x1b[?1;2004h', '\x1b[?1l\x1b[?2004l'],
  [
    'focus, mouse, synchronized output',
    '\x1b[?1004h\x1b[?1002;1006h\x1b[?2026h',
    '\x1b[?1004l\x1b[?1002l\x1b[?1006l\x1b[?2026l',
  ],
  ['wrap and cursor', '\x1b[?7l\x1b[?25l', '\x1b[?7h\x1b[?25h'],
  ['insert mode, line feeds, local echo', '\x1b[4h\x1b[20h\x1b[12l', '\x1b[4l\x1b[20l\x1b[12h'],
  ['colours', '\x1b[1;31m', '\x1b[0m'],
  ['colours that were put back', '\x1b[31mred\x1b[m\x1b[1mbold\x1b[0m', ''],
  ['shift out', '\x0elqqk', '\x0f'],
  ['shift out and in', '\x0elqqk\x0f', ''],
  ['G0 as graphics', '\x1b(0lqqk', '\x1b(B'],
  ['G0 as graphics and back', '\x1b(0lqqk\x1b(B', ''],
  ['G1 and G2 of 96', '\x1b)0\x1b.A', '\x1b)B\x1b*B'],
  ['a locking shift', '\x1bn', '\x0f'],
  ['no UTF-8', '\x1b%@', '\x1b%G'],
  ['controls of 8 bits', '\x1b G', '\x1b F'],
  ['keypad', '\x1b=', '\x1b>'],
  ['scroll region: the cursor stays', '\x1b[5;10r', '\x1b7\x1b[r\x1b8'],
  ['scroll region that was put back', '\x1b[5;10r\x1b[r', ''],
  ['origin mode: where it is nobody knows', '\x1b[5;10r\x1b[?6h', '\x1b7\x1b[r\x1b8\x1b[?6l\x1b[999;1H'],
  [
    'origin mode on the other screen only',
    '\x1b[?1049h\x1b[5;10r\x1b[?6h',
    '\x1b[r\x1b[?6l\x1b[?1049l\x1b7\x1b[r\x1b8',
  ],
  ['origin mode on both', '\x1b[?6h\x1b[?1049h', '\x1b[?6l\x1b[?1049l\x1b[?6l\x1b[999;1H'],
  ['another screen without a cursor of its own', '\x1b[?47h', '\x1b[?47l\x1b[999;1H'],
  ['cursor shape', '\x1b[4 q', '\x1b[0 q'],
  ['cursor shape that was put back', '\x1b[4 q\x1b[ q', ''],
  ['kitty keyboard', '\x1b[>1u\x1b[>5u\x1b[<u', '\x1b[<1u'],
  ['kitty keyboard of both screens', '\x1b[>1u\x1b[?1049h\x1b[>3u\x1b[>3u', '\x1b[<2u\x1b[?1049l\x1b[<1u'],
  ['kitty keyboard set in place', '\x1b[=5;1u', '\x1b[=0u'],
  ['modified keys', '\x1b[>4;2m', '\x1b[>4m'],
  ['colours of the terminal', '\x1b]11;#000000\x07\x1b]4;1;red\x1b\\\x1b]10;?\x07', '\x1b]111\x1b\\\x1b]104\x1b\\'],
  ['colours of the terminal that were put back', '\x1b]11;#000000\x07\x1b]111\x07', ''],
  ['a link', '\x1b]8;;http://x/\x1b\\text', '\x1b]8;;\x1b\\'],
  ['a link that ends', '\x1b]8;;http://x/\x1b\\text\x1b]8;;\x1b\\', ''],
  ['titles on the stack', '\x1b[22;0t\x1b[22;2t\x1b[23;2t', '\x1b[23;0t'],
  ['a printer that swallows everything', '\x1b[5i', '\x1b[4i'],
  ['VT52', '\x1b[?2l', '\x1b<'],
  ['a string that is not over', '\x1b]0;half a title', '\x18'],
  ['a reset', '\x1b[?1049h\x1b[31m\x1b(0\x1b=\x1bH\x1bc', ''],
  ['controls of 8 bits in UTF-8', '\xc2\x9b?25l', '\x1b[?25h'],
];

for (const [name, output, undo] of LEFT) {
  test(`left behind: ${name}`, () => {
    assert.equal(undoOf(output), undo);
    const modes = new TerminalModes();
    for (const character of output) {
      modes.seen(character);
    }
    assert.equal(modes.undo(), undo, 'a byte at a time');
  });
}

test('our own line is in plain letters, and the output after it in the character set of the program', () => {
  const lettersOf = (output: string) => {
    const modes = new TerminalModes();
    modes.seen(output);
    return modes.letters;
  };
  assert.deepEqual(lettersOf('text \x1b[31m\x1b(B\x0f'), ['', '']);
  assert.deepEqual(lettersOf('\x1b(0'), ['\x1b(B', '\x1b(0']);
  assert.deepEqual(lettersOf('\x1b)0\x0e'), ['\x0f', '\x0e']);
  assert.deepEqual(lettersOf('\x1b(A\x1bn'), ['\x0f\x1b(B', '\x1b(A\x1bn']);
  assert.deepEqual(lettersOf('\x1b(0\x0e\x1bc'), ['', '']);
});

test('moved tab stops are at every eighth column again', () => {
  assert.equal(undoOf('\x1b[3g', 20), '\x1b[3g\r\x1b[8C\x1bH\x1b[8C\x1bH\r');
  assert.equal(undoOf('\x1bH', 16), '\x1b[3g\r\x1b[8C\x1bH\r');
});

test('whatever is shown and however it is cut, undoing it leaves nothing to undo (fuzz)', () => {
  const parts = LEFT.map(([, output]) => output);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({ unit: ANY_CHARACTER, maxLength: 5 })), {
        maxLength: 20,
      }),
      fc.array(fc.nat(300)),
      (pieces, cuts) => {
        const text = Buffer.from(pieces.join('')).toString('latin1');
        const modes = new TerminalModes();
        let from = 0;
        for (const cut of [...cuts.filter((at) => at < text.length).sort((a, b) => a - b), text.length]) {
          modes.seen(text.slice(from, cut));
          from = cut;
        }
        const undo = modes.undo();
        assert.equal(undo, undoOf(text));
        modes.seen(undo);
        // Except tabs: their restoration is not visible.
        assert.equal(modes.undo().split('\x1b[3g')[0], '');
        assert.ok(!modes.moving || undo.includes('\x1b[3g'));
      },
    ),
    { numRuns: 2000 },
  );
});
