/** The caller: on the control socket its peer, on the socket of the gateway the user that the gateway vouches for. */
import type { IncomingMessage } from 'node:http';
import * as Type from 'typebox';
import { principalOf } from '../../access/peer.ts';
import { RightSchema } from '../../model/api-schema.ts';
import { HoldfastError } from '../../model/errors.ts';
import { VOUCHED_HEADER } from '../../model/gateway-protocol.ts';
import { type Principal, UNKNOWN } from '../../model/principal.ts';
import { native } from '../../platform/native.ts';
import { descriptorOf } from '../../platform/net/socket-descriptor.ts';
import { check } from './check.ts';

export interface Caller {
  readonly by: Principal;
  /** It is the gateway itself, on nobody's behalf: then `by` has no rights. */
  readonly isGateway: boolean;
}

/** Rejects with HF_FORBIDDEN. */
export type Callers = (request: IncomingMessage) => Promise<Caller>;

/** At the control socket. `gateway`: the user of the gateway, if it has one of its own: that may do nothing here. */
export function peers(gateway: () => number | undefined = () => undefined): Callers {
  return async (request) => {
    if (request.headers[VOUCHED_HEADER] !== undefined) {
      throw new HoldfastError('HF_FORBIDDEN', `only the gateway vouches for somebody (${VOUCHED_HEADER})`);
    }
    const uid = gateway();
    if (uid !== undefined && peerUid(request) === uid) {
      throw new HoldfastError('HF_FORBIDDEN', 'the gateway has a socket of its own');
    }
    return { by: await principalOf(request.socket, 'api'), isGateway: false };
  };
}

/** At the socket of the gateway, which runs as this user. */
export function vouchedBy(gateway: number): Callers {
  return async (request) => {
    if (peerUid(request) !== gateway) {
      throw new HoldfastError('HF_FORBIDDEN', 'this socket is for the gateway');
    }
    const vouched = request.headers[VOUCHED_HEADER];
    return vouched === undefined
      ? { by: NOBODY, isGateway: true }
      : { by: vouchedPrincipal(String(vouched)), isGateway: false };
  };
}

const NOBODY: Principal = { user: UNKNOWN, channel: 'network', from: 'the gateway', assurance: 'none' };

const Name = Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f\\u007f]+$' });

/** The claims that the gateway may make about a user: never a uid of this system, nor anything that only the kernel knows. */
const Vouched = Type.Object(
  {
    user: Name,
    groups: Type.Optional(Type.Array(Name, { maxItems: 1024 })),
    channel: Type.Enum(['network', 'web']),
    from: Name,
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    assurance: Type.Enum(['password', 'certificate', 'token', 'vouched']),
    bound: Type.Optional(Type.Array(RightSchema)),
    boundOn: Type.Optional(Type.Array(Name, { maxItems: 64 })),
  },
  { additionalProperties: false },
);

function vouchedPrincipal(text: string): Principal {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw new HoldfastError('HF_BAD_REQUEST', `${VOUCHED_HEADER}: not JSON in base64url`);
  }
  check(Vouched, value, VOUCHED_HEADER);
  return value as Principal;
}

function peerUid({ socket }: IncomingMessage): number | undefined {
  const fd = descriptorOf(socket);
  return fd === undefined ? undefined : native.peerCredentials(fd).uid;
}
