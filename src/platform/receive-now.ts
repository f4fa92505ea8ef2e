/**
 * What a peer has sent by now, ahead of the stream. Whoever connects, says one thing and leaves (`echo cmd >/dev/tcp/...`) is
 * gone when the first bytes are written to it; the stream then breaks, and what was said goes with it unless it is read before.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { native } from './native.ts';
import { descriptorOf } from './socket-descriptor.ts';

/** What does not fit stays for the stream. Bytes. */
const scratch = Buffer.allocUnsafeSlow(65536);

/** Only before the stream begins to flow. */
export function receiveNow(stream: Duplex): Uint8Array {
  const fd = stream instanceof Socket ? descriptorOf(stream) : undefined;
  return Uint8Array.from(scratch.subarray(0, fd === undefined ? 0 : native.receive(fd, scratch)));
}
