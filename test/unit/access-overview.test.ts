import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Check } from 'typebox/schema';
import { decide, grantsOf } from '../../src/access/decide.ts';
import { GuardedHost } from '../../src/host/guarded-host.ts';
import { AccessInfoSchema } from '../../src/model/access-api-schema.ts';
import type { AccessConfig } from '../../src/model/access-config.ts';
import { hoursText, whoText } from '../../src/model/access-text.ts';
import type { AccessInfo, Principal } from '../../src/model/api.ts';
import { leastOf, RIGHT_NAMES, type Right, withIncluded } from '../../src/model/rights.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { governed } from '../fakes/governed.ts';
import { person } from '../fakes/principals.ts';
import { accepted } from '../harness/read-config.ts';

const VERA = person('vera', { uid: 1000 });
const RULES = `[access]
contact = "controls, 4711"
[[access.rule]]
who = ["everyone"]
may = ["read"]
[[access.rule]]
label = "vacuum operators"
who = ["@vac-operators", "jo"]
on = ["@vacuum"]
may = ["operate"]
reason = "required"
hours = "mon-sun"
[[access.rule]]
who = ["jo"]
may = ["configure", "write"]
[[access.limit]]
who = ["channel:procserv"]
on = ["rf-*"]
may = ["see"]
`;

function actingAs(by: Principal, rules = RULES): GuardedHost {
  const host = new FakeHost();
  for (let n = 1; n <= 3; n++) {
    host.add(`vac-0${n}`, { groups: ['vacuum'] });
    host.add(`rf-0${n}`);
  }
  return new GuardedHost(governed(host, rules, { 'vac-operators': ['vera'] }), by);
}

/** `vac-01,vac-02: read by line 3`. */
function rows({ rights, rules }: AccessInfo): string[] {
  return rights.map(({ consoles, server, grants, limits }) => {
    const by = (at: number) => `line ${rules[at]?.line}`;
    const given = grants.map(({ rule, may }) => `${may.join('+')} by ${by(rule)}`);
    const taken = limits.map((at) => `limited by ${by(at)}`);
    return `${server ? 'server' : consoles.join()}: ${[...given, ...taken].join('; ')}`;
  });
}

async function accessOf(...[host, query]: [GuardedHost, Parameters<GuardedHost['access']>[0]?]): Promise<AccessInfo> {
  const info = await host.access(query);
  assert.ok(Check(AccessInfoSchema, info), JSON.stringify(info));
  return info;
}

test('what one may, on which consoles, by which rules; equal consoles are one row', async () => {
  const info = await accessOf(actingAs(VERA));
  assert.deepEqual(rows(info), [
    'vac-01,vac-02,vac-03: read by line 3; operate by line 6',
    'rf-01,rf-02,rf-03: read by line 3',
  ]);
  const { user, governed: isGoverned, unlimited, contact, everybody } = info;
  assert.deepEqual(
    { user, isGoverned, unlimited, contact, everybody },
    { user: 'vera', isGoverned: true, unlimited: false, contact: 'controls, 4711', everybody: false },
  );
  assert.deepEqual(info.rules[1], {
    ...{ file: '/etc/h/a.toml', line: 6, kind: 'rule', who: ['@vac-operators', 'jo'], on: ['@vacuum'] },
    ...{ may: ['operate'], label: 'vacuum operators', reason: 'required' },
  });
});

test('the server itself is a row, with what verbs on it take; limits are told beside what they leave', async () => {
  assert.deepEqual(rows(await accessOf(actingAs(person('jo', { uid: 1001 })))), [
    'vac-01,vac-02,vac-03: read by line 3; operate by line 6; write by line 13',
    'rf-01,rf-02,rf-03: read by line 3; write by line 13',
    'server: configure by line 13',
  ]);
  const anonymous = person('unknown', { channel: 'procserv', assurance: 'none' });
  assert.deepEqual(rows(await accessOf(actingAs(anonymous))), [
    'vac-01,vac-02,vac-03: read by line 3',
    'rf-01,rf-02,rf-03: see by line 3; limited by line 16',
  ]);
});

test('what the way in leaves is what is told', async () => {
  const info = await accessOf(actingAs({ ...VERA, bound: ['restart'] }));
  assert.deepEqual(info.bound, ['restart']);
  assert.deepEqual(rows(info), [
    'vac-01,vac-02,vac-03: see by line 3; restart by line 6',
    'rf-01,rf-02,rf-03: see by line 3',
  ]);
});

test('the rights of others are told to those with configure or admin, whoever they are', async () => {
  const jo = actingAs(person('jo', { uid: 1001 }));
  const ofVera = await accessOf(jo, { user: 'vera', console: 'vac-02' });
  assert.deepEqual(rows(ofVera), ['vac-02: read by line 3; operate by line 6']);
  assert.deepEqual([ofVera.account, ofVera.everybody], [true, true]);
  assert.equal((await accessOf(jo, { user: 'nobody-here' })).account, false);
  for (const owner of ['root', 'service']) {
    const { unlimited, rights } = await accessOf(jo, { user: owner });
    assert.deepEqual([unlimited, rights], [true, []]);
  }
  await assert.rejects(actingAs(VERA).access({ user: 'jo' }), { code: 'HF_FORBIDDEN' });
  assert.equal((await accessOf(actingAs(VERA), { user: 'vera' })).account, undefined, 'her own name is no other');
  const admin = actingAs(VERA, '[[access.rule]]\nwho = ["vera"]\nmay = ["admin"]');
  assert.equal((await accessOf(admin, { user: 'jo' })).user, 'jo');
});

test('who may what on a console: all rules about it, for those who may know', async () => {
  const told = await accessOf(actingAs(person('jo', { uid: 1001 })), { console: 'rf-01' });
  assert.equal(told.everybody, true);
  assert.deepEqual(
    told.rules.map(({ kind, line }) => [kind, line]),
    [
      ['rule', 3],
      ['rule', 13],
      ['limit', 16],
    ],
  );
  assert.deepEqual(rows(told), ['rf-01: read by line 3; write by line 13']);
  const own = await accessOf(actingAs(VERA), { console: 'rf-01' });
  assert.deepEqual([own.everybody, rows(own)], [false, ['rf-01: read by line 3']]);
  await assert.rejects(actingAs(VERA).access({ console: 'nowhere' }), { code: 'HF_NO_CONSOLE' });
});

test('without [access] it says so', async () => {
  const { governed: isGoverned, unlimited } = await accessOf(actingAs(VERA, ''));
  assert.deepEqual([isGoverned, unlimited], [false, true]);
  assert.equal((await accessOf(actingAs(VERA, ''), { user: 'jo' })).account, true);
});

test('what is told is what is decided', () => {
  const who = fc.constantFrom('vera', 'jo', '@ops', 'everyone', 'channel:api');
  const table = (kind: string) =>
    fc
      .record({
        who: fc.array(who, { minLength: 1, maxLength: 2 }),
        on: fc.constantFrom(['*'], ['vac-*'], ['@vacuum'], ['rf-01']),
        may: fc.array(fc.constantFrom(...RIGHT_NAMES), { minLength: 1, maxLength: 3 }),
      })
      .map(
        (row) =>
          `[[access.${kind}]]\n${Object.entries(row)
            .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
            .join('')}`,
      );
  const subject = fc.constantFrom({ name: 'vac-01', groups: ['vacuum'] }, { name: 'rf-01', groups: [] }, undefined);
  fc.assert(
    fc.property(
      fc.array(table('rule'), { maxLength: 4 }),
      fc.array(table('limit'), { maxLength: 2 }),
      subject,
      (rules, limits, on) => {
        const text = `[access]\n${[...rules, ...limits].join('')}[console.vac-01]\nrun = ["x"]\ngroups = ["vacuum"]\n`;
        const config = accepted(text).access as AccessConfig;
        const asker = { principal: VERA, inGroup: (group: string) => group === 'ops' };
        const { grants } = grantsOf(config, asker, on, 0);
        const told = new Set<Right>(grants.flatMap(({ may }) => [...withIncluded(leastOf(may))]));
        for (const right of RIGHT_NAMES) {
          assert.equal(told.has(right), decide(config, asker, right, on, 0).allowed, right);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('rules are told as they are written', () => {
  const hours = ['mon-fri 07:00-19:00', 'sat-sun', '22:00-06:00', 'fri-mon,wed 00:30-24:00'];
  const text = hours.map((each) => `[[access.rule]]\nwho = ["vera"]\nmay = ["see"]\nhours = "${each}"\n`).join('');
  const { rules } = accepted(text).access as AccessConfig;
  assert.deepEqual(
    rules.map((rule) => rule.hours && hoursText(rule.hours)),
    hours,
  );
  const who = ['vera', '@ops', 'channel:web', 'from:10.1.0.0/24', 'everyone'];
  const one = accepted(`[[access.rule]]\nwho = ${JSON.stringify(who)}\nmay = ["see"]`).access as AccessConfig;
  assert.deepEqual(one.rules[0]?.who.map(whoText), who);
});

test('what one may not do to a console, in the words of the refusal', async () => {
  const host = actingAs(VERA);
  const { refused } = await accessOf(host, { console: 'rf-01' });
  assert.ok(refused);
  assert.deepEqual(
    refused.map(({ verb }) => verb),
    ['start', 'stop', 'restart', 'signal', 'hold', 'release', 'take', 'force', 'type', 'break', 'note', 'flow'].concat([
      'switchLog',
      'runTask',
      'mode',
      'evict',
    ]),
  );
  const detail = refused.find(({ verb }) => verb === 'restart')?.detail;
  await assert.rejects(host.restart('rf-01'), { code: 'HF_FORBIDDEN', message: detail });
  assert.match(detail ?? '', /it takes the right `restart`.*; ask controls, 4711$/);
  // A reason is missing there, which can be given.
  const ofVac = await accessOf(host, { console: 'vac-01' });
  assert.ok(!ofVac.refused?.some(({ verb }) => verb === 'restart'));
  assert.equal((await accessOf(host)).refused, undefined, 'of all consoles it would be long');
});

test('a way in with less than all rights leaves that also where there are no rules', async () => {
  const bound = { ...VERA, bound: ['restart'], boundOn: ['vac-*'] } as const;
  const info = await accessOf(actingAs(bound, ''), { console: 'vac-01' });
  assert.deepEqual([info.governed, info.unlimited, info.bound, info.boundOn], [false, true, ['restart'], ['vac-*']]);
  assert.deepEqual(info.refused?.map(({ verb }) => verb).includes('restart'), false);
  assert.equal(
    info.refused?.find(({ verb }) => verb === 'stop')?.detail,
    'vera may not stop vac-01: this way in leaves only restart, on vac-*',
  );
});
