/** Senders of datagrams to ignore: their messages would come back to us, or could never be answered. */
import { ipv4Number } from '../model/ipv4.ts';

export interface OwnPlace {
  readonly port: number;
  /** Address that the socket is bound to; 0.0.0.0: all of this machine's. */
  readonly listen: string;
  /** Whether an interface of this machine has the address. */
  readonly isOwn: (address: string) => boolean;
}

const ANY = '0.0.0.0';
const LOOPBACK = 127;
/** 224.0.0.0/4 is multicast; beyond it there is only the broadcast address. */
const FIRST_MULTICAST = 224;

/** Why a datagram of this sender is ignored; undefined if it is accepted. */
export function unanswerable(address: string, port: number, own: OwnPlace): string | undefined {
  const first = ((ipv4Number(address) ?? 0) >>> 24) as number;
  if (port === own.port && isOurs(address, first, own)) {
    return `its sender ${address}:${port} is this server itself`;
  }
  if (port === 0 || first === 0 || first >= FIRST_MULTICAST) {
    return `nothing can be sent to its sender ${address}:${port}`;
  }
  return undefined;
}

function isOurs(address: string, first: number, { listen, isOwn }: OwnPlace): boolean {
  return listen === ANY ? first === LOOPBACK || address === ANY || isOwn(address) : address === listen;
}
