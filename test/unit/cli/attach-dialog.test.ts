// Questions of `holdfast attach`: what is typed answers them, whatever pieces it comes in, and never reaches the console.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerWatch } from '../../../src/cli/holdfast/attach/answer-watch.ts';
import { AttachActs, type Wanted } from '../../../src/cli/holdfast/attach/attach-acts.ts';
import { type Asking, AttachDialog } from '../../../src/cli/holdfast/attach/attach-dialog.ts';
import { AttachScreen } from '../../../src/cli/holdfast/attach/attach-screen.ts';
import type { Verb } from '../../../src/model/rights.ts';
import { actingAs } from '../../fakes/acting-as.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { person } from '../../fakes/principals.ts';

const none = () => undefined;

function site(wanted: (verb: Verb) => Wanted = none) {
  const clock = new FakeClock();
  const host = new FakeHost();
  const console = host.add('vac-01');
  const shown: string[] = [];
  const rest: string[] = [];
  const screen = new AttachScreen((data) => void shown.push(Buffer.from(data).toString()), true, false);
  const dialog = new AttachDialog(screen, clock, (bytes) => void rest.push(Buffer.from(bytes).toString()));
  const acts = new AttachActs({
    ...{ client: actingAs(host, person('vera')), name: 'vac-01', holdKey: '^] h' },
    acting: () => undefined,
    say: (text) => screen.say(text),
    wanted: async (verb) => wanted(verb),
  });
  const type = (text: string) => dialog.feed(Buffer.from(text));
  /** The acts done, with their reasons. */
  const done = () =>
    host.calls.map(({ args = [], by, verb }) => [verb, args[0] ?? by.reason].filter(Boolean).join(' '));
  return {
    ...{ acts, clock, console, dialog, done, screen, type },
    act: (key: 'start' | 'restart' | 'hold') => dialog.settle((ask) => acts.act(key, ask)),
    shown: () => shown.join(''),
    rest: () => rest.join(''),
  };
}

test('what stops it is asked about; only y does it, and no other key reaches the console', async () => {
  for (const [key, verb] of [
    ['start', 'stop'],
    ['restart', 'restart'],
  ] as const) {
    for (const [typed, done, left] of [
      ['y', [verb], ''],
      ['yls\r', [verb], 'ls\r'],
      ['n', [], ''],
      ['\x1b[A', [], ''],
      ['\x03', [], ''],
      ['\r', [], ''],
    ] as const) {
      const { act, done: calls, rest, shown, type } = site();
      const acting = act(key);
      type(typed);
      await acting;
      assert.deepEqual([calls(), rest()], [done, left], JSON.stringify(typed));
      assert.match(shown(), done.length === 0 ? /-- nothing was done --/ : new RegExp(`-- ${verb}: vac-01 is `));
    }
  }
});

test('what is down is started without a question; what is held is not, and a hold is ended by its key', async () => {
  const { act, console, done, shown, type } = site();
  console.overrides = { state: 'crash-looping' };
  await act('start');
  assert.deepEqual(done(), ['start']);
  console.overrides = { state: 'held' };
  await act('start');
  await act('restart');
  assert.equal(shown().split('-- vac-01 is held: ^] h ends the hold --').length, 3);
  const acting = act('hold');
  type('y');
  await acting;
  assert.deepEqual(done(), ['start', 'release']);
});

test('a hold takes a reason, which can be corrected; without one nothing is done', async () => {
  const { act, dialog, done, shown, type } = site();
  const feed = (byte: number) => dialog.feed(Buffer.of(byte));
  let acting = act('hold');
  // A character in two pieces.
  for (const byte of Buffer.from('x\x15HV größ\x7fsse\r')) {
    feed(byte);
  }
  await acting;
  assert.deepEqual(done(), ['hold HV grösse']);
  acting = act('hold');
  type('y');
  await acting;
  assert.match(shown(), /vac-01: end its hold\? It may start at once\. \[y\/N\] y\r\n/);
  acting = act('hold');
  type('  \r');
  await acting;
  assert.deepEqual(done(), ['hold HV grösse', 'release']);
});

test('a reason is asked for where a rule wants one; where no rule gives the right there is no question', async () => {
  const required = site(() => 'required');
  let acting = required.act('restart');
  required.type('HV card\r');
  await acting;
  assert.deepEqual(required.done(), ['restart HV card']);
  assert.equal(required.shown().includes('[y/N]'), false, 'the reason is the confirmation');
  const asked = site(() => 'asked');
  acting = asked.act('restart');
  asked.type('y\r');
  await acting;
  assert.deepEqual(asked.done(), ['restart']);
  const forbidden = site(() => 'forbidden');
  await forbidden.act('restart');
  assert.match(
    forbidden.shown(),
    /nothing was done: you may not restart vac-01; 'holdfast access vac-01' says who may/,
  );
  assert.deepEqual(forbidden.done(), []);
});

test('why the keyboard is taken is asked where a rule wants it', async () => {
  const why = async (wanted: Wanted, typed: string) => {
    const { acts, dialog, type } = site(() => wanted);
    let answer: string | undefined | false;
    const settled = dialog.settle(async (ask) => {
      answer = await acts.whyTake('take', ask);
    });
    type(typed);
    await settled;
    return answer;
  };
  assert.equal(await why('required', 'pump\r'), 'pump');
  assert.equal(await why('required', '\r'), false);
  assert.equal(await why('asked', '\r'), undefined);
  assert.equal(await why(undefined, 'x'), undefined);
  assert.equal(await why('forbidden', 'x'), undefined, 'the server says what is missing');
});

test('output waits while a question is asked, and too much of it ends the question', async () => {
  const { dialog, screen, shown, type } = site();
  const line = (ask: Asking) => ask.line('why?').then((text) => screen.say(`because: ${text}`));
  const acting = dialog.settle(line);
  screen.output(Buffer.from('later'), none);
  type('x');
  assert.equal(shown(), '-- why? x');
  type('\r');
  await acting;
  assert.equal(shown(), '-- why? x\r\nlater\r\n-- because: x --\r\n');
  const flooded = dialog.settle(line);
  screen.output(Buffer.alloc(300_000, '.'), none);
  await flooded;
  screen.finish();
  assert.match(shown(), /-- why\? \r\n\.+\r\n-- because: undefined --\r\n$/);
});

test('a server that does not answer holds the keys only for a moment', async () => {
  const { clock, dialog, rest, type } = site();
  const never = dialog.settle(() => new Promise(none));
  type('a');
  type('\x1dd');
  assert.equal(dialog.isOpen, true);
  clock.advance(1000);
  type('\x1dd');
  await never;
  assert.deepEqual([dialog.isOpen, rest()], [false, '\x1dd']);
});

test('a line without an answer is told once; its echo is none', () => {
  const cases: readonly (readonly [name: string, typed: string, heard: readonly string[], isTold: boolean])[] = [
    ['nothing comes', 'dbl\r', [], true],
    ['only the echo', 'dbl\r', ['dbl', '\r\n'], true],
    ['an answer', 'dbl\r', ['dbl\r\n', 'epics> '], false],
    ['an answer that is the same', 'hi\r', ['hi\r\n', 'hi\r\n'], false],
    ['no line yet', 'dbl', [], false],
  ];
  for (const [name, typed, heard, isTold] of cases) {
    const clock = new FakeClock();
    let told = 0;
    const watch = new AnswerWatch(clock, 1000, () => told++);
    watch.asked(Buffer.from(typed));
    for (const text of heard) {
      watch.heard(Buffer.from(text));
    }
    clock.advance(5000);
    assert.equal(told, isTold ? 1 : 0, name);
    watch.asked(Buffer.from('\r'));
    clock.advance(5000);
    assert.equal(told, 1, `${name}, and then an empty line`);
  }
});
