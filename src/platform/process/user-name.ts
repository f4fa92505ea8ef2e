/** Looks up the names of user ids without waiting for long. */
import { type Aside, aside } from '../aside.ts';

/** A user directory that does not answer holds up one caller for this long, and nobody else. */
const TIMEOUT_MS = 1000;
/** An older name is used too, and asked for again. */
const VALID_FOR_MS = 60_000;
const MAX_KNOWN = 1000;

const names = new Map<number, { readonly name: string | undefined; readonly until: number }>();

/** Login name; undefined where there is none, or none in time. */
export async function userName(uid: number, users: Pick<Aside, 'userById'> = aside): Promise<string | undefined> {
  const known = names.get(uid);
  if (known !== undefined && performance.now() < known.until) {
    return known.name;
  }
  const asked = users.userById(uid).then(
    (user) => {
      remember(uid, user?.name);
      return user?.name;
    },
    () => known?.name,
  );
  if (known !== undefined) {
    return known.name;
  }
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    // The next caller does not wait, and has the name as soon as it is there.
    remember(uid, undefined);
    resolve(undefined);
  }, TIMEOUT_MS);
  const name = await Promise.race([asked, late]);
  clearTimeout(timer);
  return name;
}

/** Login name, or `uid 1234`. */
export async function nameOrNumber(uid: number): Promise<string> {
  return (await userName(uid)) ?? `uid ${uid}`;
}

function remember(uid: number, name: string | undefined): void {
  names.delete(uid);
  names.set(uid, { name, until: performance.now() + VALID_FOR_MS });
  if (names.size > MAX_KNOWN) {
    names.delete(names.keys().next().value as number);
  }
}
