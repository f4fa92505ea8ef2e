/** Opens an endpoint for the owner that it names (spec/procserv.md 2). */
import type { Endpoint } from '../../model/endpoint.ts';
import { type NativeAddon, native } from '../native.ts';
import { type Listening, listenOn } from './listen.ts';

/** The user or group that a unix socket should belong to does not exist on this machine. */
export class UnknownOwner extends Error {}

/** Opens one endpoint for the owner that it names. */
export function openEndpoint(endpoint: Endpoint): Listening {
  return listenOn(endpoint, ownerOf(endpoint));
}

/** The owner of a unix socket: this process if none is given (spec/procserv.md 2). */
export function ownerOf(
  endpoint: Endpoint,
  { userByName, groupByName }: Pick<NativeAddon, 'userByName' | 'groupByName'> = native,
): { uid: number; gid: number } {
  let uid = process.getuid?.() ?? 0;
  let gid = process.getgid?.() ?? 0;
  if (endpoint.kind !== 'unix') {
    return { uid, gid };
  }
  if (endpoint.user !== undefined) {
    const entry = userByName(endpoint.user);
    const number = numeric(endpoint.user);
    if (entry === undefined && number === undefined) {
      throw new UnknownOwner(`Unknown user '${endpoint.user}'`);
    }
    uid = entry?.uid ?? (number as number);
    gid = entry?.gid ?? gid;
  }
  if (endpoint.group !== undefined) {
    const found = groupByName(endpoint.group) ?? numeric(endpoint.group);
    if (found === undefined) {
      throw new UnknownOwner(`Unknown group '${endpoint.group}'`);
    }
    gid = found;
  }
  return { uid, gid };
}

function numeric(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
