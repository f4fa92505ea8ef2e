import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runExport } from '../../src/cli/export/run-export.ts';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import { temporaryDirectory } from '../harness/machine.ts';

async function run(words: readonly string[]) {
  let [out, err] = ['', ''];
  const io = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    env: {},
    uid: 0,
  };
  return {
    code: await runExport(words, io),
    get out() {
      return out;
    },
    get err() {
      return err;
    },
  };
}

const CONFIG = `[console]
both = { run = "x", endpoints = ["127.0.0.1:2001", "unix:/run/both"], description = 'the "big" one\\' }
tcp = { run = "x", endpoints = ["0.0.0.0:2002"] }
fixed = { run = "x", endpoints = ["10.0.0.5:2003"] }
none = { run = "x" }
none-2 = { run = "x" }
odd = { run = "x", endpoints = ["unix:@abstract", "0"] }
`;

const environment = { isThisHost: () => true, servicePort: () => undefined, hasUser: () => true, hasGroup: () => true };

test('for a conserver of this host: unix sockets, otherwise loopback; unreachable consoles are named', async (t) => {
  const file = join(temporaryDirectory(t), 'holdfast.toml');
  writeFileSync(file, CONFIG);
  const { code, out, err } = await run(['conserver', '-c', file]);
  assert.equal(code, 0);
  const { consoles, faults } = parseConserverCf('t', out, () => ({ error: 'none' }), environment);
  assert.deepEqual(faults, []);
  assert.deepEqual(
    consoles.map(({ name, type, uds, host, port, motd }) => ({ name, type, uds, host, port, motd })),
    [
      { name: 'both', type: 'uds', uds: '/run/both', host: undefined, port: undefined, motd: 'the "big" one' },
      { name: 'tcp', type: 'host', uds: undefined, host: '127.0.0.1', port: 2002, motd: undefined },
      { name: 'fixed', type: 'host', uds: undefined, host: '10.0.0.5', port: 2003, motd: undefined },
    ],
  );
  assert.match(err, /^holdfast export: none, none-2: no endpoint: give it one/m);
  assert.match(err, /^holdfast export: odd: only endpoints that conserver cannot reach/m);
});

test('for a conserver elsewhere: TCP beyond loopback, under the name of this host', async (t) => {
  const file = join(temporaryDirectory(t), 'holdfast.toml');
  writeFileSync(file, CONFIG);
  const { out, err } = await run(['conserver', '-c', file, '--host=ioc-1', '--master', 'central']);
  const { consoles } = parseConserverCf('t', out, () => ({ error: 'none' }), environment);
  assert.deepEqual(
    consoles.map(({ name, host, port, master }) => [name, host, port, master]),
    [
      ['tcp', 'ioc-1', 2002, 'central'],
      ['fixed', '10.0.0.5', 2003, 'central'],
    ],
  );
  assert.match(err, /^holdfast export: both, none, none-2, odd: no TCP endpoint beyond loopback/m);
});

test('mistakes of the command line and of the configuration', async (t) => {
  const file = join(temporaryDirectory(t), 'holdfast.toml');
  writeFileSync(file, 'x = 1\n');
  assert.deepEqual((await run([])).code, 64);
  assert.match((await run(['conservr'])).err, /no such kind: 'conservr'; did you mean 'conserver'\?/);
  assert.equal((await run(['conserver', 'more'])).code, 64);
  const bad = await run(['conserver', '-c', file]);
  assert.deepEqual([bad.code, bad.out], [78, '']);
  assert.match(bad.err, /holdfast\.toml:1: x: unknown key 'x'/);
  assert.match((await run(['--help'])).out, /^usage: holdfast export/);
});
