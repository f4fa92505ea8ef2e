/**
 * Reads what a peer has sent so far, ahead of the stream. A client that connects, sends a command and leaves (`echo
 * cmd >/dev/tcp/...`) is gone when the first bytes are written to it; the stream then fails, and the command is lost
 * unless it was read before.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { native } from '../native.ts';
import { descriptorOf } from './socket-descriptor.ts';

/** Bytes; the rest is left for the stream. */
const scratch = Buffer.allocUnsafeSlow(65536);
const NOTHING = new Uint8Array(0);

/** Only before the stream begins to flow. */
export function receiveNow(stream: Duplex): Uint8Array {
  const fd = stream instanceof Socket ? descriptorOf(stream) : undefined;
  // A stream starts reading as soon as it exists: during an await it may already have taken the first bytes.
  const taken = (stream.read() as Uint8Array | null) ?? NOTHING;
  return Buffer.concat([taken, scratch.subarray(0, fd === undefined ? 0 : native.receive(fd, scratch))]);
}
