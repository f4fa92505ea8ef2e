/** Passwords of the system's own users, as far as /etc/shadow has them. */

import { readFileSync } from 'node:fs';
import type { Clock } from '../platform/time/clock.ts';
import { passwordFitsEvenly } from './password-hash.ts';

const DAY = 86_400_000;

/** Only root can read the file; for others, and for locked or expired accounts, no password matches. */
export async function systemPasswordFits(
  user: string,
  password: string,
  clock: Clock,
  file = '/etc/shadow',
): Promise<boolean> {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return false;
  }
  const lines = linesOf(text);
  const own = lines.find(([name]) => name === user) ?? [];
  const hashes = lines.map(([, other = '']) => other);
  const fits = await passwordFitsEvenly(user, password, own[1], hashes);
  return fits && !hasExpired(own, clock.now());
}

/** Why the file bars an account, independent of its password. `now`: milliseconds since 1970. */
export function faultInShadow(text: string, user: string, now: number): string | undefined {
  const own = linesOf(text).find(([name]) => name === user) ?? [];
  if (hasExpired(own, now)) {
    return `the account of ${user} has expired`;
  }
  // usermod -L and passwd -l put a mark before a password. Alone it is that of users who never had one, as those of programs.
  return /^!+[^!*]/.test(own[1] ?? '') ? `the account of ${user} is locked` : undefined;
}

function linesOf(text: string): string[][] {
  return text.split('\n').map((line) => line.split(':'));
}

function hasExpired([, , , , , , , expires = '']: readonly string[], now: number): boolean {
  return expires !== '' && now >= Number(expires) * DAY;
}
