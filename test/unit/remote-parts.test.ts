// The state and requests of a server for a console whose holder comes and goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { HolderRequest } from '../../src/model/holder-protocol.ts';
import { ChildMirror } from '../../src/remote/child-mirror.ts';
import type { HolderClient } from '../../src/remote/holder-client.ts';
import type { HolderLine } from '../../src/remote/holder-line.ts';
import { Outbox } from '../../src/remote/outbox.ts';
import { OutputCopy } from '../../src/remote/output-copy.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

interface Asked {
  readonly request: HolderRequest;
  readonly answer: (result?: unknown) => void;
  readonly refuse: (error: Error) => void;
}

/** A holder that queues requests until the test answers. */
function holder(id: number): { readonly line: HolderLine; readonly asked: Asked[]; readonly verbs: () => string[] } {
  const asked: Asked[] = [];
  const client = {
    request: (request: HolderRequest, heard?: (answer: unknown) => void) =>
      new Promise((resolve, reject) => {
        const answer = (result: unknown) => {
          heard?.(result);
          resolve(result);
        };
        asked.push({ request, answer, refuse: reject });
      }),
  };
  const word = ({ request }: Asked) => `${request.verb}${request.verb === 'signal' ? ` ${request.signal}` : ''}`;
  return { line: { client: client as unknown as HolderClient, id }, asked, verbs: () => asked.map(word) };
}

const SPEC = { file: 'ioc', argv: ['ioc'] };
const fails = () => assert.fail('refused');

test('requests that no holder has accepted go to the next one, those that one has accepted do not', async () => {
  const [first, second] = [holder(1), holder(2)];
  let line: HolderLine | undefined;
  const outbox = new Outbox(() => line);
  outbox.remember('a');
  outbox.start(SPEC, fails);
  line = first.line;
  outbox.sendAgain();
  outbox.signal(15);
  outbox.signal(1);
  assert.deepEqual(first.verbs(), ['memo', 'start', 'signal 15', 'signal 1']);
  first.asked[2]?.answer();
  await turn();
  assert.ok(outbox.startIsOver() && !outbox.startIsOver());
  outbox.remember('b');
  line = second.line;
  outbox.sendAgain();
  assert.deepEqual(second.verbs(), ['signal 1', 'memo']);
  assert.deepEqual(second.asked[1]?.request, { verb: 'memo', console: 2, memo: 'b' });
  outbox.forgetSignals();
  outbox.sendAgain();
  assert.deepEqual(second.verbs().slice(2), ['memo']);
});

test('a holder that dies refuses nothing; one that is there does, once', async () => {
  const [first, second] = [holder(1), holder(2)];
  let line: HolderLine | undefined = first.line;
  const outbox = new Outbox(() => line);
  const refused: string[] = [];
  outbox.start(SPEC, ({ message }) => refused.push(message));
  line = undefined;
  first.asked[0]?.refuse(new Error('the holder is gone'));
  await turn();
  assert.deepEqual(refused, []);
  line = second.line;
  outbox.sendAgain();
  second.asked[0]?.refuse(new Error('no such program'));
  await turn();
  assert.deepEqual(refused, ['no such program']);
  outbox.sendAgain();
  assert.deepEqual(second.verbs(), ['start']);
});

test('events of a child before anyone listens are delivered later, in order', () => {
  const mirror = new ChildMirror();
  const dealt: string[] = [];
  mirror.befell(() => dealt.push('started'));
  mirror.befell(() => dealt.push('ended'));
  assert.equal(dealt.length, 0);
  mirror.listen();
  mirror.befell(() => dealt.push('started again'));
  assert.deepEqual(dealt, ['started', 'ended', 'started again']);
});

test('the end of a child does not concern its successor', () => {
  const mirror = new ChildMirror();
  mirror.is({ pid: process.pid, startedAt: 5, offset: 7 });
  assert.match(mirror.child?.startTime ?? '', /^\d+$/);
  mirror.ended(process.pid + 1);
  assert.equal(mirror.child?.offset, 7);
  mirror.ended(process.pid);
  assert.equal(mirror.child, undefined);
});

/** A copy of what one holder has, from `start` to `head`. */
function copied() {
  const clock = new FakeClock();
  const there = holder(1);
  let line: HolderLine | undefined = there.line;
  const copy = new OutputCopy(clock, () => line);
  const take = (text: string, offset: number) => copy.take(Buffer.from(text), offset, false);
  const lose = () => {
    line = undefined;
    copy.lost();
  };
  return { clock, copy, there, take, lose };
}

test('a reader waits until the past has arrived, and duplicates are taken once', async () => {
  const { copy, there, take } = copied();
  let ready = false;
  const reading = copy.read().then(() => {
    ready = true;
  });
  assert.deepEqual(there.verbs(), ['subscribe']);
  there.asked[0]?.answer({ start: 100, head: 106 });
  await turn();
  assert.ok(!ready, 'the past is still on its way');
  assert.ok(take('past', 100));
  await turn();
  assert.ok(!ready);
  assert.ok(take('..', 104));
  await reading;
  assert.equal(take('past..', 100), false, 'all of it is here');
  assert.ok(take('..more', 104));
  assert.equal(copy.head, 110);
  assert.equal(Buffer.from(copy.stream.ring.read(100)).toString(), 'past..more');
});

test('a holder that dies keeps no reader waiting, and the next one goes on where it was', async () => {
  const { clock, copy, there, take, lose } = copied();
  const reading = copy.read();
  there.asked[0]?.answer({ start: 0, head: 10 });
  await turn();
  take('1234', 0);
  lose();
  const release = await reading;
  assert.equal(copy.head, 4);
  release();
  release();
  clock.advance(9999);
  assert.equal(copy.stream.ring.tail, 0);
  clock.advance(1);
  assert.equal(copy.stream.ring.tail, 4, 'nobody came back: what is here is let go of');
});

test('the copy goes on for a while after the last reader, for one that comes back', async () => {
  const { clock, copy, there, take } = copied();
  const first = copy.read();
  there.asked[0]?.answer({ start: 0, head: 0 });
  (await first)();
  clock.advance(9999);
  take('said meanwhile', 0);
  const release = await copy.read();
  clock.advance(20_000);
  assert.deepEqual(there.verbs(), ['subscribe'], 'not asked for again, nor given up');
  assert.equal(Buffer.from(copy.stream.ring.read(0)).toString(), 'said meanwhile');
  release();
  clock.advance(10_000);
  assert.deepEqual(there.verbs(), ['subscribe', 'unsubscribe']);
});
