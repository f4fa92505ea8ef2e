/** A host at the other end of the network. */
import type { HostClient } from '../model/host-port.ts';
import { FarHost } from './far-host.ts';
import type { HostPlace } from './host-place.ts';
import { HttpTransport } from './http-transport.ts';
import { TlsWay } from './tls-way.ts';

/** `authorization`: of every request, `Bearer TOKEN`. Opens no connection yet. */
export function connectHost(place: HostPlace, authorization: string): HostClient {
  return new FarHost(new HttpTransport(new TlsWay(place, authorization)));
}
