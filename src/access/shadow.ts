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
  const lines = text.split('\n').map((line) => line.split(':'));
  const [, hash, , , , , , expires = ''] = lines.find(([name]) => name === user) ?? [];
  const hashes = lines.map(([, other = '']) => other);
  const fits = await passwordFitsEvenly(user, password, hash, hashes);
  return fits && (expires === '' || clock.now() < Number(expires) * DAY);
}
