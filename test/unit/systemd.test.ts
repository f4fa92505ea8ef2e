import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Events } from '../../src/host/events.ts';
import type { AuditEntry } from '../../src/model/audit.ts';
import { activatedSockets } from '../../src/systemd/activation.ts';
import { AuditJournal } from '../../src/systemd/audit-journal.ts';
import { Journal, JournalService } from '../../src/systemd/journal.ts';
import { journalEntry } from '../../src/systemd/journal-socket.ts';
import { Notifier } from '../../src/systemd/notify.ts';
import { statusLine } from '../../src/systemd/status-line.ts';
import { unitFiles } from '../../src/systemd/units.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { person } from '../fakes/principals.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

function manager(env: NodeJS.ProcessEnv = { NOTIFY_SOCKET: '/n' }) {
  const clock = new FakeClock();
  const said: string[] = [];
  const socket = { busy: false };
  const send = (path: string, data: Uint8Array, fds?: readonly number[]) => {
    if (socket.busy) {
      throw Object.assign(new Error('busy'), { code: 'EAGAIN' });
    }
    said.push(`${path} ${Buffer.from(data)}${fds ? ` with ${fds}` : ''}`);
  };
  return { clock, said, socket, send, notifier: Notifier.take(env, send, clock) };
}

const READY = `/n READY=1\nMAINPID=${process.pid}\nSTATUS=`;

test('without a manager nothing is sent', () => {
  const { notifier, said, clock } = manager({ WATCHDOG_USEC: '3000000' });
  notifier.ready('up');
  notifier.status('still');
  clock.advance(10_000);
  assert.deepEqual(said, []);
});

test('variables meant for us are removed from the environment', () => {
  const env = { NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '1', WATCHDOG_PID: '1', OTHER: 'x' };
  manager(env);
  assert.deepEqual(env, { OTHER: 'x' });
});

test('the watchdog is fed from readiness on, three times in its interval, and only if it is ours', () => {
  const { notifier, said, clock } = manager({ NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '3000000' });
  clock.advance(10_000);
  assert.deepEqual(said, []);
  notifier.ready('up');
  clock.advance(3000);
  assert.deepEqual(said, [`${READY}up`, ...Array(3).fill('/n WATCHDOG=1')]);
  const other = manager({ NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '1' });
  other.notifier.ready('up');
  other.clock.advance(9000);
  assert.deepEqual(other.said, [`${READY}up`]);
});

test('a busy manager gets everything later, in order', () => {
  const { notifier, said, clock, socket } = manager();
  socket.busy = true;
  notifier.ready('up');
  notifier.status('2 of 2 up');
  clock.advance(1000);
  assert.deepEqual(said, []);
  socket.busy = false;
  clock.advance(1000);
  assert.deepEqual(said, [`${READY}up`, '/n STATUS=2 of 2 up']);
});

test('a status is one short line, and not sent twice', () => {
  const { notifier, said } = manager();
  notifier.failed('nothing was started:\n  a.toml:1: x\nb.toml:2: y');
  notifier.status('x'.repeat(1000));
  notifier.status('x'.repeat(1000));
  assert.deepEqual(said, ['/n STATUS=nothing was started: a.toml:1: x b.toml:2: y', `/n STATUS=${'x'.repeat(200)}`]);
});

test('descriptors are kept by name, each together with its data', () => {
  const { notifier, said, socket, clock } = manager();
  notifier.keep('a', [7, 8]);
  notifier.unkeep('a');
  assert.deepEqual(said, ['/n FDSTORE=1\nFDNAME=a\nFDPOLL=0 with 7,8', '/n FDSTOREREMOVE=1\nFDNAME=a']);
  socket.busy = true;
  const taken: string[] = [];
  notifier.keep('b', [9], () => taken.push('b'));
  notifier.keep('c', [10], () => taken.push('c'));
  notifier.keep('b', [11]);
  notifier.unkeep('b');
  assert.equal(taken.length, 0);
  socket.busy = false;
  clock.advance(1000);
  const sent = ['/n FDSTORE=1\nFDNAME=c\nFDPOLL=0 with 10', '/n FDSTOREREMOVE=1\nFDNAME=b'];
  assert.deepEqual(said.slice(2), sent, 'what is gone is not sent any more');
  notifier.keep('d', [12], () => taken.push('d'));
  assert.deepEqual(taken, ['c', 'd']);
});

test('the consoles in one line', () => {
  const of = (state: 'ready' | 'running' | 'held' | 'failed', count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `${state}-${i}`, state }));
  assert.equal(statusLine([...of('ready', 2), ...of('running', 1)]), '3 of 3 up');
  assert.equal(
    statusLine([...of('running', 1), ...of('held', 1), ...of('failed', 4)]),
    '1 of 6 up, 1 held, 4 failed: failed-0, failed-1, failed-2, ...',
  );
  assert.equal(statusLine([]), '0 of 0 up');
});

test('journal entries: any text survives the round trip', () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), (value) => {
      const entry = Buffer.from(journalEntry({ MESSAGE: value, NEXT: 1, NONE: undefined }));
      const rest = entry.subarray('MESSAGE'.length);
      const [text, after] =
        rest[0] === 0x3d
          ? [rest.subarray(1, rest.indexOf('\n')), rest.subarray(rest.indexOf('\n') + 1)]
          : [
              rest.subarray(9, 9 + Number(rest.readBigUInt64LE(1))),
              rest.subarray(10 + Number(rest.readBigUInt64LE(1))),
            ];
      assert.deepEqual(text, Buffer.from(value));
      assert.equal(after.toString(), 'NEXT=1\n');
    }),
  );
});

test('a busy journal gets a thousand entries later, and the number of those it missed', () => {
  const { send, socket, said, clock } = manager();
  const journal = new Journal(send, clock);
  socket.busy = true;
  for (let seq = 1; seq <= 1003; seq++) {
    journal.event({ seq, time: '', type: 'server', text: `event ${seq}` });
  }
  socket.busy = false;
  clock.advance(1000);
  assert.equal(said.length, 1001);
  assert.match(said[999] as string, /MESSAGE=event 1000\n/);
  assert.match(said[1000] as string, /3 entries are missing/);
});

test('a line of the audit is an entry with who, what, and its place in the chain', () => {
  const { clock, said, send, socket } = manager();
  const journal = new AuditJournal(send, clock);
  const by = person('root', { behind: 'vera', pid: 7, reason: 'HV card' });
  const entry: AuditEntry = { time: '', act: 'restart', outcome: 'done', by, console: 'vac-01' };
  journal.copy(entry, { seq: 12, hash: 'abc' });
  journal.copy({
    ...{ time: '', act: 'stop', outcome: 'refused', by: person('jo', { pid: 8 }), console: 'rf-01', right: 'stop' },
    error: { code: 'HF_FORBIDDEN', message: 'ask controls' },
  });
  const fields = said.map((each) => each.replace(/^\S+ /, '').trimEnd().split('\n'));
  assert.deepEqual(fields, [
    [
      'MESSAGE=vera (as root) via api from pid 7: restart vac-01: HV card',
      'PRIORITY=6',
      'SYSLOG_IDENTIFIER=holdfast-audit',
      'HOLDFAST_ACT=restart',
      'HOLDFAST_OUTCOME=done',
      'HOLDFAST_CONSOLE=vac-01',
      'HOLDFAST_USER=root',
      'HOLDFAST_BEHIND=vera',
      'HOLDFAST_ACTOR=vera (as root)',
      'HOLDFAST_ACTOR_CHANNEL=api',
      'HOLDFAST_ACTOR_FROM=pid 7',
      'HOLDFAST_ASSURANCE=kernel',
      'HOLDFAST_REASON=HV card',
      'HOLDFAST_AUDIT_SEQ=12',
      'HOLDFAST_AUDIT_HASH=abc',
    ],
    [
      'MESSAGE=jo via api from pid 8: stop rf-01, refused: lacks the right stop',
      'PRIORITY=4',
      'SYSLOG_IDENTIFIER=holdfast-audit',
      'HOLDFAST_ACT=stop',
      'HOLDFAST_OUTCOME=refused',
      'HOLDFAST_CONSOLE=rf-01',
      'HOLDFAST_USER=jo',
      'HOLDFAST_ACTOR=jo',
      'HOLDFAST_ACTOR_CHANNEL=api',
      'HOLDFAST_ACTOR_FROM=pid 8',
      'HOLDFAST_ASSURANCE=kernel',
      'HOLDFAST_RIGHT=stop',
      'HOLDFAST_ERROR=HF_FORBIDDEN',
    ],
  ]);
  socket.busy = true;
  for (let number = 0; number < 1003; number++) {
    journal.copy(entry);
  }
  socket.busy = false;
  clock.advance(1000);
  assert.match(said.at(-1) as string, /3 lines of the audit are missing here/);
});

test('the journal service sends every event, also those of the end of the others', async () => {
  const { send, said, clock } = manager();
  const events = new Events(clock.now.bind(clock), 0);
  const service = new JournalService((handler) => events.listen(handler), send, clock);
  events.add({ type: 'server', text: 'one' });
  await service.close();
  events.add({ type: 'server', text: 'two' });
  assert.deepEqual(
    said.map((entry) => /MESSAGE=(.*)/.exec(entry)?.[1]),
    ['one', 'two'],
  );
});

test('only our own activation sockets are accepted', () => {
  const env = { LISTEN_PID: String(process.pid), LISTEN_FDS: '2', LISTEN_FDNAMES: 'control:web', A: '1' };
  assert.deepEqual(
    [...activatedSockets(env)],
    [
      ['control', 3],
      ['web', 4],
    ],
  );
  assert.deepEqual(env, { A: '1' });
  assert.deepEqual([...activatedSockets({ LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'control' })], []);
});

test('the units of a user name nothing that only root has', () => {
  for (const { name, text } of unitFiles({ bin: '/opt/holdfast/bin', user: true })) {
    assert.doesNotMatch(text, /multi-user|\/etc\/|\/run\/|\/var\/|network|Capabilit|SocketGroup/, name);
  }
});
