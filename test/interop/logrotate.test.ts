import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { missing } from '../harness/machine.ts';
import { ProcServ } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';

test('logrotate with compress and without copytruncate loses no line', { skip: missing('logrotate') }, async (t) => {
  const script =
    'n=0; while read word; do i=0; while [ $i -lt 100 ]; do n=$((n + 1)); i=$((i + 1)); echo "line $n"; done; done';
  const server = await ProcServ.start(t, ['-L', 'log', '-i', '^C', 'sh', '-c', `stty -echo; echo ready; ${script}`]);
  const client = await server.attach();
  await client.expect(/ready\r\n/);
  const { directory } = server;
  chmodSync(directory, 0o755);
  const rules = join(directory, 'rules');
  // delaycompress: as for every program that gets no signal, the last file may still be written for a moment.
  writeFileSync(rules, `${directory}/log {\n size 1\n rotate 20\n compress\n delaycompress\n}\n`, { mode: 0o644 });
  const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  let expected = 0;
  const burst = async (): Promise<void> => {
    client.send('go\n');
    expected += 100;
    await client.expect(new RegExp(`line ${expected}\r\n`));
  };
  for (let round = 0; round < 5; round++) {
    await burst();
    execFileSync('logrotate', ['-f', '-s', join(directory, 'state'), rules], { env: { ...process.env, PATH } });
    await burst();
    await until('a new log', () => server.has('log', ''));
    await burst();
  }
  await server.terminate();
  const names = readdirSync(directory).filter((name) => /^log\.\d+(?:\.gz)?$/.test(name));
  names.sort((a, b) => Number(b.split('.')[1]) - Number(a.split('.')[1]));
  assert.equal(names.length, 5);
  const old = names.map((name) => {
    const bytes = readFileSync(join(directory, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  });
  const numbers = [...(old.join('') + server.file('log')).matchAll(/^line (\d+)\r$/gm)].map(([, n]) => Number(n));
  assert.deepEqual(
    numbers,
    Array.from({ length: expected }, (_, n) => n + 1),
  );
});
