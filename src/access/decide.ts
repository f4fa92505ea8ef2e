/**
 * The one table of rights: rules and limits of `[access]` in, a verdict out. Rules add up; a limit takes away whatever it
 * does not name.
 */
import { matchesGlob } from '../grammar/text/glob.ts';
import type { AccessConfig, AccessRule, Hours, Who } from '../model/access-config.ts';
import { isKnown, type Principal } from '../model/principal.ts';
import { type Right, withIncluded } from '../model/rights.ts';
import { isInNetwork } from './network.ts';

/** The requester. */
export interface Asker {
  readonly principal: Principal;
  /** Whether the system, or what vouches for the principal, has this user in that group. */
  readonly inGroup: (group: string) => boolean;
}

/** A console; an ISIS server is `isis.NAME`. Absent: the host as a whole. */
export type Subject = { readonly name: string; readonly groups: readonly string[] } | undefined;

export type Verdict =
  /** `rule`: one that grants it; of several, one that takes no reason. */
  | { readonly allowed: true; readonly rule: AccessRule }
  /** `limit`: a rule would grant it, but this limit does not. `others`: rules that grant it to others. */
  | { readonly allowed: false; readonly limit?: AccessRule; readonly others: readonly AccessRule[] };

const REASON_RANK = { required: 2, asked: 1, none: 0 } as const;

/** `at`: milliseconds since 1970. */
export function decide(
  { rules, limits }: AccessConfig,
  asker: Asker,
  right: Right,
  subject: Subject,
  at: number,
): Verdict {
  const granting = rules.filter((rule) => rule.may.has(right) && isOn(rule, subject));
  const [rule] = granting
    .filter((each) => isAbout(each, asker) && isNow(each, at))
    .sort((a, b) => REASON_RANK[a.reason ?? 'none'] - REASON_RANK[b.reason ?? 'none']);
  if (rule === undefined) {
    return { allowed: false, others: granting };
  }
  const limit = limits.find(
    (each) => isAbout(each, asker) && isOn(each, subject) && isNow(each, at) && !each.may.has(right),
  );
  return limit ? { allowed: false, limit, others: [] } : { allowed: true, rule };
}

/** The rights that rules grant, less those that limits take away. */
export interface Grants {
  /** In the order of the files. `may`: what is left of a rule by all limits. */
  readonly grants: readonly { readonly rule: AccessRule; readonly may: ReadonlySet<Right> }[];
  /** Those that apply. */
  readonly limits: readonly AccessRule[];
}

/** All that `decide` allows, by which rules. `at`: milliseconds since 1970. */
export function grantsOf(config: AccessConfig, asker: Asker, subject: Subject, at: number): Grants {
  const applies = (rule: AccessRule) => isAbout(rule, asker) && isOn(rule, subject) && isNow(rule, at);
  const limits = config.limits.filter(applies);
  const grants = config.rules.filter(applies).map((rule) => ({
    rule,
    may: new Set([...rule.may].filter((right) => limits.every(({ may }) => may.has(right)))),
  }));
  return { grants: grants.filter(({ may }) => may.size > 0), limits };
}

/** Rules and limits about this console, whoever they are about and whenever they hold. */
export function concerning({ rules, limits }: AccessConfig, subject: Subject): AccessConfig {
  const isAboutIt = (rule: AccessRule) => isOn(rule, subject);
  return { rules: rules.filter(isAboutIt), limits: limits.filter(isAboutIt) };
}

/** Whether what the principal came by, such as a token or an endpoint, leaves it this right. */
export function isWithinBounds({ bound }: Principal, right: Right): boolean {
  return bound === undefined || withIncluded(bound).has(right);
}

/** Whether what the principal came by is for this console, or where it names all of them for the host. */
export function isWithinReach({ boundOn }: Principal, subject: Subject): boolean {
  return boundOn === undefined || isNamed(boundOn, subject);
}

/** Whether it names this principal, whenever it holds. */
export function isAbout({ who }: AccessRule, asker: Asker): boolean {
  return who.some((each) => isWho(each, asker));
}

function isWho(who: Who, { principal, inGroup }: Asker): boolean {
  const { channel, from, user } = principal;
  switch (who.kind) {
    case 'everyone':
      return true;
    case 'user':
      return isKnown(principal) && user === who.name;
    case 'group':
      return isKnown(principal) && inGroup(who.name);
    case 'channel':
      // The page comes over the network.
      return channel === who.name || (channel === 'web' && who.name === 'network');
    case 'from':
      return isInNetwork(who.network, from);
  }
}

function isOn({ on }: AccessRule, subject: Subject): boolean {
  return isNamed(on, subject);
}

/** By any of these: names, patterns, `@group` of consoles; the host itself only by `*`. */
export function isNamed(on: readonly string[], subject: Subject): boolean {
  return on.some((pattern) => {
    if (subject === undefined) {
      return pattern === '*';
    }
    return pattern.startsWith('@') ? subject.groups.includes(pattern.slice(1)) : matchesGlob(pattern, subject.name);
  });
}

/** Whether it holds at that time, milliseconds since 1970. */
export function isNow({ hours }: AccessRule, at: number): boolean {
  return hours === undefined || isWithin(hours, new Date(at));
}

const MINUTES_PER_HOUR = 60;
const DAYS_PER_WEEK = 7;

/** The part after midnight belongs to the day before. */
function isWithin({ days, from, to }: Hours, time: Date): boolean {
  const minute = time.getHours() * MINUTES_PER_HOUR + time.getMinutes();
  const today = time.getDay();
  if (from < to) {
    return days.includes(today) && minute >= from && minute < to;
  }
  const yesterday = (today + DAYS_PER_WEEK - 1) % DAYS_PER_WEEK;
  return minute >= from ? days.includes(today) : minute < to && days.includes(yesterday);
}
