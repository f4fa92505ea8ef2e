/** The identities commands run as, by name or number: looked up aside, before there is anything to run. */
import { type Aside, aside } from '../aside.ts';

export interface Identity {
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
}

export interface RunAsNames {
  readonly user?: string;
  readonly group?: string;
}

const NUMBER = /^\d+$/;

/** Only root can switch users; otherwise, and for unknown names, no ids are set. */
export async function identityOf({ user, group }: RunAsNames, asked: Aside = aside): Promise<Identity> {
  if (process.geteuid?.() !== 0) {
    return {};
  }
  const account =
    user === undefined
      ? undefined
      : NUMBER.test(user)
        ? await asked.userById(Number(user))
        : await asked.userByName(user);
  const uid = account?.uid ?? (user !== undefined && NUMBER.test(user) ? Number(user) : undefined);
  const named = group === undefined ? undefined : NUMBER.test(group) ? Number(group) : await asked.groupByName(group);
  const gid = named ?? account?.gid;
  return {
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(account !== undefined && gid !== undefined && { groups: await asked.groupsOf(account.name, gid) }),
  };
}

/** Identities for commands that are started at once. */
export class Identities {
  readonly #known = new Map<string, Identity>();

  /** Looks all of them up; those without an answer in time keep their previous value. */
  async learn(names: Iterable<RunAsNames | undefined>): Promise<void> {
    const wanted = new Map([...names].flatMap((each) => (each === undefined ? [] : [[JSON.stringify(each), each]])));
    const found = [...wanted].map(async ([key, each]) => this.#known.set(key, await identityOf(each)));
    await Promise.allSettled(found);
  }

  /** Throws if the user directory has not answered: nothing may run as the wrong user. */
  of(names: RunAsNames | undefined): Identity {
    const known = names === undefined ? {} : this.#known.get(JSON.stringify(names));
    if (known === undefined) {
      throw new Error(`the user directory has not answered who ${names?.user ?? names?.group} is`);
    }
    return known;
  }
}
