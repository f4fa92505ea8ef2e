// POST /v1/plan: another configuration compared with the one in force, over a real connection to a host in memory.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { connectControl } from '../../src/client/control-connection.ts';
import { changedKeys } from '../../src/listeners/conserver/changed-keys.ts';
import type { HostConfig } from '../../src/model/config.ts';
import { toPlain } from '../../src/model/plain.ts';
import { configOf, HostInMemory } from '../fakes/host-in-memory.ts';
import { ruledHost } from '../fakes/ruled-host.ts';
import { atEnd } from '../harness/at-end.ts';
import { serveControl } from '../harness/control-server.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const ACCESS = '[[access.rule]]\nwho = ["vera"]\non = ["*"]\nmay = ["read"]\n';
const FIRST = configOf({ a: 'env.A = "1"', b: '', c: 'endpoints = [{ at = "2", may = ["read"] }]' }, ACCESS);

/** A server that runs `FIRST`. */
async function served(t: TestContext) {
  const path = join(temporaryDirectory(t), 'control');
  const { access } = ruledHost([], ACCESS);
  const memory = new HostInMemory(t, FIRST, [access]);
  const { host } = memory;
  const server = await serveControl(host, path);
  atEnd(t, () => server.close());
  const post = (body: string): Promise<readonly [status: number, text: string]> =>
    new Promise((resolve) => {
      const headers = { 'Content-Type': 'application/json' };
      const asked = request({ socketPath: path, path: '/v1/plan', method: 'POST', headers }, (answer) => {
        void buffer(answer).then((bytes) => resolve([answer.statusCode ?? 0, bytes.toString()]));
      });
      // The server need not read what it refuses.
      asked.on('error', () => undefined).end(body);
    });
  return { client: connectControl(path), faults: server.faults, memory, post };
}

test('what would change with another configuration, by the same rules as with the files', async (t) => {
  const { client } = await served(t);
  assert.deepEqual(await client.plan(FIRST), { steps: [], server: [], problems: [] });
  const other = configOf(
    { b: '', c: 'endpoints = ["2"]', d: '' },
    `[server]\ncontrol_mode = "0600"\n${ACCESS.replace('vera', 'jo')}`,
  );
  assert.deepEqual(await client.plan(other), {
    steps: [
      { action: 'remove', console: 'a' },
      { action: 'change', console: 'c', keys: ['endpoints'], effect: 'live' },
      { action: 'add', console: 'd' },
      { action: 'change', console: '[access]', keys: ['rule'], effect: 'live' },
    ],
    server: [{ key: 'control_mode', effect: 'server' }],
    problems: [],
  });
  assert.deepEqual(await client.plan(FIRST), { steps: [], server: [], problems: [] }, 'nothing was changed');
});

test('an apply that names a plan does that plan, or nothing', async (t) => {
  const { client, memory } = await served(t);
  await memory.host.open([]);
  const changed = { code: 'HF_PLAN_CHANGED' };
  memory.onDisk = configOf({ a: 'env.A = "2"', b: '', c: 'endpoints = [{ at = "2", may = ["read"] }]' }, ACCESS);
  const { id, steps } = await client.plan();
  assert.deepEqual(steps, [{ action: 'change', console: 'a', keys: ['env'], effect: 'restart' }]);
  // The same steps to another value.
  memory.onDisk = configOf({ a: 'env.A = "3"', b: '', c: 'endpoints = [{ at = "2", may = ["read"] }]' }, ACCESS);
  await assert.rejects(client.apply('the first', id), changed);
  assert.deepEqual([memory.told, memory.applied], [[], []]);
  const next = await client.plan();
  assert.deepEqual((await client.apply('the second', next.id)).steps, steps);
  // The same files, which somebody has applied meanwhile.
  await assert.rejects(client.apply('the third', next.id), changed);
  assert.deepEqual((await client.apply()).steps, []);
});

test('a table is the same whichever process has read it', () => {
  const { conserver } = configOf({ vac: '' }, '[conserver]\naliases = { v = "vac" }\n');
  assert.ok(conserver);
  assert.deepEqual(changedKeys(conserver, deserialize(serialize(conserver))), []);
});

test('a configuration of a thousand consoles is taken, and one of more than 16 MiB is not', async (t) => {
  const { client, post } = await served(t);
  const names = Array.from({ length: 1000 }, (_, at) => [`n${at}`, 'env.A = "1"\nlabels.x = "y"'] as const);
  const many = configOf(Object.fromEntries(names), ACCESS);
  assert.equal((await client.plan(many)).steps.length, 1003);
  const [status, text] = await post(JSON.stringify({ config: 'x'.repeat(17 << 20) }));
  assert.equal(status, 413, text);
});

test('whatever is sent in place of a configuration is answered, and is no fault of the server', async (t) => {
  const { faults, post } = await served(t);
  const plain = toPlain(FIRST) as Record<keyof HostConfig, unknown>;
  const places = ['server', 'consoles', 'isis', 'files', 'unread', 'access', 'network', 'audit', 'conserver'];
  const odd = fc.oneof(
    fc.anything(),
    fc.record({ '\0': fc.constantFrom('map', 'set', 'undefined', 'x', 7), of: fc.anything() }),
    fc.array(fc.record({ name: fc.string(), source: fc.record({ kind: fc.string() }), env: fc.anything() })),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), odd, async (place, value) => {
      const config = { ...plain, [place]: value };
      const body = JSON.stringify({ config }, (_key, each) => (typeof each === 'bigint' ? String(each) : each));
      const [status, text] = await post(body);
      assert.ok([200, 400].includes(status), `${status} ${text}`);
    }),
    { numRuns: 200 },
  );
  assert.equal((await post(`{"config":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))[0], 400);
  assert.deepEqual(faults, []);
});
