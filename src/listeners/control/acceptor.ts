/** Shared by the acceptors that turn requests into WebSockets. */
import type { HostDoor } from '../../model/host-port.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { Callers } from './callers.ts';
import type { Connections } from './connections.ts';

export interface AcceptorParts {
  readonly door: HostDoor;
  readonly callers: Callers;
  readonly connections: Connections;
  readonly clock: Clock;
  /** Called with exceptions that are our own defects. */
  readonly fault: (error: unknown) => void;
}
