/** A host behind its door, where nobody asks for rights. */
import { Door } from '../../src/host/door.ts';
import { type Guarded, UNGUARDED } from '../../src/host/guarded-host.ts';
import type { NearHost } from '../../src/model/host-port.ts';
import type { IsisPort } from '../../src/model/isis-port.ts';

export function openParts(host: NearHost, isis?: IsisPort): Guarded {
  return { host, isis, ...UNGUARDED };
}

export function openDoor(host: NearHost, isis?: IsisPort): Door {
  return new Door(openParts(host, isis));
}
