/** What is wrong with the certificate of a TLS client: node:tls says so only for connections of its own servers. */
import type { TLSSocket } from 'node:tls';

/** Undefined for one that is good; what OpenSSL has against it otherwise. To be asked once the handshake is over. */
export function certificateFault(socket: TLSSocket): string | undefined {
  // What node:tls asks itself; a Node without it must not let everybody in.
  const { _handle: handle } = socket as unknown as { _handle?: { verifyError?: () => Error | null } | null };
  return handle?.verifyError === undefined ? 'it cannot be judged' : handle.verifyError()?.message;
}
