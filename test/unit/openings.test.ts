import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOpenings } from '../../src/cli/holdfast/parts/doctor-access.ts';
import { openings } from '../../src/host/openings.ts';
import type { HostConfig } from '../../src/model/config.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { governed } from '../fakes/governed.ts';
import { accepted } from '../harness/read-config.ts';

const CONSOLES = `
[console.vac-01]
run = ["x"]
endpoints = ["20001", "unix:/run/x", "[::1]:20002"]
[console.vac-02]
run = ["x"]
endpoints = ["0.0.0.0:20003", "[::]:20004"]
[console.rf-01]
run = ["x"]
endpoints = [{ at = "10.0.0.1:20005", may = ["read", "restart"] }]
`;

function configOf(text: string): HostConfig {
  return accepted(`${text}${CONSOLES}`) as HostConfig;
}

/** `vac-02 0.0.0.0:20003: read`. */
function endpointsOf(text: string): string[] {
  return openings(configOf(text), 0)
    .filter(({ kind }) => kind === 'endpoint')
    .map(({ console, at, may }) => `${console} ${at}: ${may?.join('+')}`);
}

test('endpoints beyond loopback, and what is left to whoever comes in there', () => {
  assert.deepEqual(endpointsOf(''), [
    'vac-02 0.0.0.0:20003: operate+force+admin',
    'vac-02 [::]:20004: operate+force+admin',
    'rf-01 10.0.0.1:20005: read+restart',
  ]);
  assert.deepEqual(
    endpointsOf(
      '[[access.rule]]\nwho = ["everyone"]\nmay = ["write"]\n[[access.rule]]\nwho = ["vera"]\nmay = ["force"]\n',
    ),
    ['vac-02 0.0.0.0:20003: write', 'vac-02 [::]:20004: write', 'rf-01 10.0.0.1:20005: read'],
  );
  const limited =
    '[[access.rule]]\nwho = ["everyone"]\nmay = ["write"]\n[[access.limit]]\nwho = ["channel:procserv"]\nmay = ["see"]\n';
  assert.deepEqual(endpointsOf(limited).at(-1), 'rf-01 10.0.0.1:20005: see');
});

test('networks that conserver trusts, other than loopback', () => {
  const conserver = '[conserver]\ntrusted = ["127.0.0.1", "10.0.0.0/16"]\n';
  assert.deepEqual(
    openings(configOf(conserver), 0).filter(({ kind }) => kind === 'trusted'),
    [{ kind: 'trusted', who: ['10.0.0.0/16'] }],
  );
});

test('addresses of a proxy that every user of this machine has', () => {
  const proxies = (from: string, listen = 'http://127.0.0.1:7634') =>
    openings(
      configOf(
        `[access]\n[network]\nlisten = ["${listen}"]\n[network.proxy]\nuser_header = "X-Forwarded-User"\nfrom = ${from}\n`,
      ),
      0,
    )
      .filter(({ kind }) => kind === 'proxy')
      .flatMap(({ who = [] }) => who);
  assert.deepEqual(proxies('["127.0.0.1", "10.0.0.3", "127.0.0.9", "::1", "0.0.0.0/0"]'), [
    '127.0.0.1',
    '127.0.0.9',
    '::1',
    '0.0.0.0/0',
  ]);
  assert.deepEqual(proxies('["user:www-data", "127.0.0.1"]', 'unix:/run/holdfast-gateway/http'), []);
});

test('rules that give much to people without a name, and rules that name nobody', async () => {
  const rules = `[[access.rule]]
who = ["everyone", "jo"]
may = ["admin", "read"]
[[access.rule]]
who = ["from:10.0.0.0/8", "vrea", "@vac", "@wheel"]
may = ["force"]
[[access.rule]]
who = ["everyone", "vera"]
may = ["read"]
[[access.limit]]
who = ["nobody-here"]
may = []
`;
  const { access } = governed(new FakeHost(), rules, { wheel: ['vera'] });
  const file = '/etc/h/a.toml';
  assert.deepEqual(await access.openings(), [
    { kind: 'rule', file, line: 1, who: ['everyone'], may: ['admin'] },
    { kind: 'rule', file, line: 4, who: ['from:10.0.0.0/8'], may: ['force'] },
    { kind: 'nobody', file, line: 4, who: ['vrea', '@vac'] },
    { kind: 'nobody', file, line: 10, who: ['nobody-here'] },
  ]);
  await access.apply(configOf(''));
  assert.deepEqual(
    (await access.openings()).map(({ kind, console }) => [kind, console]),
    [
      ['endpoint', 'vac-02'],
      ['endpoint', 'vac-02'],
      ['endpoint', 'rf-01'],
    ],
  );
});

test('the doctor warns of what lets in too many', () => {
  const endpoint = (console: string, ...may: ('read' | 'write')[]) =>
    ({ kind: 'endpoint', console, at: '0.0.0.0:1', may }) as const;
  const found = checkOpenings([
    ...['vac-01', 'vac-02', 'vac-03'].map((name) => endpoint(name, 'write')),
    endpoint('rf-01', 'read'),
    { kind: 'trusted', who: ['10.0.0.0/16'] },
    { kind: 'proxy', who: ['127.0.0.1'] },
    { kind: 'rule', file: '/a.toml', line: 3, who: ['everyone'], may: ['admin'] },
    { kind: 'nobody', file: '/a.toml', line: 4, who: ['vrea'] },
  ]);
  assert.deepEqual(
    found.map(({ verdict, check, text }) => `${verdict} ${check}: ${text}`),
    [
      'warning network: 3 endpoints beyond loopback (vac-01 to vac-03): whoever reaches them, without a password, may write there',
      'ok network: 1 endpoint beyond loopback (rf-01): whoever reaches it, without a password, may read there',
      'warning network: [conserver] trusts 10.0.0.0/16: whoever comes from there is any user that they say they are',
      'warning network: [network.proxy] takes the word of 127.0.0.1: every user of this machine can say to be anybody there',
      'warning access: /a.toml:3 gives admin to everyone, who need no name for it',
      'warning access: /a.toml:4 names vrea, whom this system does not know: nobody has these rights by that name',
    ],
  );
});
