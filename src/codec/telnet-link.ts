/** The Telnet link from a terminal server, or a procServ, to its console. */
import { escapeTelnet, Telnet } from './telnet.ts';

/** IAC BRK (RFC 854). */
const IAC_BREAK = Uint8Array.of(255, 243);

export interface TelnetLink {
  /** Output without its negotiation, which is answered by `send`. */
  receive(bytes: Uint8Array): Uint8Array;
  /** Input as it goes over the link. */
  encode(bytes: Uint8Array): Uint8Array;
  readonly brk: Uint8Array;
}

export function telnetLink(send: (bytes: Uint8Array) => void): TelnetLink {
  const telnet = Telnet.client(send);
  return { receive: (bytes) => telnet.receive(bytes), encode: escapeTelnet, brk: IAC_BREAK };
}
