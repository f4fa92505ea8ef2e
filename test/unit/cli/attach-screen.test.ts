// Output and messages of `holdfast attach` on their way to a terminal, which may be slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AttachScreen } from '../../../src/cli/holdfast/attach/attach-screen.ts';

/** Events of the loop, such as a key, get their turn in between. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Site {
  readonly screen: AttachScreen;
  /** Everything that the terminal has taken. */
  readonly written: () => string;
}

function site(terminal = true): Site {
  let written = '';
  const screen = new AttachScreen(
    (data, taken) => {
      written += typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
      taken?.();
    },
    terminal,
    false,
  );
  return { screen, written: () => written };
}

const none = () => undefined;

test('a terminal gets a few kilobytes in a turn, and keys get their turn in between', async () => {
  const { screen, written } = site();
  const text = Buffer.alloc(200_000, 'x');
  const order: string[] = [];
  screen.output(text, () => order.push('shown'));
  screen.output(Buffer.from('y'), () => order.push('and the rest'));
  screen.say('noted');
  assert.ok(written().length > 0 && written().length <= 4096, `${written().length} bytes at once`);
  for (let before = 0; !written().includes('noted'); before = written().length) {
    assert.deepEqual(order, written().length < text.length ? [] : ['shown', 'and the rest'].slice(0, order.length));
    await turn();
    assert.ok(written().length - before <= 2 * 4096, 'a turn or two');
  }
  assert.equal(written(), `${text}y\r\n-- noted --\r\n`);
  assert.deepEqual(order, ['shown', 'and the rest']);
});

test('what was typed is echoed at once', () => {
  const { screen, written } = site();
  screen.output(Buffer.from('d'), none);
  screen.output(Buffer.from('b'), none);
  assert.equal(written(), 'db');
});

test('a file or a pipe gets everything at once', () => {
  const { screen, written } = site(false);
  screen.output(Buffer.alloc(200_000, 'x'), none);
  assert.equal(written().length, 200_000);
});

test('a server that knows no window is held up: no more than that waits', async () => {
  const { screen, written } = site();
  for (let n = 1; n <= 20; n++) {
    screen.output(Buffer.alloc(65_536, 'x'), none);
    assert.ok(n * 65_536 - written().length <= 262_144);
  }
  screen.finish();
  assert.equal(written().length, 20 * 65_536);
});

test('at the end everything is shown; after a detach only the farewell', () => {
  for (const [drop, end] of [
    [false, `${'x'.repeat(100_000)}\r\n-- ended --\r\n`],
    [true, `${'x'.repeat(4096)}\r\n-- ended --\r\n`],
  ] as const) {
    const { screen, written } = site();
    screen.output(Buffer.alloc(100_000, 'x'), none);
    if (drop) {
      screen.drop();
    }
    screen.finish();
    screen.say('ended');
    assert.equal(written(), end);
  }
});

test('whatever comes in whatever pieces, everything is shown once, in order, and acknowledged once it is', async () => {
  const step = fc.oneof(fc.nat(10_000), fc.constant('turn' as const), fc.constant('say' as const));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { screen, written } = site();
      let expected = '';
      let shown = 0;
      let given = 0;
      for (const [n, each] of steps.entries()) {
        if (each === 'turn') {
          await turn();
        } else if (each === 'say') {
          screen.say(`${n}`);
          expected += `-- ${n} --\r\n`;
        } else {
          const text = `${`${n} `.repeat(each).slice(0, each)}\n`;
          given++;
          screen.output(Buffer.from(text), () => {
            shown++;
            assert.ok(written().length >= text.length);
          });
          expected += text;
        }
      }
      while (shown < given) {
        await turn();
      }
      screen.finish();
      assert.equal(written(), expected);
      assert.equal(shown, given);
    }),
    { numRuns: 100 },
  );
});
