/** Describes a server that accepts a connection and then says nothing. */
import type { Socket } from 'node:net';
import { HoldfastError } from '../model/errors.ts';
import { native } from '../platform/native.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';
import { stateOf } from '../platform/process/proc.ts';

/** The server accepted the connection and has said nothing for `patience` milliseconds. */
export function silentError(socket: string, connection: Socket | null, patience: number): HoldfastError {
  const pid = connection ? listenerOf(connection) : undefined;
  const who = pid === undefined ? 'the server' : `the server (pid ${pid})`;
  const state = pid === undefined ? undefined : stateOf(pid);
  const why =
    state === 'T'
      ? `it was stopped by a signal: 'kill -CONT ${pid}' lets it go on`
      : "it is wedged, or its machine is; its processes go on without it. 'holdfast doctor' and its journal may say more";
  return new HoldfastError('HF_NO_ANSWER', `${who} on ${socket} has not answered within ${patience / 1000} s: ${why}`);
}

/** The listening process; undefined if that is a service manager, or unknown. */
function listenerOf(connection: Socket): number | undefined {
  const fd = descriptorOf(connection);
  const pid = fd === undefined ? 0 : native.peerCredentials(fd).pid;
  return pid > 1 ? pid : undefined;
}
