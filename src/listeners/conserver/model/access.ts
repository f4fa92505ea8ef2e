/** Access rules: who may connect, and to which consoles (spec/conserver.md 4.1, 4.2). */
import { networkHas, parseNetwork } from '../../../grammar/conserver/access.ts';
import type { ConsoleRecord, HostAccess, UserEntry } from '../../../grammar/conserver/records.ts';
import { listAllows, mergeUsers } from '../../../grammar/conserver/users.ts';
import type { ConserverListener } from '../../../model/conserver-config.ts';
import type { ActingHost } from '../../../model/host-port.ts';

export interface PeerAddress {
  /** Numeric; of unix sockets 127.0.0.1. */
  readonly address: string;
  /** Reverse-resolved; absent when the address has no name. */
  readonly name?: string;
}

/** Whether a user belongs to a group of the system, the primary one included. */
export type InSystemGroup = (user: string, group: string) => boolean;

/** The listener's settings of who may connect and command it. */
export type Access = Pick<ConserverListener, 'hosts' | 'admin' | 'limited' | 'defaultAccess'>;

export type ConsoleRights = 'write' | 'read' | 'none';

/** The rules that apply on this host. */
export class AccessRules {
  readonly #hosts: readonly { readonly access: HostAccess; readonly pattern: string }[];
  readonly #fallback: HostAccess;
  readonly #admin: UserEntry[] = [];
  readonly #limited: UserEntry[] = [];
  readonly #inSystemGroup: InSystemGroup;

  constructor({ hosts, admin, limited, defaultAccess }: Access, inSystemGroup: InSystemGroup) {
    this.#hosts = hosts;
    this.#fallback = defaultAccess;
    this.#inSystemGroup = inSystemGroup;
    mergeUsers(this.#admin, admin);
    mergeUsers(this.#limited, limited);
  }

  /** The first pattern that matches decides. */
  host(peer: PeerAddress): HostAccess {
    // An IPv4 peer of a dual-stack listener.
    const address = peer.address.replace(/^::ffff:(?=[\d.]+$)/, '');
    return this.#hosts.find(({ pattern }) => matches(pattern, address, peer.name))?.access ?? this.#fallback;
  }

  isAdmin(user: string): boolean {
    return this.#allows(this.#admin, user);
  }

  isLimited(user: string): boolean {
    return this.#allows(this.#limited, user);
  }

  /** `rw` is asked first. */
  rights(user: string, { rw, ro }: Pick<ConsoleRecord, 'rw' | 'ro'>): ConsoleRights {
    if (this.#allows(rw, user)) {
      return 'write';
    }
    return this.#allows(ro, user) ? 'read' : 'none';
  }

  #allows(list: readonly UserEntry[], user: string): boolean {
    return listAllows(list, user, (group) => this.#inSystemGroup(user, group));
  }
}

/** The rights of a user on a console: those that both the lists of the listener and the rules of the host allow. */
export function rightsOn(
  { name, record }: { readonly name: string; readonly record: ConsoleRecord },
  acting: ActingHost,
  lists: AccessRules,
): ConsoleRights {
  const rights = lists.rights(acting.by.user, record);
  if (rights === 'none' || acting.refusal('enter', name)) {
    return 'none';
  }
  return rights === 'write' && acting.refusal('take', name) === undefined ? 'write' : 'read';
}

/** A network for numbers, otherwise a part of the address or of the name. */
function matches(pattern: string, address: string, name: string | undefined): boolean {
  const network = parseNetwork(pattern);
  if (network !== undefined) {
    return networkHas(network, address);
  }
  return address.includes(pattern) || (name?.includes(pattern) ?? false);
}
