/** Who may do what, by which rule: what `holdfast access` prints. Pure. */
import { type Asker, concerning, type Grants, grantsOf, isWithinReach, type Subject } from '../access/decide.ts';
import type { AccessConfig, AccessRule } from '../model/access-config.ts';
import { hoursText, whoText } from '../model/access-text.ts';
import type { AccessInfo, AccessRights, AccessRule as RuleInfo } from '../model/api.ts';
import type { Principal } from '../model/principal.ts';
import { leastOf, type Right, rightsOn, type VerbRow, withIncluded } from '../model/rights.ts';

/** The object of a right; `name` absent: the host as a whole. */
export interface AccessSubject {
  readonly on: VerbRow['on'];
  readonly name?: string;
}

export interface Overview {
  readonly config: AccessConfig;
  readonly asker: Asker;
  /** No rule is about the asker. */
  readonly isOwner: boolean;
  readonly subjects: readonly AccessSubject[];
  readonly groupsOf: (console: string) => readonly string[];
  /** With all rules about the only subject. */
  readonly everybody: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

type Bounded = Pick<Principal, 'user' | 'bound' | 'boundOn'>;

/** For a user that no rule is about. */
export function everything({ user, ...by }: Bounded, { governed }: Pick<AccessInfo, 'governed'>): AccessInfo {
  return { user, ...boundsOf(by), governed, unlimited: true, rights: [], rules: [], everybody: false };
}

export function accessInfo({ config, asker, isOwner, subjects, groupsOf, everybody, at }: Overview): AccessInfo {
  const { user, bound } = asker.principal;
  const subjectOf = ({ name }: AccessSubject): Subject =>
    name === undefined ? undefined : { name, groups: groupsOf(name) };
  const all = [...config.rules, ...config.limits];
  const found = isOwner
    ? []
    : foldedRights(
        subjects
          .filter((subject) => isWithinReach(asker.principal, subjectOf(subject)))
          .map((subject) => ({ subject, ...grantsOf(config, asker, subjectOf(subject), at) })),
        bound && withIncluded(bound),
      );
  const about = concerning(config, everybody && subjects[0] ? subjectOf(subjects[0]) : undefined);
  const shown = everybody
    ? all.filter((rule) => about.rules.includes(rule) || about.limits.includes(rule))
    : all.filter((rule) =>
        found.some(({ grants, limits }) => grants.some((each) => each.rule === rule) || limits.includes(rule)),
      );
  const number = (rule: AccessRule) => shown.indexOf(rule);
  return {
    ...{ user, governed: true, unlimited: isOwner, everybody },
    ...boundsOf(asker.principal),
    ...(config.contact === undefined ? {} : { contact: config.contact }),
    rights: found.map(
      ({ consoles, server, grants, limits }): AccessRights => ({
        ...{ consoles, server },
        grants: grants.map(({ rule, may }) => ({ rule: number(rule), may: leastOf(may) })),
        limits: limits.map(number),
      }),
    ),
    rules: shown.map((rule) => ruleInfo(rule, config.limits.includes(rule) ? 'limit' : 'rule')),
  };
}

function boundsOf({ bound, boundOn }: Omit<Bounded, 'user'>): Pick<AccessInfo, 'bound' | 'boundOn'> {
  return { ...(bound === undefined ? {} : { bound }), ...(boundOn === undefined ? {} : { boundOn }) };
}

interface Found extends Grants {
  readonly consoles: string[];
  readonly server: boolean;
}

/** Subjects with the same grants are merged. Rights that no verb on them takes are left out. */
function foldedRights(
  all: readonly (Grants & { readonly subject: AccessSubject })[],
  bound: ReadonlySet<Right> | undefined,
): readonly Found[] {
  const numbers = new Map<AccessRule, number>();
  const numberOf = (rule: AccessRule) => numbers.get(rule) ?? numbers.set(rule, numbers.size).size - 1;
  const rows = new Map<string, Found>();
  for (const { subject, grants, limits } of all) {
    const key = [subject.on, ...[...grants.map(({ rule }) => rule), ...limits].map(numberOf)].join();
    const known = rows.get(key);
    if (known) {
      known.consoles.push(subject.name ?? '');
      continue;
    }
    const taken = rightsOn(subject.on);
    const left = grants
      .map(({ rule, may }) => ({
        rule,
        may: new Set([...may].filter((right) => taken.has(right) && bound?.has(right) !== false)),
      }))
      .filter(({ may }) => may.size > 0);
    const { name } = subject;
    rows.set(key, { consoles: name === undefined ? [] : [name], server: name === undefined, grants: left, limits });
  }
  return [...rows.values()].filter(({ grants }) => grants.length > 0);
}

function ruleInfo({ place, who, on, may, label, reason, hours }: AccessRule, kind: RuleInfo['kind']): RuleInfo {
  const times = hours === undefined ? '' : hoursText(hours);
  return {
    ...{ file: place.file, line: place.line, kind, who: who.map(whoText), on, may: leastOf(may) },
    ...(label === undefined ? {} : { label }),
    ...(reason === undefined ? {} : { reason }),
    ...(times === '' ? {} : { hours: times }),
  };
}
