/**
 * What a peer has sent by now, ahead of the stream. Whoever connects, says one thing and leaves (`echo cmd >/dev/tcp/...`) is
 * gone when the first bytes are written to it; the stream then breaks, and what was said goes with it unless it is read before.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { native } from '../native.ts';
import { descriptorOf } from './socket-descriptor.ts';

/** What does not fit stays for the stream. Bytes. */
const scratch = Buffer.allocUnsafeSlow(65536);
const NOTHING = new Uint8Array(0);

/** Only before the stream begins to flow. */
export function receiveNow(stream: Duplex): Uint8Array {
  const fd = stream instanceof Socket ? descriptorOf(stream) : undefined;
  // A stream reads by itself as soon as it is there: while something was waited for, it may have taken what came first.
  const taken = (stream.read() as Uint8Array | null) ?? NOTHING;
  return Buffer.concat([taken, scratch.subarray(0, fd === undefined ? 0 : native.receive(fd, scratch))]);
}
