// The page's knowledge of a user's rights equals the server's decisions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuardedHost } from '../../src/host/guarded-host.ts';
import { reasonWanted, rightsByConsole } from '../../src/model/access-told.ts';
import type { Principal } from '../../src/model/principal.ts';
import { VERBS, type VerbRow } from '../../src/model/rights.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { governed } from '../fakes/governed.ts';
import { person } from '../fakes/principals.ts';

const RULES = `[[access.rule]]
who = ["vera"]
may = ["read"]
[[access.rule]]
who = ["vera"]
on = ["vac-*"]
may = ["operate"]
[[access.rule]]
who = ["vera"]
on = ["rf-*"]
may = ["restart"]
reason = "required"
[[access.rule]]
who = ["vera"]
on = ["vac-02"]
may = ["write"]
reason = "asked"
[[access.limit]]
who = ["vera"]
on = ["vac-03"]
may = ["stop"]
`;
const NAMES = ['vac-01', 'vac-02', 'vac-03', 'rf-01', 'mag-01'];
const VERA = person('vera', { uid: 1000 });

function acting(by: Principal, rules = RULES): GuardedHost {
  const host = new FakeHost();
  for (const name of NAMES) {
    host.add(name);
  }
  return new GuardedHost(governed(host, rules), by);
}

test('whoever may do something there by what is told may do it, and nobody else', async () => {
  const ways: readonly [Principal, string][] = [
    [VERA, RULES],
    [{ ...VERA, bound: ['restart', 'write'] }, RULES],
    [VERA, ''],
    [{ ...VERA, bound: ['restart'] }, ''],
    [person('root', { uid: 0 }), RULES],
    [{ ...person('root', { uid: 0 }), bound: ['read', 'stop'] }, RULES],
    [person('jo', { uid: 1001 }), RULES],
  ];
  for (const [by, rules] of ways) {
    const host = acting(by, rules);
    const rightsOn = rightsByConsole(await host.access());
    for (const name of NAMES) {
      for (const verb of ['start', 'stop', 'restart', 'hold', 'release', 'take', 'force', 'enter'] as const) {
        const isRefused = host.refusal(verb, name)?.code === 'HF_FORBIDDEN';
        const { right }: VerbRow = VERBS[verb];
        assert.equal(
          right !== undefined && rightsOn(name).has(right),
          !isRefused,
          `${by.user} ${by.bound} ${verb} ${name}`,
        );
      }
    }
  }
});

test('a reason is wanted by the strictest of the consoles', async () => {
  const info = await acting(VERA).access();
  assert.equal(reasonWanted(info, 'restart', ['vac-01']), undefined);
  assert.equal(reasonWanted(info, 'restart', ['rf-01']), 'required');
  assert.equal(reasonWanted(info, 'restart', ['vac-01', 'rf-01', 'mag-01']), 'required');
  assert.equal(reasonWanted(info, 'take', ['vac-02']), 'asked');
  assert.equal(reasonWanted(info, 'restart', ['mag-01']), 'forbidden');
  assert.equal(reasonWanted(info, 'version', ['mag-01']), undefined);
});
