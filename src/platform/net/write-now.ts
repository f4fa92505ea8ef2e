/**
 * Writes to a stream as `stream.write` does. If nothing is waiting, the socket is offered the bytes by one send(2):
 * the stream's overhead per write is more than all the rest of a keystroke's echo.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { native } from '../native.ts';
import { descriptorOf } from './socket-descriptor.ts';

/** False: `drain` follows. The rest waits in the stream, so the order of all writes is kept. */
export function writeNow(stream: Duplex, bytes: Uint8Array): boolean {
  const idle = stream instanceof Socket && stream.writableLength === 0 && !stream.writableEnded;
  const fd = idle ? descriptorOf(stream) : undefined;
  const taken = fd === undefined ? 0 : native.send(fd, bytes);
  return taken === bytes.length || stream.write(taken === 0 ? bytes : bytes.subarray(taken));
}
