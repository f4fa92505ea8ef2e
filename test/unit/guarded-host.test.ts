import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccessControl } from '../../src/host/access-control.ts';
import type { AuditPort } from '../../src/host/audit-port.ts';
import { GuardedHost } from '../../src/host/guarded-host.ts';
import { searchJob } from '../../src/logs/search-host.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import type { FeedNews } from '../../src/model/feed.ts';
import type { IsisPort } from '../../src/model/isis-port.ts';
import type { Principal } from '../../src/model/principal.ts';
import { RIGHT_NAMES, VERBS, type Verb, type VerbRow, withIncluded } from '../../src/model/rights.ts';
import type { TokensPort } from '../../src/model/token-port.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { accepted } from '../harness/read-config.ts';

const VERA: Principal = { user: 'vera', channel: 'api', from: 'localhost', assurance: 'kernel', uid: 1234 };
const OWN_UID = 500;

const ISIS: IsisPort = {
  list: async () => [{ name: 'mods' } as never],
  hosts: async () => [],
  ports: async () => ({}) as never,
  send: async () => ({}) as never,
  ping: async () => ({}) as never,
  watch: async function* () {},
};

const TOKENS: TokensPort = {
  create: async () => ({}) as never,
  list: async () => [{ id: '0a', user: 'vera' } as never, { id: '0b', user: 'jo' } as never],
  revoke: async () => ({}) as never,
};

interface Site {
  readonly acting: GuardedHost;
  readonly host: FakeHost;
  readonly access: AccessControl;
  /** The reports to the audit. */
  readonly told: string[];
}

function site(text: string, by = VERA): Site {
  const host = new FakeHost();
  host.add('vac-01', { groups: ['vacuum'] });
  host.add('rf-01');
  const told: string[] = [];
  const audit: AuditPort = {
    mayDo: async () => undefined,
    done: ({ verb, console }) => told.push(`done ${verb} ${console}`),
    failed: ({ verb, console }) => told.push(`failed ${verb} ${console}`),
    refused: ({ verb, console }) => told.push(`refused ${verb} ${console}`),
  };
  const access = new AccessControl({
    first: accessOf(text),
    changed: () => told.push('changed'),
    groupsOf: (name) => host.consoles.get(name)?.detail().groups ?? [],
    memberships: { has: (user, group) => user === 'vera' && group === 'ops', learn: async () => undefined },
    ownUid: OWN_UID,
    users: { userByName: async () => undefined, groupByName: async () => undefined },
    clock: new FakeClock(),
  });
  return { acting: new GuardedHost({ host, isis: ISIS, tokens: TOKENS, access, audit }, by), host, access, told };
}

function accessOf(text: string) {
  return accepted(`${text}\n[console.vac-01]\nrun = ["/bin/true"]\ngroups = ["vacuum"]\n`).access;
}

/** One way to do each verb that the door offers. Those of sessions are asked for by the session. */
const ACTS: Readonly<Partial<Record<Verb, (host: GuardedHost) => unknown>>> = {
  version: (host) => host.version(),
  access: (host) => host.access(),
  openings: (host) => host.openings(),
  accessOfOthers: (host) => host.access({ user: 'jo' }),
  detail: (host) => host.detail('vac-01'),
  log: (host) => host.logFiles('vac-01'),
  start: (host) => host.start('vac-01'),
  stop: (host) => host.stop('vac-01'),
  restart: (host) => host.restart('vac-01'),
  signal: (host) => host.signal('vac-01', 15),
  hold: (host) => host.hold('vac-01', 'pump', undefined),
  release: (host) => host.release('vac-01'),
  configuration: (host) => host.configuration(),
  plan: (host) => host.plan(),
  audit: (host) => host.audit.verify(),
  apply: (host) => host.apply(),
  down: (host) => host.down(false),
  evict: (host) => host.evict('vac-01', [1], 'out'),
  reopenLogs: (host) => host.reopenLogs(),
  enter: (host) => host.mustEnter('vac-01'),
  listIsis: (host) => host.isis.hosts('mods'),
  watchIsis: (host) => host.isis.watch('mods', {}, new AbortController().signal),
  sendIsis: (host) => host.isis.send('mods', 'AL', 'x', 0),
  pingIsis: (host) => host.isis.ping('mods', 'AL', 0),
  createToken: (host) => host.tokens.create({ seconds: 60 }),
  revokeToken: (host) => host.tokens.revoke('0a'),
  createTokenForOther: (host) => host.tokens.create({ user: 'jo', seconds: 60 }),
  revokeTokenOfOther: (host) => host.tokens.revoke('0b'),
};

async function isRefused(act: () => unknown): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    return error instanceof HoldfastError && error.code === 'HF_FORBIDDEN';
  }
}

test('each verb takes the right of its row, and no other will do', async () => {
  for (const [verb, act] of Object.entries(ACTS) as [Verb, (host: GuardedHost) => unknown][]) {
    const { right, or }: VerbRow = VERBS[verb];
    for (const given of RIGHT_NAMES) {
      const { acting, host } = site(`[[access.rule]]\nwho = ["vera"]\nmay = ["${given}"]`);
      const may = right === undefined || given === or || withIncluded([given]).has(right);
      assert.equal(await isRefused(() => act(acting)), !may, `${verb} with ${given}`);
      assert.ok(may || host.calls.length === 0, `${verb} was done all the same`);
    }
  }
});

test('lists hold what may be seen', async () => {
  const { acting, host } = site('[[access.rule]]\nwho = ["vera"]\non = ["@vacuum"]\nmay = ["see"]');
  assert.deepEqual(
    (await acting.list()).map(({ name }) => name),
    ['vac-01'],
  );
  assert.deepEqual([...(await acting.resources()).keys()], []);
  host.emit({ type: 'note', console: 'rf-01', text: 'not for her' });
  host.emit({ type: 'note', console: 'vac-01', text: 'for her' });
  host.emit({ type: 'server', text: 'for all' });
  assert.deepEqual(
    (await acting.events({})).map(({ text }) => text),
    ['for her', 'for all'],
  );
  host.emit({ type: 'note', console: 'rf-01', text: 'not for her either' });
  assert.deepEqual(
    (await acting.events({ limit: 1 })).map(({ text }) => text),
    ['for all'],
    'the newest of those that she may see',
  );
  for await (const { text } of acting.followEvents({ limit: 1 })) {
    assert.equal(text, 'for all');
    break;
  }
  assert.deepEqual(await acting.isis.list(), []);
  assert.deepEqual(await acting.searchable(), []);
  const ended = new AbortController();
  for await (const news of acting.watch(undefined, ended.signal)) {
    assert.deepEqual(news.type === 'table' && news.consoles.map(({ name }) => name), ['vac-01']);
    ended.abort();
  }
});

test('of consoles that are named, those whose logs may not be read are left out of a search, which says so', async () => {
  const { acting, host, told } = site('[[access.rule]]\nwho = ["vera"]\non = ["vac-*"]\nmay = ["read"]');
  for (const [name, { logs }] of host.consoles) {
    logs.push(`/logs/${name}`);
  }
  const search = (...consoles: string[]) => searchJob(acting, { pattern: 'x', consoles });
  const { logs, unsearched } = await search('rf-01', 'vac-01', 'gone');
  assert.deepEqual(logs, [{ console: 'vac-01', path: '/logs/vac-01' }]);
  const reasons = unsearched.map((item) => (item.kind === 'unsearched' ? `${item.console}: ${item.reason}` : ''));
  assert.match(`${reasons}`, /^rf-01: vera may not read the log of rf-01: .*,gone: .*may not.*$/s);
  assert.deepEqual(told, ['refused log rf-01', 'refused log gone']);
  await assert.rejects(search('rf-01'), { code: 'HF_FORBIDDEN' });
});

async function nextOf(feed: AsyncGenerator<FeedNews>): Promise<FeedNews> {
  const { value } = await feed.next();
  return value as FeedNews;
}

test('who watches gets the table again when the rights have changed', async () => {
  const seeing = (name: string) => `[[access.rule]]\nwho = ["vera"]\non = ["${name}"]\nmay = ["see"]`;
  const { acting, access, host } = site(seeing('vac-01'));
  const feed = acting.watch();
  const first = await nextOf(feed);
  await access.apply({ access: accessOf(seeing('rf-01')) as never });
  host.emit({ type: 'note', console: 'vac-01', text: 'something happens' });
  const again = acting.watch(first);
  const second = await nextOf(again);
  assert.deepEqual(second.type === 'table' && second.consoles.map(({ name }) => name), ['rf-01']);
  await again.return(undefined);
  await feed.return(undefined);
});

test('who watched when there were no rules watches by them when there are some', async () => {
  const { acting, access, host } = site('');
  const feed = acting.watch();
  const first = await nextOf(feed);
  assert.deepEqual(first.type === 'table' && first.consoles.length, host.consoles.size);
  await access.apply({ access: accessOf(`[[access.rule]]\nwho = ["vera"]\non = ["rf-01"]\nmay = ["see"]`) as never });
  host.add('vac-02');
  assert.equal((await feed.next()).done, true, 'it is over');
  const again = acting.watch(first);
  const second = await nextOf(again);
  assert.deepEqual(second.type === 'table' && second.consoles.map(({ name }) => name), ['rf-01']);
  await again.return(undefined);
});

test('root, the user of the server, signals and the server itself are outside of the rules; what they came by is not', async () => {
  const owners: Principal[] = [
    { ...VERA, uid: 0 },
    { ...VERA, uid: OWN_UID },
    { ...VERA, channel: 'signal', assurance: 'none' },
    { ...VERA, channel: 'self' },
  ];
  for (const by of owners) {
    assert.equal(await isRefused(() => site('[access]\n', by).acting.stop('vac-01')), false);
    const bound = { ...by, bound: ['read' as const] };
    assert.equal(await isRefused(() => site('[access]\n', bound).acting.stop('vac-01')), true);
    assert.equal(await isRefused(() => site('', bound).acting.stop('vac-01')), true);
  }
  assert.equal(await isRefused(() => site('[access]\n').acting.stop('vac-01')), true);
  const claimed: Principal = { ...VERA, uid: 0, assurance: 'vouched' };
  assert.equal(await isRefused(() => site('[access]\n', claimed).acting.stop('vac-01')), true);
});

test('what only looks takes no reason, whatever the rule says', async () => {
  const { acting } = site('[[access.rule]]\nwho = ["vera"]\nmay = ["read"]\nreason = "required"');
  assert.equal((await acting.list()).length, 2);
  acting.mustEnter('vac-01');
});

test('a rule may take a reason, which goes with the deed', async () => {
  const { acting, host, told } = site('[[access.rule]]\nwho = ["@ops"]\nmay = ["operate"]\nreason = "required"');
  await assert.rejects(acting.restart('vac-01'), { code: 'HF_REASON_NEEDED' });
  await acting.restart('vac-01', 'HV card');
  await acting.hold('vac-01', 'pump swap', undefined);
  assert.deepEqual(
    host.calls.map(({ verb, by: { reason } }) => [verb, reason]),
    [
      ['restart', 'HV card'],
      ['hold', 'pump swap'],
    ],
  );
  assert.deepEqual(told, ['refused restart vac-01', 'done restart vac-01', 'done hold vac-01']);
});

test('a refusal says which right is missing, who has it, and whom to ask', async () => {
  const { acting, told } = site(`
[access]
contact = "controls on call, 4711"
[[access.rule]]
label = "rf operators"
who = ["@rf"]
may = ["operate"]`);
  await assert.rejects(acting.stop('rf-01'), ({ message }: Error) => {
    for (const part of ['vera', '`stop`', 'rf-01', 'rf operators', '/etc/h/a.toml:4', 'controls on call, 4711']) {
      assert.ok(message.includes(part), `${part} in ${message}`);
    }
    return true;
  });
  await assert.rejects(acting.stop('nowhere'), { code: 'HF_FORBIDDEN' });
  assert.deepEqual(told, ['refused stop rf-01', 'refused stop nowhere']);
});

test('only what differs is a change, not where it stands', async () => {
  const rule = '[[access.rule]]\nwho = ["vera"]\nmay = ["see"]';
  const { access, told } = site(rule);
  assert.deepEqual(await access.apply({ access: accessOf(`# moved\n\n${rule}`) as never }), []);
  const contact = accessOf(`[access]\ncontact = "me"\n${rule}`) as never;
  assert.deepEqual(access.plan({ access: contact }), [
    { action: 'change', console: '[access]', keys: ['contact'], effect: 'live' },
  ]);
  await access.apply({ access: contact });
  assert.deepEqual(await access.apply({}), [{ action: 'remove', console: '[access]' }]);
  assert.deepEqual(told, ['changed', 'changed']);
});

test('a way in for some consoles leaves these, whatever rules give, and nothing of the host', async () => {
  const by: Principal = {
    user: 'vera',
    channel: 'network',
    from: '10.0.0.7',
    assurance: 'token',
    boundOn: ['@vacuum'],
  };
  const all = `[[access.rule]]\nwho = ["vera"]\nmay = [${RIGHT_NAMES.map((each) => `"${each}"`).join(', ')}]\n`;
  for (const rules of ['', all]) {
    const { acting, access } = site(rules, by);
    assert.deepEqual(
      (await acting.list()).map(({ name }) => name),
      ['vac-01'],
    );
    assert.equal((await acting.restart('vac-01')).name, 'vac-01');
    await assert.rejects(acting.stop('rf-01'), {
      code: 'HF_FORBIDDEN',
      message: 'vera may not stop rf-01: this way in leaves only what is on @vacuum',
    });
    await assert.rejects(acting.plan(), { code: 'HF_FORBIDDEN' });
    assert.match(access.refusal({ ...by, bound: ['read'] }, 'down')?.message ?? '', /only read, on @vacuum$/);
    assert.equal(access.refusal({ ...by, boundOn: ['*'] }, 'plan'), undefined, 'all of them: the host, too');
  }
});
