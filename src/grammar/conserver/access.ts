/** Blocks `access` and `group` (spec/conserver.md 4.1, 7.2). */
import type { ValueReader } from './reader.ts';
import type { AccessRecord, HostAccess, UserEntry } from './records.ts';
import { addUsers, mergeUsers, type UserGroups } from './users.ts';
import { parseList } from './values.ts';

export interface AccessDraft {
  hosts: { access: HostAccess; pattern: string }[];
  admin: UserEntry[];
  limited: UserEntry[];
}

export function accessReaders(
  groups: UserGroups,
  earlier: ReadonlyMap<string, AccessRecord>,
): ReadonlyMap<string, ValueReader<AccessDraft>> {
  return new Map<string, ValueReader<AccessDraft>>([
    ['admin', (draft, value) => addUsers(draft.admin, value, groups)],
    ['limited', (draft, value) => addUsers(draft.limited, value, groups)],
    ['allowed', (draft, value) => addHosts(draft, 'allowed', value)],
    ['rejected', (draft, value) => addHosts(draft, 'rejected', value)],
    ['trusted', (draft, value) => addHosts(draft, 'trusted', value)],
    ['include', (draft, value) => includeAccess(draft, value, earlier)],
  ]);
}

function includeAccess(
  draft: AccessDraft,
  name: string,
  earlier: ReadonlyMap<string, AccessRecord>,
): string | undefined {
  if (name === '') {
    return undefined;
  }
  const record = earlier.get(name);
  if (record === undefined) {
    return `no access block \`${name}' stands above`;
  }
  draft.hosts.push(...record.hosts);
  mergeUsers(draft.admin, record.admin);
  mergeUsers(draft.limited, record.limited);
  return undefined;
}

function addHosts(draft: AccessDraft, access: HostAccess, text: string): string | undefined {
  if (text === '') {
    draft.hosts = draft.hosts.filter((host) => host.access !== access);
    return undefined;
  }
  for (const pattern of parseList(text)) {
    if (/^[\d./]+$/.test(pattern) && parseNetwork(pattern) === undefined) {
      return `\`${pattern}' is not an address a.b.c.d[/bits]; the rest of this list is left out`;
    }
    draft.hosts.push({ access, pattern });
  }
  return undefined;
}

/** An IPv4 pattern: address and, if it names a whole network, the number of bits that count. */
export interface Network {
  readonly address: number;
  readonly bits: number;
}

/**
 * `a.b.c.d[/bits]`; without bits the class of the address says how many. A pattern with host bits set means that one
 * address. Undefined for anything else.
 */
export function parseNetwork(pattern: string): Network | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,3}))?$/.exec(pattern);
  const bytes = parts?.slice(1, 5).map(Number);
  const given = parts?.[5] === undefined ? undefined : Number(parts[5]);
  if (bytes === undefined || bytes.some((byte) => byte > 255) || (given ?? 0) > 255) {
    return undefined;
  }
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const bits = Math.min(given ?? classBits(bytes[0] as number), 32);
  return { address, bits: networkOf(address, bits) === address ? bits : 32 };
}

/** Whether an IPv4 address (four numbers and dots) lies in the network. */
export function networkHas(network: Network, address: string): boolean {
  const own = /^[\d.]+$/.test(address) ? parseNetwork(`${address}/32`) : undefined;
  return own !== undefined && networkOf(own.address, network.bits) === networkOf(network.address, network.bits);
}

function networkOf(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return address - (address % size);
}

function classBits(first: number): number {
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}
