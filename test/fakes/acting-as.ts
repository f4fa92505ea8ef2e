/** A host in memory as one principal uses it: what `FarHost` is over a connection. */
import { type Guarded, GuardedHost } from '../../src/host/guarded-host.ts';
import type { HostClient, NearHost } from '../../src/model/host-port.ts';
import type { IsisPort } from '../../src/model/isis-port.ts';
import type { Principal } from '../../src/model/principal.ts';
import { openParts } from './open-door.ts';

class ActingClient extends GuardedHost implements HostClient {
  override enter(
    ...how: Parameters<GuardedHost['enter']>
  ): ReturnType<HostClient['enter']> & ReturnType<GuardedHost['enter']> {
    // Nothing is on the way.
    return Object.assign(super.enter(...how), { acknowledge: () => undefined, refusal: undefined });
  }
}

export function actingAs(host: NearHost, by: Principal, isis?: IsisPort): HostClient {
  return clientOf(openParts(host, isis), by);
}

export function clientOf(parts: Guarded, by: Principal): HostClient {
  return new ActingClient(parts, by);
}
