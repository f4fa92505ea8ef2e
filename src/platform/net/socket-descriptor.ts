/** The descriptor of a socket: Node does not publish it; its handle has had it as `fd` since 0.12. */
import type { Duplex } from 'node:stream';

/** Undefined once the socket is closed, and of a stream that is not a socket. */
export function descriptorOf(socket: Duplex): number | undefined {
  const fd = (socket as unknown as { _handle?: { fd?: number } | null })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
