import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  parseCallAnswer,
  parseDisconnected,
  parseGroupsAnswer,
  parseMasterAnswer,
  parsePasswordRequest,
  parseServerVersion,
} from '../../src/codec/conserver-answer.ts';
import { parseWireCommand } from '../../src/codec/conserver-command.ts';
import { LineBuffer, LONGEST_LINE } from '../../src/codec/conserver-lines.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

function linesOf(packets: readonly Uint8Array[]): string[] {
  const buffer = new LineBuffer();
  const lines: string[] = [];
  for (const packet of packets) {
    for (let at = 0; at < packet.length; ) {
      const { taken, line } = buffer.push(packet, at);
      at += taken;
      if (line !== undefined) {
        lines.push(line);
      }
    }
  }
  return [...lines, buffer.rest()];
}

test('lines are the same however the bytes are split', () => {
  const telling = fc.array(fc.constantFrom(0x0a, 0x0d, 0x41, 0xff), { maxLength: 60 });
  fc.assert(
    fc.property(telling, fc.nat(60), (bytes, at) => {
      const whole = Uint8Array.from(bytes);
      const lines = linesOf([whole.subarray(0, at), whole.subarray(at)]);
      assert.deepEqual(lines, linesOf([whole]));
      assert.equal(lines.join(''), Buffer.from(whole).toString('latin1'));
    }),
  );
});

test('a line without an end is bounded, and the next line is whole', () => {
  const long = Buffer.alloc(1_000_000, 'x');
  const lines = linesOf([long, Buffer.from('\nnext\n')]);
  assert.equal(lines[0]?.length, LONGEST_LINE + 1);
  assert.deepEqual(lines.slice(1), ['next\n', '']);
});

test('a master is split at the colon, a group at the blank', () => {
  assert.deepEqual(parseWireCommand('call:alpha\r\n', 'master'), { word: 'call', argument: 'alpha' });
  assert.deepEqual(parseWireCommand('call  alpha \n', 'master'), { word: 'call', argument: 'alpha' });
  assert.deepEqual(parseWireCommand('textmsg joe a:b\r\n', 'group'), { word: 'textmsg', argument: 'joe a:b' });
  assert.deepEqual(parseWireCommand('call:alpha\r\n', 'group'), { word: 'call:alpha', argument: '' });
  assert.deepEqual(parseWireCommand('\r\n', 'group'), { word: '', argument: '' });
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (line) => void parseWireCommand(line, 'master')));
});

test('answers become values', () => {
  assert.deepEqual(parseCallAnswer('4711\r\n'), { kind: 'port', port: 4711 });
  assert.deepEqual(parseCallAnswer('@far\r\n'), { kind: 'redirect', host: 'far' });
  assert.deepEqual(parseCallAnswer('[spy]\r\n'), { kind: 'attached', text: '[spy]\r\n', access: 'watching' });
  assert.equal(parseCallAnswer('70000\r\n').kind, 'refused');
  assert.deepEqual(parseGroupsAnswer('1:2\r\n'), [1, 2]);
  assert.deepEqual(parseGroupsAnswer('\r\n'), []);
  assert.equal(parseGroupsAnswer('unknown command\r\n'), undefined);
  assert.deepEqual(parseMasterAnswer('@::1:@far\r\n'), ['::1', 'far']);
  assert.equal(parseMasterAnswer('no\r\n'), undefined);
  assert.equal(parsePasswordRequest('passwd? host.x\r\n'), 'host.x');
  assert.equal(parsePasswordRequest('ok\r\n'), undefined);
  assert.equal(parseDisconnected('ok -- disconnected 3 users\r\n'), 3);
  assert.equal(parseServerVersion('[8002007]\r\n'), 8_002_007);
  assert.equal(parseServerVersion("[unknown -- use `?']\r\n"), 0);
  const parsers = [parseCallAnswer, parseGroupsAnswer, parseMasterAnswer, parsePasswordRequest, parseServerVersion];
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
      for (const parse of parsers) {
        parse(text);
      }
    }),
  );
});
