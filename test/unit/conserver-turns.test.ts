/** The order of answers, and the client that is disconnected if all together have too much unread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../src/listeners/conserver/model/turns.ts';
import { UnreadLimit } from '../../src/listeners/conserver/wire/unread-limit.ts';

const nextPass = () => new Promise((resolve) => setImmediate(resolve));

test('a pass has a share; waiting actions are called in order, and again only after the others', async () => {
  let time = 0;
  const turns = new Turns({ monotonic: () => time });
  assert.equal(turns.over, false);
  time = 100;
  assert.equal(turns.over, true);
  const called: string[] = [];
  const again = (name: string) => {
    const action = (): void => {
      called.push(name);
      // Each of them takes a whole share.
      time += 100;
      if (called.length < 6) {
        turns.wait(action);
      }
    };
    return action;
  };
  const [one, two, three] = [again('one'), again('two'), again('three')];
  turns.wait(one);
  turns.wait(two);
  turns.wait(one);
  turns.wait(three);
  turns.forget(three);
  for (let pass = 1; pass <= 6; pass++) {
    await nextPass();
    assert.equal(called.length, pass, 'one in each pass');
  }
  assert.deepEqual(called, ['one', 'two', 'one', 'two', 'one', 'two']);
  await nextPass();
  assert.equal(called.length, 7, 'who waited before the end is called still');
});

test('too much unread in total: the client with most unread is disconnected, and the others stay', () => {
  const limit = new UnreadLimit(100);
  const lost: string[] = [];
  const debtor = (name: string, unread: number) => ({
    unread,
    giveUp: (why: string) => void lost.push(`${name}: ${why}`),
  });
  const [ann, bob, cid] = [debtor('ann', 40), debtor('bob', 50), debtor('cid', 10)];
  for (const each of [ann, bob, cid]) {
    limit.owes(each);
  }
  assert.deepEqual(lost, []);
  cid.unread = 20;
  limit.owes(cid);
  assert.deepEqual(lost, ['bob: 50 bytes unread, 110 with those of others: hung up']);
  cid.unread = 60;
  limit.owes(cid);
  assert.equal(lost.length, 1, 'bob owes nothing any more');
  limit.settled(ann);
  cid.unread = 90;
  limit.owes(cid);
  limit.owes(debtor('dan', 10));
  assert.equal(lost.length, 1);
  // Data read meanwhile does not count, even if that was not reported.
  cid.unread = 0;
  limit.owes(debtor('eve', 60));
  assert.equal(lost.length, 1);
});
