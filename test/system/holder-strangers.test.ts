/** The holder among strangers: unrelated bytes, peers, users and signals end nothing. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, openSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FRAME, frame, PROTOCOL } from '../../src/codec/holder-frames.ts';
import { SIGNALS } from '../../src/model/signals.ts';
import type { HolderClient } from '../../src/remote/holder-client.ts';
import { atEnd } from '../harness/at-end.ts';
import { holderClient } from '../harness/holder.ts';
import { descriptors, isAlive, isRoot, status, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const BUILD = join(import.meta.dirname, '../../build');
const HELLO = {
  program: 'holdfast-server',
  protocol: PROTOCOL,
  oldest: PROTOCOL,
  version: 'test',
  pid: 1,
  startedAt: 0,
};

interface Holder {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly socket: string;
}

/** A holder whose standard error is `stderr`; `descriptors`: how many it may open. */
async function holder(t: TestContext, stderr: 'pipe' | number, descriptors = 1024): Promise<Holder> {
  const socket = join(temporaryDirectory(t), 'holder');
  const words = [`ulimit -n ${descriptors}; exec "$@"`, 'sh', join(BUILD, 'node'), join(BUILD, 'holdfast-holder.cjs')];
  const started = spawn('/bin/sh', ['-c', ...words, 'holdfast-holder', socket, '50'], {
    stdio: ['ignore', 'pipe', stderr],
    detached: true,
  });
  atEnd(t, () => started.kill('SIGKILL'));
  await once(started.stdout as NonNullable<typeof started.stdout>, 'data');
  return { process: started, pid: started.pid as number, socket };
}

/** A console with a child in it; the child's pid. */
async function child({ socket }: Holder): Promise<{ client: HolderClient; pid: number }> {
  const client = await holderClient(socket);
  const { id } = await client.request({ verb: 'open', name: 'a', start: 0 });
  const spec = { file: '/bin/cat', argv: ['cat'] };
  const pid = new Promise<number>((resolve, reject) => {
    client.listen(id, {
      event: (event) => (event.event === 'started' ? resolve(event.pid) : reject(new Error(JSON.stringify(event)))),
      output: () => undefined,
    });
  });
  await client.request({ verb: 'start', console: id, spec });
  return { client, pid: await pid };
}

/** Sends this to the holder, and resolves with its answer when it has closed the connection. */
async function said(t: TestContext, socket: string, words: Uint8Array): Promise<string> {
  const stranger = await connected(t, socket);
  let answer = '';
  stranger.on('data', (bytes) => {
    answer += bytes.toString('latin1');
  });
  stranger.write(words);
  await once(stranger, 'close');
  return answer;
}

async function connected(t: TestContext, socket: string): Promise<Socket> {
  const stranger = connect(socket);
  atEnd(t, () => stranger.destroy());
  // If the other side drops a connection while we write, this end gets EPIPE or ECONNRESET.
  stranger.on('error', () => undefined);
  await once(stranger, 'connect');
  return stranger;
}

function hello(fields: object): Uint8Array {
  return frame(FRAME.hello, Buffer.from(JSON.stringify(fields)));
}

const GARBAGE: readonly Uint8Array[] = [
  ...['garbage\n', 'GET / HTTP/1.0\r\n\r\n', '\0\0\0\x05\x02{}xx'].map((text) => Buffer.from(text, 'latin1')),
  Buffer.alloc(9),
  Buffer.alloc(4096, 0xff),
  randomBytes(20_000),
  ...['null', '5', '{}', '[]', '{"oldest":1,"protocol":1}', 'no JSON'].map((text) =>
    frame(FRAME.hello, Buffer.from(text)),
  ),
  hello({ ...HELLO, program: 'holdfast-holder' }),
  hello({ ...HELLO, pid: 'x' }),
  hello({ ...HELLO, version: 'x'.repeat(5000) }),
  Buffer.concat([hello(HELLO), hello(HELLO)]),
  Buffer.concat([hello(HELLO), frame(FRAME.request, Buffer.from('null'))]),
  Buffer.concat([hello(HELLO), frame(FRAME.input, Buffer.alloc(1))]),
  Buffer.concat([hello(HELLO), frame(FRAME.output, Buffer.alloc(20))]),
];

for (const dead of ['closed', 'full'] as const) {
  test(`garbage at its socket ends nothing while its standard error is ${dead}`, async (t) => {
    const its = await holder(t, dead === 'closed' ? 'pipe' : openSync('/dev/full', 'w'));
    its.process.stdout?.destroy();
    its.process.stderr?.destroy();
    const { client, pid } = await child(its);
    client.close();
    for (const words of GARBAGE) {
      await said(t, its.socket, words);
      assert.ok(
        isAlive(its.pid),
        `the holder is gone after ${JSON.stringify(Buffer.from(words).toString('latin1', 0, 99))}`,
      );
    }
    const again = await holderClient(its.socket);
    atEnd(t, () => again.close());
    assert.deepEqual(
      (await again.request({ verb: 'list' })).map((kept) => kept.pid),
      [pid],
    );
  });
}

test('signals that do not concern it do nothing; its children start with default dispositions', async (t) => {
  const its = await holder(t, openSync('/dev/null', 'w'));
  const { client, pid } = await child(its);
  atEnd(t, () => client.close());
  assert.deepEqual(
    ['SigBlk', 'SigIgn', 'SigCgt'].map((set) => BigInt(`0x${status(pid, set)}`)),
    [0n, 0n, 0n],
  );
  const ends = new Set<number>(
    (['TERM', 'KILL', 'STOP', 'CHLD', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'SEGV', 'SYS'] as const).map(
      (name) => SIGNALS[name],
    ),
  );
  for (let signal = 1; signal <= 64; signal++) {
    // The C library keeps 32 and 33 for itself.
    if (!ends.has(signal) && signal !== 32 && signal !== 33) {
      process.kill(its.pid, signal);
      // It answers after handling the signal: a stopped or dead one would not.
      await client.request({ verb: 'list' });
      assert.ok(isAlive(its.pid) && isAlive(pid), `signal ${signal}`);
    }
  }
  const ended = once(its.process, 'exit');
  its.process.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], 'TERM is its orderly end');
  await until('the child goes with it', () => !isAlive(pid));
});

test('of peers that do not identify themselves it keeps few, and a server is still accepted', async (t) => {
  const its = await holder(t, openSync('/dev/null', 'w'));
  const before = descriptors(its.pid);
  await Promise.all(Array.from({ length: 100 }, () => connected(t, its.socket)));
  const { client, pid } = await child(its);
  atEnd(t, () => client.close());
  // Besides them the server, the child's terminal and its pidfd.
  assert.ok(descriptors(its.pid) - before <= 16 + 3);
  assert.ok(isAlive(pid));
});

test('out of descriptors it lives on, and serves again when some are free', async (t) => {
  const its = await holder(t, openSync('/dev/null', 'w'), 48);
  const { client, pid } = await child(its);
  const consoles: number[] = [];
  // Each child takes one more, until there are none.
  for (let more = true; more; ) {
    const { id } = await client.request({ verb: 'open', name: `c${consoles.length}`, start: 0 });
    consoles.push(id);
    const started = new Promise<boolean>((resolve) => {
      client.listen(id, { event: ({ event }) => resolve(event === 'started'), output: () => undefined });
    });
    await client.request({ verb: 'start', console: id, spec: { file: '/bin/cat', argv: ['cat'] } });
    more = await started;
  }
  const strangers = await Promise.all(Array.from({ length: 8 }, () => connected(t, its.socket)));
  assert.deepEqual((await client.request({ verb: 'list' })).length, consoles.length + 1);
  assert.ok(isAlive(its.pid) && isAlive(pid));
  for (const stranger of strangers) {
    stranger.destroy();
  }
  client.close();
  // A connection is reset while the strangers are there; a server retries too.
  const back = (): Promise<HolderClient> => holderClient(its.socket).catch(back);
  const again = await back();
  atEnd(t, () => again.close());
  assert.ok(isAlive(pid));
});

test('its socket belongs to its user, and a peer of another user is refused whatever the mode', {
  skip: !isRoot && 'needs root',
}, async (t) => {
  const its = await holder(t, openSync('/dev/null', 'w'));
  assert.equal(statSync(its.socket).mode & 0o777, 0o600);
  chmodSync(its.socket, 0o666);
  chmodSync(join(its.socket, '..'), 0o755);
  const script = `const s = require('node:net').connect(process.argv[1], () => s.write(Buffer.from(process.argv[2], 'hex')));
    let n = 0; s.on('data', (b) => { n += b.length; }).on('error', () => 0).on('close', () => console.log(n));`;
  const ask = async (uid: number): Promise<string> => {
    const node = spawn(
      process.execPath,
      ['-e', script, its.socket, Buffer.from(hello({ ...HELLO, oldest: 99, protocol: 99 })).toString('hex')],
      {
        uid,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [text] = await once(node.stdout, 'data');
    return String(text).trim();
  };
  assert.equal(await ask(65_534), '0', 'not a byte');
  assert.notEqual(await ask(0), '0', 'root is told why it is refused');
});
