/** Seven bits of every byte, in the output of a child and of a link, on a host in memory. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { childSpec } from '../../src/config/child-spec.ts';
import type { ConsoleConfig } from '../../src/model/config.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

const EIGHT_BITS = Buffer.from([0xe1, 0x62, 0xff, 0x8d, 0x0a]);

/** The output of the console, as text of bytes. */
async function shown(world: MemoryHost): Promise<() => string> {
  const { backend } = world.host.consoles[0] as (typeof world.host.consoles)[0];
  await Promise.all([backend.read(), world.settle()]);
  return () => Buffer.concat(backend.stream.history(10)).toString('latin1');
}

test('of a child', async () => {
  const config = consoleConfig('a', { stripHigh: true });
  const world = await MemoryHost.started([config, consoleConfig('b')], () => []);
  const text = await shown(world);
  world.child('a')?.say(EIGHT_BITS);
  await world.settle();
  assert.equal(text(), 'ab\x7f\r\n');
  const ears = { waits: () => undefined, notes: () => undefined };
  assert.equal((await childSpec(config, ears)).stripHigh, true);
  assert.equal((await childSpec(consoleConfig('b'), ears)).stripHigh, undefined);
});

async function link(t: TestContext, more: Partial<ConsoleConfig>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-strip-'));
  const path = join(folder, 'socket');
  const server = createServer((socket) => socket.end(EIGHT_BITS)).listen(path);
  const source = { kind: 'unix', path } as const;
  const config = consoleConfig('a', { source, start: false, restart: { mode: 'never', holdoff: 100_000 }, ...more });
  const world = await MemoryHost.started([config], () => []);
  atEnd(t, () => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const text = await shown(world);
  world.host.start('a', person('vera'));
  return await until('its output', () => /(?<=\r\n)[^@]+\n/.exec(text())?.[0] || /^[^@]+\n/.exec(text())?.[0]);
}

test('of a link', async (t) => {
  assert.equal(await link(t, { stripHigh: true }), 'ab\x7f\r\n');
  assert.equal(await link(t, {}), EIGHT_BITS.toString('latin1'));
});
