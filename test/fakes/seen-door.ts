/** The way into a host, which notes who comes in with a login. */
import { Door } from '../../src/host/door.ts';
import type { ActingHost } from '../../src/model/host-port.ts';
import type { Principal } from '../../src/model/principal.ts';

export class SeenDoor extends Door {
  readonly seen: Principal[] = [];

  override as(by: Principal): Promise<ActingHost> {
    if (by.assurance !== 'none') {
      this.seen.push(by);
    }
    return super.as(by);
  }
}
