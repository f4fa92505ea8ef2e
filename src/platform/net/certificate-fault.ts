/** Verifies the certificate of a TLS client: node:tls does that only for connections of its own servers. */
import type { TLSSocket } from 'node:tls';

/** Undefined for a valid one, otherwise OpenSSL's reason. Call it once the handshake is over. */
export function certificateFault(socket: TLSSocket): string | undefined {
  // Internal to node:tls; a Node without it must not let everybody in.
  const { _handle: handle } = socket as unknown as { _handle?: { verifyError?: () => Error | null } | null };
  return handle?.verifyError === undefined ? 'it cannot be judged' : handle.verifyError()?.message;
}
