import type { HostClient } from '../model/host-port.ts';
import { FarHost } from './far-host.ts';
import { UnixTransport } from './unix-transport.ts';

/** The host behind a control socket. Opens no connection yet. */
export function connectControl(socket: string): HostClient {
  return new FarHost(new UnixTransport(socket));
}
