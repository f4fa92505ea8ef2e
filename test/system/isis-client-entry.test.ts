// The public entry `holdfast/isis` as it is built, and the example agent, beside the real `isis`.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { folderFor, IsisProcess, writeIni } from '../harness/isis.ts';
import { ROOT } from '../harness/systemd.ts';

type Library = typeof import('../../src/isis/client/index.ts');

/** By a name that the compiler does not follow: this is the built library. */
const library = (name: string): Promise<Library> => import(name) as Promise<Library>;
const { IsisClient } = await library('holdfast/isis');

/** The example agent, and the port that it reports. */
async function startAgent(t: TestContext, port: number) {
  const agent = spawn(process.execPath, [join(ROOT, 'examples/isis-agent.ts'), '127.0.0.1', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(t, () => agent.kill());
  const [said] = (await once(agent.stdout, 'data')) as [Buffer];
  return { agent, port: Number(/on port (\d+)/.exec(said.toString())?.[1]) };
}

test('a program with the built library commands the example agent through the server', async (t) => {
  const { port } = await IsisProcess.start(t, writeIni(folderFor(t), ['NoLog']));
  const { agent } = await startAgent(t, port);
  const client = await IsisClient.open({ id: 'T1', host: '127.0.0.1', port });
  atEnd(t, () => client.close());
  const steps: string[] = [];
  const options = { timeout: 10, interim: ({ text }: { text: string }) => steps.push(text) };
  const { values } = await client.request('demo.fw', 'filter 2', options);
  assert.equal(values.get('FILTER'), 2);
  assert.deepEqual(steps, ['filter moving Filter=1']);
  await assert.rejects(client.request('demo.fw', 'filter 7', { timeout: 10 }), /Filter is 1 to 6, not '7'/);
  await assert.rejects(client.request('demo.fw', 'quit', { timeout: 10 }), /quit needs EXEC:/);
  const ended = once(agent, 'exit');
  await client.request('demo.fw', 'EXEC: quit', { timeout: 10 });
  assert.deepEqual(await ended, [0, null]);
});

test('a TypeScript program with its own settings accepts the types of the library', (t) => {
  const folder = folderFor(t);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/holdfast'));
  symlinkSync(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  writeFileSync(
    join(folder, 'own.mts'),
    `import { type Body, IsisClient } from 'holdfast/isis';
const client = await IsisClient.open({ id: 'MC1', host: '127.0.0.1', port: 6600 });
const interim = ({ text }: Body) => console.log(text);
const { values } = await client.request('m1.ie', 'filter 3', { timeout: 60, interim });
const wrong: string = values.get('FILTER');
`,
  );
  const words = [
    '--ignoreConfig',
    '--singleThreaded',
    '--strict',
    '--noEmit',
    '--target',
    'es2022',
    '--types',
    'node',
    '--pretty',
    'false',
  ];
  // The second looks only whether a bundler finds the types.
  for (const module of [['nodenext'], ['esnext', '--moduleResolution', 'bundler', '--skipLibCheck']]) {
    const tsc = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), [...words, '--module', ...module, 'own.mts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.match(tsc.stdout, /^own\.mts\(5,7\): error TS2322: Type 'BodyValue \| undefined' is not/);
    assert.equal(tsc.stdout.match(/error/g)?.length, 1, tsc.stdout);
  }
});

test('a restarted server that has the port of the example agent as preset knows it', async (t) => {
  const folder = folderFor(t);
  const first = await IsisProcess.start(t, writeIni(folder, ['NoLog']));
  const { port } = await startAgent(t, first.port);
  assert.equal(await first.stop(), 0);
  const ini = writeIni(folder, ['NoLog', `ServerPort ${first.port}`, `UDPPort 127.0.0.1 ${port}`]);
  await IsisProcess.start(t, ini);
  const client = await IsisClient.open({ id: 'T1', host: '127.0.0.1', port: first.port, heartbeat: 0.1 });
  atEnd(t, () => client.close());
  for (;;) {
    try {
      const { values } = await client.request('demo.fw', 'filter', { timeout: 10 });
      assert.equal(values.get('FILTER'), 1);
      break;
    } catch (error) {
      // Until the agent has answered the handshake.
      assert.match(String(error), /No Route to Destination Host DEMO.FW/);
    }
  }
});
