/** People for tests. */
import type { Principal } from '../../src/model/principal.ts';

/** Somebody at the control socket, unless `how` says otherwise. */
export function person(user: string, how: Partial<Principal> = {}): Principal {
  return { user, channel: 'api', from: 'localhost', assurance: 'kernel', ...how };
}

/** Somebody on console(1), logged in with a password. */
export function guest(user: string, from = 'desk'): Principal {
  return { user, channel: 'conserver', from, assurance: 'password' };
}
