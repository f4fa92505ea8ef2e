// Scripts of execISIS (spec/isis.md 13): read as a whole, with the known faults of the original corrected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseScript, ScriptError } from '../../src/grammar/isis/script.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

const kinds = (script: string) => parseScript(script).map(({ kind }) => kind);

test('comments, blank lines and blanks are ignored; words may be in any case', () => {
  assert.deepEqual(kinds('# a comment\n\n  PRINT  hello   there # more\nm1.ie  filter 3\nSleep 2\nPause\nEND\n'), [
    ...['print', 'send', 'sleep', 'pause', 'end'],
  ]);
  const [send] = parseScript('M1.IE filter   3\n');
  assert.deepEqual([send?.kind, send?.line], ['send', 1]);
});

test('goto finds a label with letters in it, in any case', () => {
  const [, , jump] = parseScript('Again:\nm1.ie info\ngoto AGAIN\n');
  assert.deepEqual(jump?.kind === 'goto' && jump.target, 0);
});

test('two consecutive loops have their own ends', () => {
  const script = parseScript('loop 2\na x\nend_loop\nloop 3\nb x\nend_loop\n');
  assert.deepEqual(
    script.map((one) => (one.kind === 'loop' ? one.end : one.kind === 'end_loop' ? one.start : -1)),
    [2, -1, 0, 5, -1, 3],
  );
});

for (const [what, script, line] of [
  ['an empty script', '# nothing\n', 0],
  ['a label that stands twice', 'a:\nb x\na:\n', 3],
  ['a loop of less than two', 'loop 1\nb x\nend_loop\n', 1],
  ['an end_loop without loop', 'b x\nend_loop\n', 2],
  ['a goto to nowhere', 'goto x\n', 1],
] as const) {
  test(`${what} is refused with its line`, () => {
    assert.throws(
      () => parseScript(script),
      (error) => error instanceof ScriptError && error.line === line,
    );
  });
}

test('any text is read or refused, nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
      try {
        parseScript(text);
      } catch (error) {
        assert.ok(error instanceof ScriptError);
      }
    }),
  );
});
