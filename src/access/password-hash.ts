/** Checks a password against a stored hash: crypt(3), and the modern formats in their usual notation. */
import { promisify } from 'node:util';
import { native } from '../platform/native.ts';

const ARGON2 = /^\$(argon2id|argon2i|argon2d)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]+)$/;
const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]+)$/;
/** Bytes of memory that one attempt may take. */
const MAX_MEMORY_BYTES = 256 << 20;

/** A hash that takes time to check: neither `*` nor one locked with `!`. */
const COMPUTABLE = /^(?:\$.|_[./\dA-Za-z]{19}$|[./\dA-Za-z]{13}$)/;
/** SHA-512 of crypt(3), as costly as machines make it by default; it fits no password. */
const DUMMY = `$6$0123456789abcdef$${'/'.repeat(86)}`;

/**
 * Whether the password gives this hash. The time taken does not reveal whether there is one: if `hash` is undefined
 * or trivial, another is computed instead, always the same one of `others` for the same user.
 */
export async function passwordFitsEvenly(
  user: string,
  password: string,
  hash: string | undefined,
  others: readonly string[],
  fits = passwordFits,
): Promise<boolean> {
  if (hash === undefined || !COMPUTABLE.test(hash)) {
    const computable = others.filter((each) => COMPUTABLE.test(each));
    await fits(password, oneFor(user, computable) ?? DUMMY);
  }
  return hash !== undefined && (await fits(password, hash));
}

/** Loaded with the first password: it takes 4 ms. */
function crypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}

/** Always the same one for the same user; undefined if there are none. */
export function oneFor<Choice>(user: string, choices: readonly Choice[]): Choice | undefined {
  return choices[crypto().createHash('sha256').update(user, 'latin1').digest().readUInt32LE() % choices.length];
}

/** Byte strings. A hash in an unknown format matches no password. */
export async function passwordFits(password: string, hash: string): Promise<boolean> {
  try {
    return (
      (await argon2Fits(password, hash)) ?? (await scryptFits(password, hash)) ?? (await cryptFits(password, hash))
    );
  } catch {
    return false;
  }
}

async function argon2Fits(password: string, hash: string): Promise<boolean | undefined> {
  const [, kind, memory, passes, parallelism, salt, wanted] = ARGON2.exec(hash) ?? [];
  if (kind === undefined || salt === undefined || wanted === undefined) {
    return undefined;
  }
  const expected = Buffer.from(wanted, 'base64');
  if (Number(memory) * 1024 > MAX_MEMORY_BYTES) {
    return false;
  }
  const made = await promisify(crypto().argon2)(kind as 'argon2id' | 'argon2i' | 'argon2d', {
    message: Buffer.from(password, 'latin1'),
    nonce: Buffer.from(salt, 'base64'),
    ...{ memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    tagLength: expected.length,
  });
  return crypto().timingSafeEqual(made, expected);
}

async function scryptFits(password: string, hash: string): Promise<boolean | undefined> {
  const [, log, r, p, salt, wanted] = SCRYPT.exec(hash) ?? [];
  if (salt === undefined || wanted === undefined) {
    return undefined;
  }
  const expected = Buffer.from(wanted, 'base64');
  const cost = { N: 2 ** Number(log), r: Number(r), p: Number(p), maxmem: MAX_MEMORY_BYTES };
  const made = await promisify<Buffer, Buffer, number, object, Buffer>(crypto().scrypt)(
    Buffer.from(password, 'latin1'),
    Buffer.from(salt, 'base64'),
    expected.length,
    cost,
  );
  return crypto().timingSafeEqual(made, expected);
}

async function cryptFits(password: string, hash: string): Promise<boolean> {
  const made = Buffer.from(await native.crypt(password, hash), 'latin1');
  const expected = Buffer.from(hash, 'latin1');
  // For an unknown setting crypt(3) returns a text that begins with `*` and may look like a locked entry.
  return made[0] !== 0x2a && made.length === expected.length && crypto().timingSafeEqual(made, expected);
}
