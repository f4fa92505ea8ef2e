/** Passwords of the system's own users, as far as /etc/shadow has them. */
import { readFileSync } from 'node:fs';
import { passwordFits } from './password-hash.ts';

const DAY = 86_400_000;

/** Only root can read the file; for others, and for accounts that are locked or have run out, no password fits. */
export async function systemPasswordFits(user: string, password: string): Promise<boolean> {
  let text: string;
  try {
    text = readFileSync('/etc/shadow', 'latin1');
  } catch {
    return false;
  }
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === user);
  const [, hash = '', , , , , , expires = ''] = fields ?? [];
  const over = expires !== '' && Date.now() >= Number(expires) * DAY;
  return hash !== '' && !over && (await passwordFits(password, hash));
}
