/** The one way to the host: whoever comes in is a principal, with the rights of one. */
import type { ActingHost, HostDoor } from '../model/host-port.ts';
import type { Principal } from '../model/principal.ts';
import { type Guarded, GuardedHost } from './guarded-host.ts';

export class Door implements HostDoor {
  readonly #parts: Guarded;

  constructor(parts: Guarded) {
    this.#parts = parts;
  }

  async as(by: Principal): Promise<ActingHost> {
    await this.#parts.access.learn(by);
    return new GuardedHost(this.#parts, by);
  }
}
