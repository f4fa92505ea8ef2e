/** Hears when somebody on a console has come to a group of the system, or left one, that rules are about. Nobody tells: it is looked up. */
import type { Memberships } from '../access/group-member.ts';
import type { AccessConfig } from '../model/access-config.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

/** A user who leaves a group loses its rights within this time. */
const MINUTE_MS = 60_000;

interface Parts {
  readonly clock: Clock;
  readonly memberships: Pick<Memberships, 'has' | 'learn'>;
  /** The users with open sessions. */
  readonly users: () => Iterable<string>;
  readonly changed: () => void;
}

export class AccessGroups {
  readonly #parts: Parts;
  #next: Timer | undefined;
  /** Of each user, in which of the groups it was. An answer that came too late for one look is news to the next. */
  #seen: ReadonlyMap<string, string> = new Map();
  /** Changes with the rules: a look-up that is under way is of earlier ones. */
  #groups: readonly string[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** These rules from now on; absent: none. */
  follow(config: AccessConfig | undefined): void {
    this.close();
    const all = config ? [...config.rules, ...config.limits] : [];
    const names = all.flatMap(({ who }) => who.flatMap((each) => (each.kind === 'group' ? [each.name] : [])));
    this.#groups = [...new Set(names)];
    this.#wait();
  }

  close(): void {
    this.#groups = [];
    this.#seen = new Map();
    this.#next?.cancel();
    this.#next = undefined;
  }

  #wait(): void {
    if (this.#groups.length > 0) {
      this.#next = this.#parts.clock.after(MINUTE_MS, () => void this.#look(this.#groups), { ref: false });
    }
  }

  /** One user after the other, so that a user directory that is slow has one question of ours at a time. */
  async #look(groups: readonly string[]): Promise<void> {
    const { changed, memberships, users } = this.#parts;
    const of = (user: string) => groups.map((group) => memberships.has(user, group)).join();
    const seen = new Map<string, string>();
    let isChanged = false;
    for (const user of new Set(users())) {
      const before = this.#seen.get(user) ?? of(user);
      await memberships.learn(user);
      seen.set(user, of(user));
      isChanged ||= seen.get(user) !== before;
    }
    if (groups !== this.#groups) {
      return;
    }
    this.#seen = seen;
    this.#wait();
    if (isChanged) {
      changed();
    }
  }
}
