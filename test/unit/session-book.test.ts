import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionBook } from '../../src/console/session-book.ts';
import type { SessionInfo } from '../../src/model/api.ts';

const ACTOR = { user: 'anna', from: 'pid 1', via: 'attach' } as const;

function enter(book: SessionBook, heard: (number | undefined)[] = []) {
  return book.enter(ACTOR, 'read', {
    writerChanged: (writer?: SessionInfo) => heard.push(writer?.id),
    thrownOut: () => undefined,
  });
}

test('one has the keyboard; the others are told, and may take it by force', () => {
  const book = new SessionBook(() => undefined);
  const heard: (number | undefined)[] = [];
  const a = enter(book, heard);
  const b = enter(book);
  assert.equal(book.take(a, false), true);
  assert.equal(book.take(b, false), false);
  assert.equal(book.writer?.id, a.info.id);
  assert.equal(book.take(b, true), true);
  assert.deepEqual([a.info.mode, b.info.mode], ['read', 'write']);
  assert.deepEqual(heard, [a.info.id, b.info.id]);
  book.leave(b);
  assert.equal(book.writer, undefined);
  assert.deepEqual(heard, [a.info.id, b.info.id, undefined]);
});

test('who has left cannot take the keyboard', () => {
  const book = new SessionBook(() => undefined);
  const a = enter(book);
  book.leave(a);
  assert.equal(book.take(a, true), false);
  assert.deepEqual(book.list, []);
});

test('the history hears of every coming and going once', () => {
  const heard: string[] = [];
  const book = new SessionBook((what) => heard.push(what));
  const a = enter(book);
  book.take(a, false);
  book.take(a, false);
  book.leave(a);
  book.leave(a);
  assert.deepEqual(heard, ['attached', 'writer', 'writer', 'detached']);
});
