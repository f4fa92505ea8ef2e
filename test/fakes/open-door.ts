/** A host behind its door, where nobody asks for rights. */
import { Door } from '../../src/host/door.ts';
import { type Guarded, GuardedHost, UNGUARDED } from '../../src/host/guarded-host.ts';
import type { NearHost } from '../../src/model/host-port.ts';
import type { IsisPort } from '../../src/model/isis-port.ts';
import type { Principal } from '../../src/model/principal.ts';
import { FakeHost } from './fake-host.ts';

export function openParts(host: NearHost, isis?: IsisPort): Guarded {
  return { host, isis, ...UNGUARDED };
}

export function openDoor(host: NearHost, isis?: IsisPort): Door {
  return new Door(openParts(host, isis));
}

/** The services behind it for one principal, by default none. */
export function openTo(by: Principal, host: NearHost = new FakeHost()): GuardedHost {
  return new GuardedHost(openParts(host), by);
}
