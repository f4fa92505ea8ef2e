// The public entry `holdfast/isis` as it is built, and the example agent, beside the real `isis`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { linesOf } from '../../src/cli/holdfast/lines.ts';

const root = join(import.meta.dirname, '../..');

test('a program with the built library commands the example agent through the server', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hf-isis-entry-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const ini = join(folder, 'isis.ini');
  writeFileSync(ini, 'ServerPort 0\nListen 127.0.0.1\nNoLog\nNoHandshaking\n');
  const server = spawn(join(root, 'bin/isis'), ['-d', `-f${ini}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill());
  let port = '';
  for await (const line of linesOf(server.stdout)) {
    port = /started as host IS on port (\d+)/.exec(line)?.[1] ?? '';
    if (port !== '') {
      break;
    }
  }
  const agent = spawn(process.execPath, [join(root, 'examples/isis-agent.ts'), '127.0.0.1', port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => agent.kill());
  await once(agent.stdout, 'data');
  const name = 'holdfast/isis';
  const { IsisClient } = (await import(name)) as typeof import('../../src/isis/client/index.ts');
  const client = await IsisClient.open({ id: 'T1', host: '127.0.0.1', port: Number(port) });
  t.after(() => client.close());
  const steps: string[] = [];
  const options = { timeout: 10, interim: ({ text }: { text: string }) => steps.push(text) };
  const { values } = await client.request('demo.fw', 'filter 2', options);
  assert.equal(values.get('FILTER'), 2);
  assert.deepEqual(steps, ['filter moving Filter=1']);
  await assert.rejects(client.request('demo.fw', 'quit', { timeout: 10 }), /quit needs EXEC:/);
  const ended = once(agent, 'exit');
  await client.request('demo.fw', 'EXEC: quit', { timeout: 10 });
  assert.deepEqual(await ended, [0, null]);
});
