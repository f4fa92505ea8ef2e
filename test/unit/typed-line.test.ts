import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TypedLine } from '../../src/console/typed-line.ts';
import { VisibleLines } from '../../src/model/visible-lines.ts';

/** A terminal whose program answers each piece of input; what it shows comes before the next piece. */
function typing(answer: (piece: string) => string, prompt = 'epics> ') {
  const lines: (string | undefined)[] = [];
  const screen = new VisibleLines(() => undefined);
  screen.feed(prompt);
  const line = new TypedLine((text) => lines.push(text));
  return (...pieces: string[]) => {
    for (const piece of pieces) {
      line.take(Buffer.from(piece), screen.line);
      screen.feed(answer(piece));
    }
    return lines.splice(0);
  };
}

const echo = (piece: string) => piece.replace('\r', '\r\nepics> ').replace('\x7f', '\b \b');
const keys = (text: string) => [...text];

test('a line is what was typed, as it was edited', () => {
  const type = typing(echo);
  assert.deepEqual(type(...keys('dbl\r')), ['dbl']);
  assert.deepEqual(type(...keys('dbx\x7fl\r')), ['dbl']);
  assert.deepEqual(type('dbpf ', 'X 5', '\r'), ['dbpf X 5']);
  assert.deepEqual(type(...keys('dbl'), ' X\r'), ['dbl X'], 'the last keys and the end at once');
  assert.deepEqual(type(...keys('été\r')), ['été']);
  assert.deepEqual(type(...keys('a\r\n'), ...keys('b\n')), ['a', 'b']);
  assert.deepEqual(type('\r', '\r'), [], 'an empty line is none');
});

test('what is not shown while it is typed is not known, whatever is shown afterwards', () => {
  const silent = typing((piece) => (piece === '\r' ? 'hunter2\r\n$ ' : ''), 'Password: ');
  assert.deepEqual(silent(...keys('hunter2\r')), [undefined]);
  const stars = typing((piece) => (piece === '\r' ? '\r\n' : '*'), 'Password: ');
  assert.deepEqual(stars(...keys('hunter2\r')), [undefined]);
  assert.deepEqual(typing(echo)('hunter2\r'), [undefined], 'pasted as a whole');
  const unlucky = typing((piece) => (piece === '\r' ? '\r\n' : ''), 'pass');
  assert.deepEqual(unlucky(...keys('s\r')), [undefined], 'the prompt ends like the password');
  const noisy = typing((piece) => (piece === '\r' ? '\r\n' : '.'), 'trying');
  assert.deepEqual(noisy(...keys('secret\r')), [undefined]);
  const later = typing((piece) => (piece === '\x1b[A' ? '' : piece === '\r' ? '\r\n' : ''), 'Password: ');
  assert.deepEqual(later('s', 'e', '\x1b[A', 'c', '\r'), [undefined], 'with other keys among it');
});

test('one line after another: each is judged by itself', () => {
  let isSilent = false;
  const type = typing((piece) => (isSilent && piece !== '\r' ? '' : echo(piece)));
  assert.deepEqual(type(...keys('login\r')), ['login']);
  isSilent = true;
  assert.deepEqual(type(...keys('hunter2\r')), [undefined]);
  isSilent = false;
  assert.deepEqual(type(...keys('dbl\r')), ['dbl']);
});

test('keys that are not text are shown as such', () => {
  const recalls = typing((piece) => (piece === '\x1b[A' ? 'dbl ' : echo(piece)));
  assert.deepEqual(recalls('\x1b[A', ...keys('X\r')), ['^[[AX']);
  const type = typing((piece) => (piece === '\t' ? 'l' : echo(piece)));
  assert.deepEqual(type('d', 'b', '\t', '\r'), ['db^I']);
  assert.deepEqual(type('a', 'b', '\x15', ...keys('cd\r')), ['cd'], 'what was erased is not part of it');
});

test('a line has a bound', () => {
  const [line] = typing(echo)(...keys(`${'x'.repeat(1500)}\r`));
  assert.equal(line?.length, 1003);
});
