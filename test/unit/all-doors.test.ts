/**
 * Every verb through every door, for many sets of rules, compared with `decide`. A verb without a row at a door, a channel without a door,
 * and a service that nobody has said anything about, are mistakes that this file does not pass.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide, isWithinBounds, isWithinReach } from '../../src/access/decide.ts';
import type { AccessConfig } from '../../src/model/access-config.ts';
import type { Principal } from '../../src/model/principal.ts';
import { RIGHT_NAMES, type Right, VERBS, type Verb, type VerbRow } from '../../src/model/rights.ts';
import { accessOf } from '../fakes/ruled-host.ts';
import { CONSERVER } from '../harness/doors/conserver.ts';
import { CONTROL, NETWORK, PAGE } from '../harness/doors/control.ts';
import { type Door, type Offer, REFUSED } from '../harness/doors/door.ts';
import { PROCSERV } from '../harness/doors/procserv.ts';
import { SIGNALS } from '../harness/doors/signals.ts';

/** By the channel of those who come in: its door, or why there is none. */
const DOORS: { readonly [C in Principal['channel']]: Door | string } = {
  api: CONTROL,
  procserv: PROCSERV,
  conserver: CONSERVER,
  signal: SIGNALS,
  self: 'the server acts for itself',
  network: NETWORK,
  web: PAGE,
  ca: 'is not built yet',
  fleet: 'is not built yet',
};

/** Services that let nobody in. */
const NO_DOORS = [
  ...['AccessControl', 'AuditLog', 'HistoryLimit', 'IsisHostService', 'JournalService', 'Orphans', 'PastResources'],
  ...['SharedOutput', 'StatusService', 'UnreadFolders'],
];

const EVERYBODY = 'who = ["vera", "channel:procserv"]';
const rule = (may: readonly Right[], on = '*', who = EVERYBODY) =>
  `[[access.rule]]\n${who}\non = ["${on}"]\nmay = [${may.map((each) => `"${each}"`).join(', ')}]\n`;

const RULES: Readonly<Record<string, string>> = {
  'no [access]': '',
  'an [access] without rules': '[access]\ncontact = "the desk"\n',
  'rules for others': rule(RIGHT_NAMES, '*', 'who = ["jo"]'),
  'rules for other consoles': rule(RIGHT_NAMES, 'rf-*'),
  'rules for these consoles': rule(RIGHT_NAMES, 'vac-*'),
  ...Object.fromEntries(RIGHT_NAMES.map((right) => [`the right ${right}`, rule([right])])),
  'everything, but at most reading': `${rule(RIGHT_NAMES)}[[access.limit]]\nwho = ["everyone"]\nmay = ["read"]\n`,
  'force and operate': rule(['force', 'operate']),
};

/** As the table says it. */
function mayDo(config: AccessConfig | undefined, principal: Principal, verb: Verb, on: string | undefined): boolean {
  const { right, or }: VerbRow = VERBS[verb];
  const subject = on === undefined ? undefined : { name: on, groups: [] };
  const mayUse = (each: Right) =>
    isWithinBounds(principal, each) &&
    isWithinReach(principal, subject) &&
    (config === undefined || decide(config, { principal, inGroup: () => false }, each, subject, 0).allowed);
  return right === undefined || mayUse(right) || (or !== undefined && mayUse(or));
}

const isDoor = (each: Door | string): each is Door => typeof each !== 'string';

for (const [channel, door] of Object.entries(DOORS)) {
  if (!isDoor(door)) {
    continue;
  }
  for (const [name, rules] of Object.entries(RULES)) {
    test(`${channel}: ${name}`, async (t) => {
      const { by, offers, untried = () => [] } = await door.open(t, rules);
      const config = accessOf(rules);
      assert.deepEqual(Object.keys(offers).sort(), Object.keys(VERBS).sort(), 'every verb has its row');
      for (const [verb, offer] of Object.entries(offers) as [Verb, Offer | string][]) {
        if (typeof offer === 'string') {
          continue;
        }
        const needed = [...(offer.needs ?? []), verb];
        const missing: Verb[] = door.outside ? [] : needed.filter((each) => !mayDo(config, by, each, offer.on));
        REFUSED.length = 0;
        assert.equal(
          await offer.attempt(),
          missing.length === 0,
          `${verb}, ${missing.length === 0 ? '' : 'not '}allowed`,
        );
        const [first] = missing;
        if (first === undefined) {
          assert.deepEqual(REFUSED, [], verb);
        } else if (!offer.leavesOut && first === verb) {
          assert.ok(
            REFUSED.includes(offer.recordedAs ?? verb),
            `the refusal of ${verb} is recorded, but only ${REFUSED}`,
          );
        }
      }
      assert.deepEqual(untried(), [], 'everything that the door answers to is tried');
    });
  }
}

test('every service is a door, or lets nobody in', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const found = sources.flatMap((path) => {
    const text = readFileSync(join('src', path), 'utf8');
    return [...text.matchAll(/class (\w+) implements [^{]*\bHostService\b/g)].map(([, name]) => name);
  });
  const doors = Object.values(DOORS).flatMap((each) => (isDoor(each) ? each.services : []));
  assert.deepEqual(found.sort(), [...doors, ...NO_DOORS].sort());
});

test('each verb is offered somewhere', async (t) => {
  const offered = new Set<string>();
  for (const door of Object.values(DOORS).filter(isDoor)) {
    const { offers } = await door.open(t, '');
    for (const [verb, offer] of Object.entries(offers)) {
      if (typeof offer !== 'string') {
        offered.add(verb);
      }
    }
  }
  assert.deepEqual(
    Object.keys(VERBS).filter((verb) => !offered.has(verb)),
    [],
  );
});
