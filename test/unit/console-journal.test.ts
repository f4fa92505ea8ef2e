/** Output in the journal: whole lines, however they came, and a flood cut short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConsoleJournal } from '../../src/systemd/console-journal.ts';
import { JournalSocket } from '../../src/systemd/journal-socket.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

function journal() {
  const clock = new FakeClock();
  const said: string[] = [];
  const socket = { busy: false };
  const send = (_path: string, data: Uint8Array) => {
    if (socket.busy) {
      throw Object.assign(new Error('busy'), { code: 'EAGAIN' });
    }
    said.push(/^MESSAGE=vac: (.*)$/m.exec(Buffer.from(data).toString())?.[1] ?? '');
  };
  const console = new ConsoleJournal('vac', new JournalSocket(send, clock), clock);
  return { clock, said, socket, hear: (text: string) => console.append(Buffer.from(text)) };
}

test('lines come out whole, however they were cut, and empty ones are left out', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), fc.array(fc.nat(9), { maxLength: 60 }), (lines, cuts) => {
      const { said, hear } = journal();
      let rest = lines.map((line) => `${line}\r\n`).join('');
      for (const cut of cuts) {
        hear(rest.slice(0, cut));
        rest = rest.slice(cut);
      }
      hear(rest);
      assert.deepEqual(
        said,
        lines.filter((line) => line !== ''),
      );
    }),
  );
});

test('an endless line comes in pieces', () => {
  const { said, hear } = journal();
  hear('x'.repeat(10_000));
  hear('y\n');
  assert.deepEqual(
    said.map((piece) => piece.length),
    [4096, 4096, 1809],
  );
});

test('a flood: the first 500 lines, then 20 per second, and how much is missing', () => {
  const { clock, said, hear } = journal();
  hear('0123456789\n'.repeat(700));
  assert.equal(said.length, 500);
  hear('0123');
  clock.advance(1000);
  assert.match(said[500] as string, /^2204 bytes of output are not in the journal/);
  hear('456789\n');
  hear('whole\n');
  assert.deepEqual(said.slice(501), ['whole'], 'the rest of a line whose beginning is missing is left out too');
  clock.advance(1000);
  assert.match(said[502] as string, /^6 bytes of output/);
});

test('a busy journal is not waited for: a thousand entries are kept, and the number of missing ones', () => {
  const { clock, said, socket, hear } = journal();
  socket.busy = true;
  hear('kept\n'.repeat(500));
  clock.advance(25_000);
  hear('kept\n'.repeat(500));
  clock.advance(25_000);
  hear('lost\n'.repeat(3));
  socket.busy = false;
  clock.advance(1100);
  assert.deepEqual(new Set(said.slice(0, 1000)), new Set(['kept']));
  assert.deepEqual(said.slice(1000), [
    '12 bytes of output are not in the journal, which takes 20 lines/s of a console; its log has them',
  ]);
});
