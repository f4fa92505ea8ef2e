// The pages at a feed, with plain ports: what one does not take has a bound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FromPage, ToPage } from '../../web/feed/feed-messages.ts';
import { type FeedPort, FeedPorts, MOST_UNTAKEN } from '../../web/feed/feed-ports.ts';

class Port implements FeedPort {
  onmessage: FeedPort['onmessage'] = null;
  /** Versions, of which each message has its own. */
  readonly sent: string[] = [];

  postMessage(message: ToPage): void {
    this.sent.push(
      message.type === 'standing' && message.standing.is === 'live' ? (message.standing.version ?? '') : '',
    );
  }

  says(data: FromPage): void {
    this.onmessage?.({ data });
  }
}

const live = (version: string): ToPage => ({ type: 'standing', standing: { is: 'live', version } });

test('a page that takes nothing is sent so much, and all of it when it wakes up; others miss nothing', () => {
  const ports = new FeedPorts(() => [live('whole')]);
  const [sleeps, takes] = [new Port(), new Port()];
  ports.join(sleeps);
  ports.join(takes);
  const many = Array.from({ length: 3 * MOST_UNTAKEN }, (_, at) => String(at));
  for (const each of many) {
    takes.says('taken');
    ports.tell(live(each));
  }
  assert.deepEqual(takes.sent, ['whole', ...many]);
  assert.deepEqual(sleeps.sent, ['whole', ...many.slice(0, MOST_UNTAKEN - 1)]);

  // It wakes up. Until it has taken all that it has, more of what follows would not fit what it missed.
  const had = sleeps.sent.length;
  for (let at = 1; at < had; at++) {
    sleeps.says('taken');
  }
  ports.tell(live('a'));
  assert.equal(sleeps.sent.length, had);
  sleeps.says('taken');
  ports.tell(live('b'));
  assert.deepEqual(sleeps.sent.slice(had), ['whole', 'b']);
});

test('a page that goes is sent nothing more', () => {
  const ports = new FeedPorts(() => []);
  const [goes, stays] = [new Port(), new Port()];
  ports.join(goes);
  ports.join(stays);
  goes.says('gone');
  ports.tell(live('1'));
  assert.deepEqual([goes.sent, stays.sent], [[], ['1']]);
});
