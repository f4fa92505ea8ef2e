import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputRecord } from '../../src/console/input-record.ts';
import type { Reader } from '../../src/model/subscription.ts';
import { person } from '../fakes/principals.ts';

const VERA = person('vera');

function site() {
  const told: string[] = [];
  const readers = new Set<Reader>();
  const state = { isWanted: true };
  const record = new InputRecord({
    port: {
      recordsInput: () => state.isWanted,
      typed: (by, console, line) => told.push(`${by.user} ${console} ${line ?? '(not shown)'}`),
    },
    config: () => ({ name: 'vac', groups: [] }),
    follow: (reader) => {
      readers.add(reader);
      return () => readers.delete(reader);
    },
  });
  const show = (text: string) => {
    for (const reader of readers) {
      reader.write(Buffer.from(text));
    }
  };
  const type = (session: object, text: string, echoes = true) => {
    for (const key of text) {
      record.typed(session, VERA, Buffer.from(key));
      show(key === '\r' ? '\r\n' : echoes ? key : '');
    }
  };
  return { readers, record, show, state, told, type };
}

test('the output is followed while somebody is there and lines are recorded', () => {
  const { readers, record, state, told, type } = site();
  const [one, other] = [{}, {}];
  record.came(one);
  record.came(other);
  assert.equal(readers.size, 1);
  type(one, 'dbl\r');
  record.left(one);
  assert.equal(readers.size, 1);
  state.isWanted = false;
  type(other, 'not this\r');
  assert.equal(readers.size, 0);
  state.isWanted = true;
  type(other, 'but this\r');
  record.left(other);
  assert.equal(readers.size, 0);
  assert.deepEqual(told, ['vera vac dbl', 'vera vac but this']);
});

test('of lines that are not shown only the first one of each row is told', () => {
  const { record, told, type } = site();
  const session = {};
  record.came(session);
  type(session, 'one\rtwo\rthree\r', false);
  type(session, 'dbl\r');
  type(session, 'four\r', false);
  assert.deepEqual(told, ['vera vac (not shown)', 'vera vac dbl', 'vera vac (not shown)']);
});

test('two who type at the same time are not mixed up', () => {
  const { record, show, told } = site();
  const [one, other] = [{}, {}];
  record.came(one);
  record.came(other);
  for (const [session, key] of [
    [one, 'a'],
    [other, 'x'],
    [one, 'b'],
    [one, '\r'],
    [other, '\r'],
  ] as const) {
    record.typed(session, session === one ? VERA : person('jo'), Buffer.from(key));
    show(key === '\r' ? '\r\n' : key);
  }
  assert.deepEqual(told, ['vera vac (not shown)', 'jo vac (not shown)']);
});
