/** Passwords of the system's own users: PAM decides, and /etc/shadow where a machine has no PAM. */
import type { Clock } from '../platform/time/clock.ts';
import { Pam } from './pam.ts';
import { systemPasswordFits } from './shadow.ts';

export type SystemPasswordCheck = (user: string, password: string, host: string) => Promise<boolean>;

/**
 * Byte strings. `say` gets PAM's reason for a refusal, `complain` that PAM could not be asked: then nobody is admitted.
 */
export function systemPasswords(
  service: string,
  clock: Clock,
  say: (text: string) => void,
  complain: (text: string) => void,
  pam: Pam = new Pam(service, clock),
): SystemPasswordCheck {
  return async (user, password, host) => {
    const answer = await pam.ask({ user, password, host });
    switch (answer.kind) {
      case 'right':
        return true;
      case 'absent':
        return await systemPasswordFits(user, password, clock);
      case 'wrong':
        say(`PAM: ${user}@${host}: ${answer.reason}`);
        return false;
      case 'unable':
        complain(`PAM cannot be asked about ${user}@${host}: ${answer.reason}`);
        return false;
    }
  };
}
