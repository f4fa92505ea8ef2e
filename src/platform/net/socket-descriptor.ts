/** The descriptor of a socket: Node does not publish it; its handle has had it as `fd` since 0.12. */
import type { Socket } from 'node:net';

/** Undefined once the socket is closed. */
export function descriptorOf(socket: Socket): number | undefined {
  const fd = (socket as unknown as { _handle?: { fd?: number } | null })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
