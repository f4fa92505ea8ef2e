// The history of a host that grows long, is truncated, damaged or deleted.
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EventInfo } from '../../src/model/api.ts';
import { HostUnderTest } from '../harness/host.ts';
import { sizeOf, temporaryDirectory } from '../harness/machine.ts';

const CRASH = `[console.crash]\nrun = "echo cannot open /dev/motor3; exit 7"\nrestart = "never"\n`;

/** Connects and leaves this many times, one after the other. */
async function knock(path: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(path).once('data', () => socket.destroy());
      socket.once('error', reject).once('close', () => resolve());
    });
  }
}

test('after any number of connections why, events and the next server still know a death', async (t) => {
  const endpoint = join(temporaryDirectory(t), 'quiet');
  const host = await HostUnderTest.start(
    t,
    `${CRASH}[console.quiet]\nrun = ["/bin/cat"]\nendpoints = ["unix:${endpoint}"]\n`,
    { server: 'events_keep = "64k"' },
  );
  await host.state('crash', 'failed');
  await host.state('quiet', 'running');
  await knock(endpoint, 600);
  await host.event('the last connection to leave', ({ type }) => type === 'detached');
  const known = async () => {
    assert.match((await host.command('why', 'crash')).stdout, /exit code 7.*cannot open \/dev\/motor3/s);
    assert.match((await host.command('events', 'crash')).stdout, / {2}exit code 7; pid \d+, up /);
    assert.match((await host.command('why', 'quiet')).stdout, / {2}is up\n/);
    const size = readdirSync(host.stateDir).reduce((sum, name) => sum + sizeOf(join(host.stateDir, name)), 0);
    assert.ok(size <= 64 << 10, `${size} bytes`);
  };
  await known();
  await host.kill();
  await host.up();
  await known();
});

test('the history distinguishes arrivals from departures, and says who has the keyboard', async (t) => {
  const host = await HostUnderTest.start(t, '[console.quiet]\nrun = ["/bin/cat"]\n');
  await host.state('quiet', 'running');
  assert.equal((await host.command('attach', 'quiet', '--write', '--linger', '0s')).code, 0);
  await host.event('the end of the session', ({ type }) => type === 'detached');
  const told = (await host.command('events', 'quiet')).stdout.split('\n').slice(-5, -1);
  const who = String.raw`\S+ via api from pid \d+`;
  const expected = [`came: ${who}`, `keyboard: ${who}`, 'keyboard: nobody', String.raw`left after \d+s: ${who}`];
  for (const [at, line] of expected.entries()) {
    assert.match(told[at] ?? '', new RegExp(`\\S  ${line}$`));
  }
});

test('if the older part of the history is gone, why does not claim that a console has not died', async (t) => {
  const host = await HostUnderTest.start(t, '[console.a]\nrun = ["/bin/cat"]\n');
  await host.state('a', 'running');
  const since = readFileSync(join(host.stateDir, 'events.jsonl'), 'utf8');
  const { time } = JSON.parse(since.split('\n')[0] as string) as EventInfo;
  assert.equal((await host.client.detail('a')).historySince, time);
  assert.match((await host.command('why', 'a')).stdout, /It has not died since .*; the history goes back no further\./);
});

test('a client that follows the events by number goes on over a damaged history and over a lost one', async (t) => {
  const host = await HostUnderTest.start(t, '[console.a]\nrun = ["/bin/cat"]\n');
  await host.state('a', 'running');
  const newest = async () => (await host.client.events({ limit: 1 })).at(-1)?.seq as number;
  const next = async (since: number) => {
    for await (const event of host.client.followEvents({ since, limit: 1000 })) {
      if (event.type === 'server' && event.text.includes(' is up')) {
        return event;
      }
    }
    throw new Error('no such event');
  };
  let last = await newest();
  await host.kill();
  const path = join(host.stateDir, 'events.jsonl');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  writeFileSync(path, `${lines.slice(0, -1).join('\n')}\n{"seq":1e300,"ti\n`);
  appendFileSync(path, '{"seq":"12","time":"x"}\n\0\0');
  await host.up();
  const after = await next(last);
  assert.ok(after.seq > last && after.seq < last + 100, `${after.seq} after ${last}`);
  assert.match(host.server.stderr.text, /3 damaged lines of the event history passed over/);

  // Numbers start again if all of it is gone.
  await host.kill();
  for (const name of readdirSync(host.stateDir).filter((each) => each.includes('.jsonl'))) {
    rmSync(join(host.stateDir, name));
  }
  await host.up();
  last = 100_000;
  assert.ok((await newest()) < last);
  assert.equal((await next(last)).type, 'server');
  assert.ok((await host.client.events({ since: last, limit: 10 })).length > 0);
});
