import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  byteString,
  bytesOf,
  decodeImp,
  encodeImp,
  isName,
  upperCase,
  withoutTerminator,
} from '../../src/codec/imp.ts';
import { parseItems, splitType, valuesOf, writeItems } from '../../src/codec/imp-body.ts';
import { ImpLines } from '../../src/codec/imp-lines.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((data) => byteString(data));
const names = fc.stringMatching(/^[!-=?-~]{1,8}$/);

test('a header is two names, and the body keeps its bytes', () => {
  assert.deepEqual(decodeImp('a1>M1.IE   x  y '), { source: 'a1', destination: 'M1.IE', body: 'x  y ' });
  assert.deepEqual(decodeImp('A1>IS'), { source: 'A1', destination: 'IS', body: '' });
});

test('malformed headers are not a message', () => {
  for (const text of [
    '',
    'x',
    '>IS PING',
    'A1>',
    'A1> IS',
    'A1 >IS',
    ' A1>IS',
    'A1\t>IS',
    'A>B>C',
    'ABCDEFGHI>IS',
    'A>BBBBBBBBB x',
  ]) {
    assert.equal(decodeImp(text), undefined, JSON.stringify(text));
  }
});

test('CR, LF, both in either order, NUL or nothing end a message; a CR inside does not', () => {
  for (const end of ['\r', '\n', '\r\n', '\n\r', '', '\r\0\0']) {
    assert.equal(withoutTerminator(`A>B x${end}`), 'A>B x');
  }
  assert.equal(withoutTerminator('A>B x\ry\r'), 'A>B x\ry');
});

test('any bytes decode to a message with valid names or to nothing, and encode back', () => {
  fc.assert(
    fc.property(bytes, (text) => {
      const message = decodeImp(withoutTerminator(text));
      if (message) {
        assert.ok(isName(message.source) && isName(message.destination));
        const again = encodeImp(message.source, message.destination, message.body);
        assert.deepEqual(decodeImp(withoutTerminator(again)), decodeImp(again.slice(0, -1).replace(/\r+$/, '')));
      }
      assert.equal(byteString(bytesOf(text)), text);
    }),
  );
});

test('what was encoded decodes to the same', () => {
  fc.assert(
    fc.property(names, names, fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/), (source, destination, body) => {
      const wire = encodeImp(source, destination, body);
      assert.deepEqual(decodeImp(withoutTerminator(wire)), { source, destination, body });
    }),
  );
});

test('only ASCII letters are upper-cased', () => {
  assert.equal(upperCase('m1.env \xe9\xff'), 'M1.ENV \xe9\xff');
});

test('lines are the same however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[!-~]{1,20}$/)), fc.array(fc.nat(9)), (lines, cuts) => {
      const got: string[] = [];
      const splitter = new ImpLines((line) => got.push(line), assert.fail);
      let text = lines.map((line, n) => line + (n % 2 ? '\r' : '\r\n')).join('');
      for (const cut of cuts) {
        splitter.push(text.slice(0, cut));
        text = text.slice(cut);
      }
      splitter.push(text);
      assert.deepEqual(got, lines);
    }),
  );
});

test('an endless line is reported once, takes no memory, and the next line is read', () => {
  const got: string[] = [];
  let oversized = 0;
  const splitter = new ImpLines(
    (line) => got.push(line),
    () => {
      oversized += 1;
    },
  );
  for (let i = 0; i < 100; i += 1) {
    splitter.push('x'.repeat(1000));
  }
  splitter.push('\rA>B y\r');
  assert.deepEqual([oversized, got], [1, ['A>B y']]);
});

test('a body is TYPE, typed values, flags and words', () => {
  const { type, text } = splitType(
    "DONE: filter Filter=3 FiltName='SDSS u' ROI=(1,8288,1,3088) EXPTIME=30.000 seconds Ok=T +LOG -CLI free",
  );
  assert.equal(type, 'DONE');
  const values = valuesOf(text);
  assert.deepEqual(Object.fromEntries(values), {
    FILTER: 3,
    FILTNAME: 'SDSS u',
    ROI: '1,8288,1,3088',
    EXPTIME: 30,
    OK: true,
    LOG: true,
    CLI: false,
  });
  assert.deepEqual(
    parseItems(text).filter((item) => item.kind === 'word'),
    ['filter', 'seconds', 'free'].map((word) => ({ kind: 'word', text: word })),
  );
});

test('values that were written read back with their type', () => {
  const value = fc.oneof(
    fc.boolean(),
    fc.integer(),
    fc.stringMatching(/^[ -&*-~]*$/),
    fc.stringMatching(/^[ -&*-~]*'[ -&*-~]*$/),
  );
  fc.assert(
    fc.property(value, (given) => {
      const written = writeItems([{ kind: 'value', key: 'K', value: given, text: '' }]);
      assert.equal(valuesOf(written).get('K'), given, written);
    }),
  );
});

test('no text stops the reader of bodies', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseItems(text)));
});
