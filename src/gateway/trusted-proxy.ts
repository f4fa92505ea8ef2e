/**
 * A reverse proxy that says by headers who is there. It is known by where it connects from, or at a unix socket by its user; what anybody else
 * sends in these headers is not read.
 */
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { isInNetwork } from '../access/network.ts';
import { HoldfastError } from '../model/errors.ts';
import type { GatewayProxy } from '../model/gateway-protocol.ts';
import type { Proof } from '../model/login-port.ts';
import { native } from '../platform/native.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';
import { addressOf } from './peer-address.ts';

/** Bytes. All groups are passed on to the server in one header of a request. */
const LONGEST_GROUPS = 6144;
/** Addresses that are looked at, from the last. */
const MOST_HOPS = 32;
/** What Apache writes for a variable that is not set. */
const UNSET = '(null)';

export class TrustedProxy {
  readonly #config: GatewayProxy | undefined;

  constructor(config: GatewayProxy | undefined) {
    this.#config = config;
  }

  /** Whether its word counts. */
  isAt(socket: Socket): boolean {
    if (this.#config === undefined) {
      return false;
    }
    const address = addressOf(socket);
    return address === undefined ? this.#config.uids.includes(uidOf(socket) ?? -1) : this.#isOne(address);
  }

  /** The user named by a proxy; undefined: nobody has logged in to it, or it logs nobody in. Throws HF_BAD_REQUEST. */
  proofOf({ headersDistinct }: IncomingMessage): Proof | undefined {
    const { groupsHeader, userHeader } = this.#config as GatewayProxy;
    const user = userHeader === undefined ? undefined : only(headersDistinct, userHeader);
    if (user === undefined || user === '' || user === UNSET) {
      return undefined;
    }
    const listed = groupsHeader === undefined ? undefined : only(headersDistinct, groupsHeader);
    if (listed === undefined || listed === UNSET) {
      return { method: 'proxy', user };
    }
    if (Buffer.byteLength(listed) > LONGEST_GROUPS) {
      throw new HoldfastError('HF_BAD_REQUEST', `${groupsHeader}: more than ${LONGEST_GROUPS} bytes`);
    }
    const groups = new Set(listed.split(',').map((group) => group.trim()));
    groups.delete('');
    return { method: 'proxy', user, groups: [...groups] };
  }

  /** Of the client, by the word of a proxy; undefined: it does not say. Throws HF_BAD_REQUEST. */
  clientOf({ headersDistinct }: IncomingMessage): string | undefined {
    const { addressHeader } = this.#config as GatewayProxy;
    const lines = addressHeader === undefined ? undefined : headersDistinct[addressHeader];
    if (lines === undefined) {
      return undefined;
    }
    // The proxy adds its client at the end; what is before that is the word of that client.
    const hops = lines.join(',').split(',').slice(-MOST_HOPS).reverse();
    let last: string | undefined;
    for (const hop of hops) {
      last = plainAddress(hop.trim());
      if (last === undefined) {
        throw new HoldfastError('HF_BAD_REQUEST', `${addressHeader}: not an address`);
      }
      if (!this.#isOne(last)) {
        return last;
      }
    }
    return last;
  }

  #isOne(address: string): boolean {
    return this.#config?.networks.some((network) => isInNetwork(network, address)) === true;
  }
}

/** Headers are bytes; those of a proxy that speaks of people are UTF-8. Twice: one of them may be from its client. */
function only(headers: IncomingMessage['headersDistinct'], name: string): string | undefined {
  const [value, second] = headers[name] ?? [];
  if (second !== undefined) {
    throw new HoldfastError('HF_BAD_REQUEST', `${name}: given twice`);
  }
  try {
    return value && new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    throw new HoldfastError('HF_BAD_REQUEST', `${name}: not UTF-8`);
  }
}

/** `10.0.0.3`, `10.0.0.3:51234`, `[2001:db8::3]:51234`, `2001:db8::3`. */
function plainAddress(hop: string): string | undefined {
  const [, bracketed, v4 = ''] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+)(?::\d+)?)$/.exec(hop) ?? [];
  const address = (bracketed ?? (v4 === '' ? hop : v4)).replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address;
}

function uidOf(socket: Socket): number | undefined {
  const fd = descriptorOf(socket);
  return fd === undefined ? undefined : native.peerCredentials(fd).uid;
}
