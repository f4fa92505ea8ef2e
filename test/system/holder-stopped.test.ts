/**
 * A holder that does not answer delays no client: the server answers with what it knows, and says that it is only that.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { HostUnderTest } from '../harness/host.ts';
import { isAlive, status } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const CONSOLES = '[console.a]\nrun = ["/bin/cat"]\n[console.b]\nrun = ["/bin/cat"]\n';
const SILENT = (pid: number) => new RegExp(`the holder, process ${pid}, does not answer.*: it is stopped`);

async function stopped(t: TestContext): Promise<{ host: HostUnderTest; holder: number; goOn: () => void }> {
  const host = await HostUnderTest.start(t, CONSOLES);
  await host.state('a', 'running');
  await host.state('b', 'running');
  const holder = await host.holder();
  const goOn = () => {
    if (isAlive(holder)) {
      process.kill(holder, 'SIGCONT');
    }
  };
  atEnd(t, goOn);
  process.kill(holder, 'SIGSTOP');
  await until('the holder stands still', () => status(holder, 'State').startsWith('T'));
  return { host, holder, goOn };
}

test('a stopped holder: every question is answered, and every request that needs it is refused with a reason', async (t) => {
  const { host, holder, goOn } = await stopped(t);
  const before = await host.pids();
  // The table of consoles asks the holder for nothing: it is said there once the server has found out.
  await host.event('it is in the history', ({ type, text }) => type === 'holder' && SILENT(holder).test(text));
  for (const words of [['ps'], ['status', 'a'], ['why', 'a'], ['doctor']]) {
    const { stdout, stderr } = await host.command(...words);
    assert.match(stdout + stderr, SILENT(holder), words.join(' '));
    assert.match(stdout + stderr, new RegExp(`kill -CONT ${holder}`));
  }
  const [json] = JSON.parse((await host.command('ps', '--json')).stdout);
  assert.deepEqual([json.holderSilent.pid, json.holderSilent.state, json.state], [holder, 'stopped', 'running']);
  host.configure(`${CONSOLES}[console.c]\nrun = ["/bin/cat"]\n`);
  for (const words of [['reload'], ['down', '--all', '--yes'], ['attach', 'a']]) {
    const { code, stderr } = await host.command(...words);
    assert.match(stderr, SILENT(holder), words.join(' '));
    assert.notEqual(code, 0);
  }
  // Requests to a process are carried out when the holder goes on.
  await host.client.restart('b');
  goOn();
  await host.event('it goes on', ({ type, text }) => type === 'holder' && text.startsWith('the holder answers again'));
  await host.consoles('b is another one', (all) => all.get('b')?.state === 'running' && all.get('b')?.pid !== before.b);
  assert.equal((await host.pids()).a, before.a);
  assert.deepEqual((await host.command('ps')).stderr, '');
  assert.equal((await host.command('reload')).code, 2);
  await host.state('c', 'running');
});

test('a server that is started meanwhile says which holder it waits for, serves what it can, and goes on when it may', async (t) => {
  const { host, holder, goOn } = await stopped(t);
  await host.kill();
  const server = host.launch();
  await server.stderr.expect(new RegExp(`up, and waits for the holder: ${SILENT(holder).source}`));
  const { stdout, stderr } = await host.command('ps');
  assert.match(stderr, SILENT(holder));
  assert.match(stdout, /^a /m);
  for (const words of [['start', 'a'], ['stop', 'a', '--yes'], ['reload']]) {
    const refused = await host.command(...words);
    assert.match(refused.stderr, SILENT(holder), words.join(' '));
    assert.notEqual(refused.code, 0);
  }
  goOn();
  await host.event('it is up', ({ type, text }) => type === 'server' && text.includes(`is up, pid ${server.pid}`));
  await host.state('a', 'running');
  assert.equal((await host.client.version()).holder.pid, holder);
  assert.deepEqual((await host.command('ps')).stderr, '');
});
