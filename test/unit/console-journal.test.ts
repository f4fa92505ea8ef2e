/** Output in the journal: lines as they were said, however they came, and a flood cut short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConsoleJournal } from '../../src/systemd/console-journal.ts';
import { FakeClock } from '../fake-clock.ts';

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
  const console = new ConsoleJournal('vac', send, clock);
  return { clock, said, socket, hear: (text: string) => console.append(Buffer.from(text)) };
}

test('lines come whole, however they were cut, and empty ones not at all', () => {
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

test('a line that has no end comes in pieces', () => {
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

test('a journal that is busy is not waited for, and hears later what it missed', () => {
  const { clock, said, socket, hear } = journal();
  socket.busy = true;
  hear('lost\n');
  clock.advance(1000);
  socket.busy = false;
  hear('kept\n');
  clock.advance(1000);
  assert.equal(said[0], 'kept');
  assert.match(said[1] as string, /^4 bytes of output/);
});
