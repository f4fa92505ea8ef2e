import type { HostClient } from '../model/host-port.ts';
import { FarHost } from './far-host.ts';
import { HttpTransport } from './http-transport.ts';
import { UnixWay } from './unix-way.ts';

/** The host behind a control socket. Opens no connection yet. `patience`: milliseconds for an answer. */
export function connectControl(socket: string, patience?: number): HostClient {
  return new FarHost(new HttpTransport(new UnixWay(socket, patience)));
}
