// The table of all consoles, watched while the real server is killed and comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { WatchFeed } from '../../src/client/watch-feed.ts';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { HOLDFAST, HostUnderTest, perl } from '../harness/host.ts';
import { PtyProgram } from '../harness/pty-program.ts';
import { TIMEOUT_MS, until } from '../harness/until.ts';

/** Answers each line with `got LINE`. */
const ANSWERS = perl('$|=1; print "begun\\n"; while (<STDIN>) { print "got $_" }');
const CONSOLES = `
[console.vac-01]
${ANSWERS}
[console.vac-02]
${ANSWERS}
[console.off]
${ANSWERS}
start = false
`;
const INTERRUPT = '\x03';
/** Sequences that begin and end a frame, colours and the like. */
const FRAME = '\x1b[?7l';
const FRAME_END = '\x1b[?7h';
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const SEQUENCE = /\x1b\[[0-9;?]*[A-Za-z]/g;

/** The lines that were drawn last. */
function frameOf({ shown }: PtyProgram): string[] {
  // The last one may not have come in whole.
  const whole = shown.split(FRAME).findLast((frame) => frame.includes(FRAME_END));
  const [frame = ''] = whole?.split(FRAME_END) ?? [];
  return frame.replaceAll(SEQUENCE, '').replaceAll('\r', '').split('\n').filter(Boolean);
}

const words = (line = ''): string[] => line.trim().split(/\s{2,}/);

async function type(host: HostUnderTest, name: string, text: string): Promise<void> {
  const session = await host.attach(name, { lines: 0 }, {}, { write: true });
  session.input(Buffer.from(text));
  session.close();
}

test('ps --watch follows what happens, keeps its looks while the server is killed, and goes on with the next', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES);
  await host.state('vac-02', 'running');
  const ps = await PtyProgram.start([HOLDFAST, 'ps', '--watch', '--socket', host.control]);
  const row = (name: string) => words(frameOf(ps).find((line) => line.startsWith(name)));
  await until('the table', () => row('vac-01').at(-1) === 'begun' && row('vac-02').at(-1) === 'begun');
  assert.deepEqual(
    frameOf(ps).map((line) => words(line)[0]),
    ['3 consoles: 2 running, 1 stopped', 'NAME', 'vac-01', 'vac-02', 'off'],
  );
  await type(host, 'vac-01', 'one\n');
  await until('the new line', () => row('vac-01').at(-1) === 'got one');
  await host.client.stop('vac-02');
  await until('the stop', () => row('vac-02')[1] === 'stopped');

  await host.kill();
  await until('the note', () => frameOf(ps)[0]?.startsWith('-- the server is gone; waiting for it'));
  assert.deepEqual([row('vac-01')[1], row('vac-01').at(-1)], ['running', 'got one'], 'what was known is there still');
  const since = row('vac-01')[2];
  await until('time to pass', () => row('vac-01')[2] !== since);

  await host.up();
  await until('the next server', () => frameOf(ps)[0]?.startsWith('3 consoles'));
  await type(host, 'vac-01', 'two\n');
  await until('what the next server says', () => row('vac-01').at(-1) === 'got two');
  assert.equal(row('vac-02')[1], 'stopped');

  ps.type(INTERRUPT);
  const { code, signal } = await ps.ended;
  assert.deepEqual([code, signal], [0, null]);
  assert.equal(row('vac-01').at(-1), 'got two', 'the last table stays');
});

test('whoever watches has the table of a list, whatever happened to servers and holders meanwhile', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES);
  const feed = new WatchFeed(host.client, systemClock);
  const ended = new AbortController();
  const follow = async () => {
    for await (const _ of feed.follow(ended.signal)) {
      // The table is looked at when something was done.
    }
  };
  const followed = follow();
  atEnd(t, () => {
    ended.abort();
    return followed;
  });
  const byName = (consoles: readonly ConsoleSummary[]) => [...consoles].sort((a, b) => (a.name < b.name ? -1 : 1));
  const same = async (what: string) => {
    for (const limit = performance.now() + TIMEOUT_MS; ; await pause(20)) {
      const list = byName(await host.client.list());
      if (isDeepStrictEqual(byName(feed.table.consoles), list)) {
        return;
      }
      if (performance.now() > limit) {
        assert.deepEqual(byName(feed.table.consoles), list, what);
      }
    }
  };
  await same('at first');
  const first = feed.table.place?.feed;
  await host.client.start('off');
  await type(host, 'vac-01', 'hello\n');
  await same('after a start');
  await host.kill();
  await until('the loss', () => feed.lost);
  host.configure(CONSOLES.replace('[console.off]', '[console.new]'));
  await host.up();
  await until('another feed', () => feed.table.place?.feed !== first);
  await same('with the next server');
  assert.deepEqual(
    byName(feed.table.consoles).map(({ name }) => name),
    ['new', 'vac-01', 'vac-02'],
  );
  const holder = await host.holder();
  process.kill(holder, 'SIGKILL');
  await host.event('the next holder', (event) => event.type === 'holder' && event.what === 'found');
  await host.state('vac-01', 'running');
  await same('with another holder');
  await host.client.hold('vac-02', 'HV card', undefined);
  await host.client.hold('vac-02', 'another reason', undefined);
  await same('held again');
  assert.equal(feed.table.consoles.find(({ name }) => name === 'vac-02')?.hold?.reason, 'another reason');
});
