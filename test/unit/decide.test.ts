import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../src/access/decide.ts';
import { isInNetwork } from '../../src/access/network.ts';
import type { AccessConfig } from '../../src/model/access-config.ts';
import type { Principal } from '../../src/model/principal.ts';
import { RIGHT_NAMES, RIGHTS, type Right, withIncluded } from '../../src/model/rights.ts';
import { accepted, read } from '../harness/read-config.ts';

const VAC = { name: 'vac-01', groups: ['vacuum'] };
const RF = { name: 'rf-01', groups: [] };

function accessOf(text: string): AccessConfig {
  const consoles = ['vac-01', 'rf-01'].map((name) => `[console.${name}]\nrun = ["/bin/true"]\n`);
  return accepted(`${text}\n${consoles.join('')}`).access as AccessConfig;
}

function asker(user: string, more: Partial<Principal> = {}, groups: readonly string[] = []) {
  const principal: Principal = { user, channel: 'api', from: 'localhost', assurance: 'kernel', ...more };
  return { principal, inGroup: (group: string) => groups.includes(group) };
}

const AT = new Date(2026, 10, 30, 12, 0).getTime();

function may(
  access: AccessConfig,
  who: ReturnType<typeof asker>,
  right: Right,
  on: typeof VAC | 'server' = VAC,
  at = AT,
) {
  return decide(access, who, right, on === 'server' ? undefined : on, at).allowed;
}

test('rules add up, whoever and whatever they name', () => {
  const access = accessOf(`
[[access.rule]]
who = ["everyone"]
may = ["see"]
[[access.rule]]
who = ["vera", "@vac-operators"]
on = ["@vacuum"]
may = ["operate"]
[[access.rule]]
who = ["channel:procserv"]
on = ["rf-*"]
may = ["write"]
[[access.rule]]
who = ["from:10.1.0.0/24"]
may = ["configure"]`);
  const vera = asker('vera');
  assert.ok(may(access, vera, 'restart'));
  assert.ok(!may(access, vera, 'restart', RF));
  assert.ok(may(access, vera, 'see', RF));
  assert.ok(!may(access, vera, 'write'));
  assert.ok(may(access, asker('jo', {}, ['vac-operators']), 'stop'));
  assert.ok(!may(access, asker('jo'), 'stop'));
  const anonymous = asker('unknown', { channel: 'procserv', assurance: 'none' });
  assert.ok(may(access, anonymous, 'write', RF));
  assert.ok(!may(access, anonymous, 'write'));
  assert.ok(may(access, asker('jo', { from: '10.1.0.7' }), 'configure', 'server'));
  assert.ok(!may(access, asker('jo', { from: '10.1.1.7' }), 'configure', 'server'));
});

test('a rule for some consoles is none for the server', () => {
  const access = accessOf('[[access.rule]]\nwho = ["vera"]\non = ["vac-*"]\nmay = ["admin", "configure"]');
  assert.ok(may(access, asker('vera'), 'admin'));
  assert.ok(!may(access, asker('vera'), 'admin', 'server'));
});

test('a name is somebody only if more than his own word says so', () => {
  const access = accessOf('[[access.rule]]\nwho = ["vera", "@ops"]\nmay = ["write"]');
  for (const assurance of ['kernel', 'password', 'certificate', 'token', 'vouched'] as const) {
    assert.ok(may(access, asker('vera', { assurance }), 'write'), assurance);
  }
  for (const assurance of ['claimed', 'none'] as const) {
    assert.ok(!may(access, asker('vera', { assurance }, ['ops']), 'write'), assurance);
  }
});

test('a limit takes away what it does not name, from those it is about', () => {
  const access = accessOf(`
[[access.rule]]
who = ["vera"]
may = ["force", "operate"]
[[access.limit]]
who = ["channel:network"]
on = ["vac-*"]
may = ["read", "restart"]`);
  const far = asker('vera', { channel: 'network' });
  assert.ok(may(access, far, 'restart'));
  assert.ok(may(access, far, 'read'));
  assert.ok(!may(access, far, 'write'));
  assert.ok(may(access, far, 'write', RF));
  assert.ok(may(access, asker('vera'), 'write'));
  const page = asker('vera', { channel: 'web' });
  assert.ok(may(access, page, 'read'));
  assert.ok(!may(access, page, 'write'), 'who comes by the page comes over the network');
  assert.ok(!may(accessOf('[[access.rule]]\nwho = ["channel:web"]\nmay = ["read"]'), far, 'read'));
});

test('hours of the day and days of the week, over midnight too', () => {
  const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
  const within = (hours: string, time: number) =>
    may(
      accessOf(`[[access.rule]]\nwho = ["everyone"]\nmay = ["see"]\nhours = "${hours}"`),
      asker('vera'),
      'see',
      VAC,
      time,
    );
  // 30 November 2026 is a Monday.
  assert.ok(within('mon-fri 07:00-19:00', at(30, 7)));
  assert.ok(!within('mon-fri 07:00-19:00', at(30, 19)));
  assert.ok(!within('mon-fri 07:00-19:00', at(29, 12)));
  assert.ok(within('sat,sun', at(29, 12)));
  assert.ok(within('sat-mon', at(30, 23, 59)));
  assert.ok(within('22:00-06:00', at(30, 23)));
  assert.ok(within('sun 22:00-06:00', at(30, 5, 59)));
  assert.ok(!within('sun 22:00-06:00', at(30, 6)));
  assert.ok(!within('mon 22:00-06:00', at(30, 5)));
  assert.ok(within('18:00-24:00', at(30, 23, 59)));
});

test('a rule that takes no reason is preferred to one that does', () => {
  const access = accessOf(`
[[access.rule]]
who = ["everyone"]
may = ["restart"]
reason = "required"
[[access.rule]]
who = ["vera"]
may = ["restart"]`);
  const verdict = (user: string) => decide(access, asker(user), 'restart', VAC, AT);
  assert.deepEqual(
    ['vera', 'jo'].map((user) => {
      const each = verdict(user);
      return each.allowed && each.rule.reason;
    }),
    [undefined, 'required'],
  );
});

test('rights include what they come with, and nothing else grants them', () => {
  for (const right of RIGHT_NAMES) {
    for (const included of RIGHTS[right].includes) {
      assert.ok(withIncluded([right]).has(included), `${right} without ${included}`);
    }
  }
  assert.ok(!withIncluded(['start', 'stop', 'restart', 'hold', 'release', 'signal']).has('operate'));
  assert.ok(withIncluded(['force']).has('see'));
});

test('more rules never take away, more limits never give', () => {
  const who = fc.constantFrom('vera', '@ops', 'everyone', 'channel:api', 'from:127.0.0.0/8');
  const row = fc.record({
    who: fc.array(who, { minLength: 1, maxLength: 2 }),
    on: fc.array(fc.constantFrom('*', 'vac-*', '@vacuum', 'rf-01'), { minLength: 1, maxLength: 2 }),
    may: fc.array(fc.constantFrom(...RIGHT_NAMES), { minLength: 1, maxLength: 3 }),
  });
  const text = (kind: string, rows: readonly object[]) =>
    rows
      .map(
        (each) =>
          `[[access.${kind}]]\n${Object.entries(each)
            .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
            .join('')}`,
      )
      .join('');
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 3 }),
      row,
      fc.array(row, { maxLength: 2 }),
      row,
      fc.constantFrom(...RIGHT_NAMES),
      fc.constantFrom(VAC, RF, 'server' as const),
      (rules, more, limits, limit, right, on) => {
        const answer = (r: readonly object[], l: readonly object[]) =>
          may(accessOf(`[access]\n${text('rule', r)}${text('limit', l)}`), asker('vera', {}, ['ops']), right, on);
        const before = answer(rules, limits);
        assert.ok(!before || answer([...rules, more], limits));
        assert.ok(!answer(rules, [...limits, limit]) || before);
        assert.equal(answer([...rules].reverse(), limits), before);
      },
    ),
    { numRuns: 60 },
  );
});

test('networks of both families', () => {
  for (const [network, address, is] of [
    ['10.1.0.0/24', '10.1.0.255', true],
    ['10.1.0.0/24', '::ffff:10.1.0.9', true],
    ['10.1.0.0/24', '10.1.1.0', false],
    ['10.1.0.3', '10.1.0.3', true],
    ['127.0.0.0/8', 'localhost', true],
    ['2001:db8::/32', '2001:db8:1::5', true],
    ['2001:db8::/32', '2001:db9::5', false],
    ['10.1.0.0/24', 'ws12.example.org', false],
    ['nonsense', '10.1.0.3', false],
  ] as const) {
    assert.equal(isInNetwork(network, address), is, `${address} in ${network}`);
  }
});

test('a name that is no console is a warning, since consoles come and go', () => {
  const text =
    '[[access.rule]]\nwho = ["vera"]\non = ["vac-1", "@vacum"]\nmay = ["see"]\n[console.vac-01]\nrun = ["x"]\ngroups = ["vacuum"]\n';
  assert.deepEqual(
    (read(text).warnings ?? []).map(({ line, message }) => `${line}: ${message}`),
    [
      "3: no console is named 'vac-1'; did you mean 'vac-01'?",
      "3: no console has the group 'vacum'; did you mean 'vacuum'?",
    ],
  );
});
