/** Many floods and a server that does not read: the holder keeps what it may, and no more. */

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { HostUnderTest, perl } from '../harness/host.ts';
import { status } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const FLOODS = 24;
const LINE = `${'this is read by nobody now '.repeat(35)}\n`;
const LINES = 6000;
const FLOOD = perl(`<STDIN>; print ${JSON.stringify(LINE)} for 1 .. ${LINES}; sleep 1000`);
/** With CR LF. */
const SIZE = LINES * (LINE.length + 1);

test('floods and a stopped server: memory is bounded for all consoles together, and that is reported', async (t) => {
  const names = Array.from({ length: FLOODS }, (_, at) => `f${at}`);
  const consoles = names.map((name) => `[console.${name}]\n${FLOOD}\nlog = { size = "1G" }\n`).join('');
  const host = await HostUnderTest.start(t, consoles, { server: 'lag_memory = "16M"' });
  await host.consoles('all run', (all) => names.every((name) => all.get(name)?.state === 'running'));
  const sessions = await Promise.all(names.map((name) => host.attach(name, { lines: 0 }, {}, { write: true })));
  const holder = await host.holder();
  const kib = (): number => Number.parseInt(status(holder, 'VmRSS'), 10);
  const before = kib();
  for (const session of sessions) {
    session.input(Buffer.from('go\r'));
  }
  const logged = (name: string): number => statSync(join(host.logDir, `${name}.log`)).size;
  // More than the lines about their start.
  await until('all have begun', () => names.every((name) => logged(name) > 1000));
  host.server.process.kill('SIGSTOP');
  atEnd(t, () => host.server.process.kill('SIGCONT'));
  let most = 0;
  await until('all have said all', () => {
    most = Math.max(most, kib());
    return names.every((name) => logged(name) >= SIZE);
  });
  host.server.process.kill('SIGCONT');
  t.diagnostic(`${(most - before) >> 10} MiB more than at rest`);
  // Without the budget all would have 130 MiB, and as much again until garbage collection. This is the budget, the
  // minimum that each keeps, and the memory of a busy Node.
  assert.ok(most - before < 150 << 10, `${most - before} KiB more than at rest`);
  await host.event('it is told', ({ type, text }) => type === 'holder' && text.includes('has used up its memory'));
  const { holder: its } = await host.client.version();
  assert.equal(its.lagMemory?.most, 16 << 20);
  assert.ok((its.lagMemory?.short?.bytes ?? 0) > 0);
  assert.match((await host.command('doctor')).stdout, /memory of the holder: .* of 16\.0 MiB .* it was not enough/);
});
