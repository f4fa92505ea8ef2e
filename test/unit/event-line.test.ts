import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pastOf } from '../../src/console/past.ts';
import { eventLine, readEvent } from '../../src/host/event-line.ts';
import { eventText } from '../../src/model/event-text.ts';
import type { HostEvent } from '../../src/model/events.ts';
import { self } from '../../src/model/principal.ts';
import { ONE_OF_EACH } from '../fakes/one-of-each.ts';

const STAMP = { seq: 1, time: '2026-03-01T03:00:00.000Z' };
const FIXTURES = new URL('../fixtures/history-0.1/', import.meta.url);

for (const [kind, [, event]] of Object.entries(ONE_OF_EACH)) {
  test(`an event is read as it was written: ${kind}`, () => {
    assert.deepEqual(readEvent(eventLine({ ...STAMP, ...event })), { ...STAMP, ...event });
  });

  test(`a damaged field does not become an event: ${kind}`, () => {
    const { text: _, ...fields } = JSON.parse(eventLine({ ...STAMP, ...event }));
    for (const name of Object.keys(fields).filter((each) => each !== 'console' && each !== 'what')) {
      assert.equal(readEvent(JSON.stringify({ ...fields, text: 'x', [name]: { broken: true } })), undefined, name);
    }
  });
}

test('fields of a later version are ignored', () => {
  const line = eventLine({ ...STAMP, type: 'holder', what: 'lost' });
  assert.deepEqual(readEvent(line.replace('}', ',"colour":"red"}')), { ...STAMP, type: 'holder', what: 'lost' });
});

/** Lines that 0.1 wrote, with their texts. */
function ofLastRelease(file: string): readonly { readonly text: string; readonly event: HostEvent | undefined }[] {
  const lines = readFileSync(new URL(file, FIXTURES), 'utf8').trim().split('\n');
  return lines.map((line) => ({ text: JSON.parse(line).text, event: readEvent(line) }));
}

test('a history of 0.1 is read, and its texts are the same', () => {
  for (const { text, event } of [...ofLastRelease('events.jsonl'), ...ofLastRelease('sessions.jsonl')]) {
    assert.ok(event, text);
    if (event.type !== 'attached' && event.type !== 'detached' && event.type !== 'writer') {
      assert.equal(eventText(event), text);
    }
  }
});

test('the actor in a history of 0.1 becomes a principal', () => {
  const events = [...ofLastRelease('events.jsonl'), ...ofLastRelease('sessions.jsonl')];
  const by = (wanted: RegExp) => events.find(({ text }) => wanted.test(text))?.event?.by;
  assert.deepEqual(by(/^running -> stopping \(restart\)$/), {
    ...{ user: 'root', channel: 'api', from: 'localhost', assurance: 'kernel' },
  });
  assert.deepEqual(by(/^break #1 sent/), {
    ...{ user: 'vera', channel: 'conserver', from: 'localhost', assurance: 'claimed' },
  });
  assert.deepEqual(by(/^vera \(localhost, conserver\) has the keyboard$/), {
    ...{ user: 'vera', channel: 'conserver', from: 'localhost', assurance: 'claimed' },
  });
  assert.deepEqual(by(/^root \(pid \d+, attach\) came$/), {
    ...{ user: 'root', channel: 'api', from: 'localhost', assurance: 'kernel', pid: 27709 },
  });
  assert.deepEqual(by(/^unknown \(127\.0\.0\.1:39404, procserv\) came$/), {
    ...{ user: 'unknown', channel: 'procserv', from: '127.0.0.1', assurance: 'none', port: 39404 },
  });
  assert.deepEqual(by(/^configuration applied/), {
    ...{ user: 'unknown', channel: 'signal', from: 'SIGHUP', assurance: 'none' },
  });
  assert.equal(by(/^restart policy switched to never$/)?.channel, 'procserv');
  const deaths = events.flatMap(({ event }) => (event?.type === 'ended' ? [event.death] : []));
  const key = deaths.find(({ signal }) => signal === 'SIGKILL');
  assert.deepEqual([key?.askedBy?.channel, key?.askedSignal], ['procserv', 'SIGKILL']);
  assert.ok(deaths.every((death) => !('asked' in death)));
});

test('a note in a history of 0.1 is by the person in its text, and what a task reported by the task', () => {
  const by = (text: string) =>
    readEvent(JSON.stringify({ ...STAMP, console: 'ioc', type: 'note', text, actor: 'conserver' }))?.by;
  assert.deepEqual(by('NOTE -- ann@::1: pump: changed @noon'), {
    ...{ user: 'ann', channel: 'conserver', from: '::1', assurance: 'claimed' },
  });
  assert.deepEqual(by('task terminated: pid 7: exit(0)'), self('a task'));
});

test('restarts and deaths of a history of 0.1 are counted as they were', () => {
  const past = pastOf(ofLastRelease('events.jsonl').flatMap(({ event }) => (event ? [event] : [])));
  assert.deepEqual(past.get('ioc')?.restarts, [], 'each was asked for');
  assert.equal(past.get('ioc')?.deaths.length, 7);
  assert.equal(past.get('broken')?.deaths[0]?.code, 255);
});
