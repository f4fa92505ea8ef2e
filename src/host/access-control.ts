/**
 * Rights as this host decides them: by `[access]`, by what the principal came by, and whose host it is. A service, so that a reload
 * changes it like the others.
 */

import { type Asker, decide, isWithinBounds, isWithinReach, type Subject, type Verdict } from '../access/decide.ts';
import type { Memberships } from '../access/group-member.ts';
import type { AccessConfig, AccessRule, Who } from '../model/access-config.ts';
import type { AccessInfo, Opening } from '../model/api.ts';
import type { HostConfig, PlanStep } from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import type { HostService } from '../model/host-service.ts';
import { isSame } from '../model/is-same.ts';
import { isKnown, type Principal } from '../model/principal.ts';
import { type Right, VERBS, type Verb, type VerbRow } from '../model/rights.ts';
import { sectionPlan } from '../model/section-plan.ts';
import { type Aside, aside } from '../platform/aside.ts';
import type { Clock } from '../platform/time/clock.ts';
import { AccessGroups } from './access-groups.ts';
import { AccessHours } from './access-hours.ts';
import { type AccessSubject, accessInfo, everything } from './access-overview.ts';
import type { AccessWanted, HostRights } from './guarded-host.ts';
import { named, nobody, type Open, openings } from './openings.ts';
import { boundText, reasonText, refusalText } from './refusal-text.ts';

export interface AccessControlParts {
  /** Before the first `apply`, which comes after the endpoints are open. Undefined: everybody who comes in may do everything. */
  readonly first: AccessConfig | undefined;
  /** Called when it is another one: sessions may have lost their rights. */
  readonly changed: () => void;
  /** The groups of a console; none where there is no such console. */
  readonly groupsOf: (console: string) => readonly string[];
  readonly memberships: Pick<Memberships, 'has' | 'learn'>;
  /** Of the open sessions. Absent: there are none. */
  readonly people?: () => readonly Principal[];
  /** The user that this server runs as, who can edit its files anyway. */
  readonly ownUid: number;
  readonly clock: Clock;
  /** Where users are looked up [in the user directory, aside]. */
  readonly users?: Pick<Aside, 'userByName' | 'groupByName'>;
}

/** In plans and in the history; no console can have this name. */
const NAME = '[access]';

export class AccessControl implements HostRights, HostService {
  readonly name = 'access';
  readonly #parts: AccessControlParts;
  #config: AccessConfig | undefined;
  #open: Open;
  readonly #hours: AccessHours;
  readonly #groups: AccessGroups;
  generation = 0;

  constructor(parts: AccessControlParts) {
    this.#parts = parts;
    this.#config = parts.first;
    this.#open = parts.first ? { access: parts.first } : {};
    this.#hours = new AccessHours(parts.clock, () => this.#changed());
    this.#hours.follow(parts.first);
    this.#groups = new AccessGroups({
      ...{ clock: parts.clock, memberships: parts.memberships, changed: () => this.#changed() },
      users: () => this.#bound.map(({ user }) => user),
    });
    this.#groups.follow(parts.first);
  }

  get config(): AccessConfig | undefined {
    return this.#config;
  }

  plan({ access }: Pick<HostConfig, 'access'>): PlanStep[] {
    return sectionPlan(NAME, this.#config, access, changedKeys);
  }

  async apply(next: Open): Promise<PlanStep[]> {
    const steps = this.plan(next);
    this.#open = next;
    this.#config = next.access;
    if (steps.length > 0) {
      this.#hours.follow(next.access);
      this.#groups.follow(next.access);
      this.#changed();
    }
    return steps;
  }

  /** Rights hold until the last of those that ask for them has ended. */
  async close(): Promise<void> {
    this.#hours.close();
    this.#groups.close();
  }

  async learn(by: Principal): Promise<void> {
    if (this.#configFor(by) && isKnown(by)) {
      await this.#parts.memberships.learn(by.user);
    }
  }

  refusal(by: Principal, verb: Verb, console?: string): HoldfastError | undefined {
    const { right, or }: VerbRow = VERBS[verb];
    const refusal = right && this.#refusal(by, verb, right, console);
    return refusal && or && this.#refusal(by, verb, or, console) === undefined ? undefined : refusal;
  }

  #refusal(by: Principal, verb: Verb, right: Right, console: string | undefined): HoldfastError | undefined {
    const deed = { asker: this.#asker(by), verb, right, console };
    if (!isWithinBounds(by, right) || !isWithinReach(by, this.#subject(console))) {
      return new HoldfastError('HF_FORBIDDEN', boundText(deed));
    }
    const config = this.#configFor(by);
    const verdict = config && this.#decide(config, by, right, console);
    if (verdict === undefined) {
      return undefined;
    }
    if (!verdict.allowed) {
      return new HoldfastError('HF_FORBIDDEN', refusalText(deed, verdict, config?.contact));
    }
    return verdict.rule.reason === 'required' && VERBS[verb].changes && by.reason === undefined
      ? new HoldfastError('HF_REASON_NEEDED', reasonText(deed, verdict.rule))
      : undefined;
  }

  isUnlimited(by: Principal): boolean {
    return by.bound === undefined && by.boundOn === undefined && this.#configFor(by) === undefined;
  }

  /** The verdict of the rules that apply to this principal; undefined: none do. */
  verdict(by: Principal, right: Right, console?: string): Verdict | undefined {
    const config = this.#configFor(by);
    return config && this.#decide(config, by, right, console);
  }

  async overview(by: Principal, { user, subjects, everybody }: AccessWanted): Promise<AccessInfo> {
    const other = user === undefined ? undefined : await this.#account(user);
    const principal = other ?? by;
    const config = this.#config;
    const account = other === undefined ? {} : { account: other.uid !== undefined };
    await this.learn(principal);
    const refused = this.#refusedOf(principal, subjects);
    if (config === undefined) {
      return { ...everything(principal, { governed: false }), ...account, ...refused };
    }
    const { clock, groupsOf } = this.#parts;
    const isOwner = this.#configFor(principal) === undefined;
    const asker = this.#asker(principal);
    const at = clock.now();
    return { ...accessInfo({ config, asker, isOwner, subjects, groupsOf, everybody, at }), ...account, ...refused };
  }

  /** Only when one console was asked for. A missing reason is not a refusal: it can be given. */
  #refusedOf(by: Principal, [only, ...others]: readonly AccessSubject[]): Pick<AccessInfo, 'refused'> {
    if (only?.name === undefined || others.length > 0) {
      return {};
    }
    const { name, on } = only;
    const refused = (Object.keys(VERBS) as Verb[])
      .filter((verb) => VERBS[verb].on === on && VERBS[verb].changes)
      .flatMap((verb) => {
        const { code, message } = this.refusal(by, verb, name) ?? {};
        return code === 'HF_FORBIDDEN' && message !== undefined ? [{ verb, detail: message }] : [];
      });
    return { refused };
  }

  async openings(): Promise<readonly Opening[]> {
    const all = named(this.#open);
    const unknown = await Promise.all(all.map(({ who }) => this.#isUnknown(who)));
    const missing = Map.groupBy(
      all.filter((_, at) => unknown[at]),
      ({ rule }) => rule,
    );
    const nobodies = [...missing].map(([rule, each]) =>
      nobody(
        rule,
        each.map(({ who }) => who),
      ),
    );
    return [...openings(this.#open, this.#parts.clock.now()), ...nobodies];
  }

  /** False where the user directory does not answer. */
  async #isUnknown(who: Who): Promise<boolean> {
    const { users = aside } = this.#parts;
    const found =
      who.kind === 'user' ? users.userByName(who.name) : who.kind === 'group' ? users.groupByName(who.name) : true;
    return (await Promise.resolve(found).catch(() => true)) === undefined;
  }

  /** A user of this system as it comes in by the control socket. */
  async #account(user: string): Promise<Principal> {
    const { users = aside } = this.#parts;
    const found = await users.userByName(user).catch(() => undefined);
    const uid = found === undefined ? {} : { uid: found.uid };
    return { user, channel: 'api', from: 'localhost', assurance: 'kernel', ...uid };
  }

  #asker(principal: Principal): Asker {
    const { memberships } = this.#parts;
    const inGroup = (group: string) =>
      principal.groups?.includes(group) === true || memberships.has(principal.user, group);
    return { principal, inGroup };
  }

  /** People on consoles whom rules about groups may be about. */
  get #bound(): readonly Principal[] {
    const { people = () => [] } = this.#parts;
    return people().filter((by) => isKnown(by) && this.#configFor(by) !== undefined);
  }

  #changed(): void {
    this.generation++;
    this.#parts.changed();
  }

  #decide(config: AccessConfig, principal: Principal, right: Right, console: string | undefined): Verdict {
    return decide(config, this.#asker(principal), right, this.#subject(console), this.#parts.clock.now());
  }

  #subject(console: string | undefined): Subject {
    return console === undefined ? undefined : { name: console, groups: this.#parts.groupsOf(console) };
  }

  /** No rule is about those who can end or replace the server without it: root, its own user, the server itself, a signal. */
  #configFor({ assurance, channel, uid }: Principal): AccessConfig | undefined {
    const isOwner = assurance === 'kernel' && (uid === 0 || uid === this.#parts.ownUid);
    return isOwner || channel === 'self' || channel === 'signal' ? undefined : this.#config;
  }
}

const KEYS = { rules: 'rule', limits: 'limit', contact: 'contact' } as const satisfies Record<
  keyof AccessConfig,
  string
>;

/** Rules that only stand on other lines are the same. */
function changedKeys(before: AccessConfig, after: AccessConfig): string[] {
  const placeless = (rules: readonly AccessRule[]) => rules.map(({ place: _, ...rest }) => rest);
  const plain = ({ rules, limits, ...rest }: AccessConfig) => ({
    ...rest,
    rules: placeless(rules),
    limits: placeless(limits),
  });
  const [one, other] = [plain(before), plain(after)];
  return (Object.keys(KEYS) as (keyof AccessConfig)[])
    .filter((key) => !isSame(one[key], other[key]))
    .map((key) => KEYS[key]);
}
