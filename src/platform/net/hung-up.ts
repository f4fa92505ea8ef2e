/** A socket that is not being read does not report that its peer is gone: it has to be asked. */
import type { Socket } from 'node:net';
import { native } from '../native.ts';
import { descriptorOf } from './socket-descriptor.ts';

/** Whether the other side has closed at least its writing side. False for a socket that is closed here. */
export function isHalfClosed(socket: Socket): boolean {
  const fd = descriptorOf(socket);
  return fd !== undefined && native.halfClosed(fd);
}

/** Whether the other side has closed altogether. False for a socket that is closed here. */
export function isHungUp(socket: Socket): boolean {
  const fd = descriptorOf(socket);
  return fd !== undefined && native.hungUp(fd);
}
