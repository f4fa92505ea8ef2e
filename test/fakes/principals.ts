/** People for tests. */
import type { Principal } from '../../src/model/principal.ts';

/** A user of the control socket, unless `how` says otherwise. */
export function person(user: string, how: Partial<Principal> = {}): Principal {
  return { user, channel: 'api', from: 'localhost', assurance: 'kernel', ...how };
}

/** A user of console(1), logged in with a password. */
export function guest(user: string, from = 'desk'): Principal {
  return { user, channel: 'conserver', from, assurance: 'password' };
}
