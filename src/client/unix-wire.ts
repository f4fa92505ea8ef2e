/** A WebSocket over a unix socket. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { systemClock } from '../platform/time/clock.ts';
import { connectError } from './connect-error.ts';
import { PATIENCE } from './patience.ts';
import { problemError } from './problem-error.ts';
import type { Wire, WireHandlers } from './transport.ts';

export function openWire(socket: string, target: string, protocols: readonly string[], handlers: WireHandlers): Wire {
  // The Host header is set since ws derives an invalid one from a socket's path; compression only costs on one machine.
  const ws = new WebSocket(`ws+unix:${socket}:${target}`, [...protocols], {
    headers: { host: 'localhost' },
    perMessageDeflate: false,
  });
  let connection: Socket | null = null;
  /** There was a message, or there will be none. */
  let settled = false;
  const settle = (): boolean => {
    const first = !settled;
    settled = true;
    silent.cancel();
    return first;
  };
  const fail = (error: Error): void => {
    if (settle()) {
      handlers.failed(error);
    }
  };
  // Nothing after the first message has a deadline.
  const silent = systemClock.after(PATIENCE, () => {
    void import('./silent-server.ts').then(({ silentError }) => {
      fail(silentError(socket, connection));
      ws.terminate();
    });
  });
  ws.once('upgrade', ({ socket: upgraded }) => {
    connection = upgraded;
  });
  ws.on('message', (data: Buffer, binary) => {
    settle();
    if (binary) {
      handlers.bytes(data);
    } else {
      handlers.text(data.toString());
    }
  });
  ws.on('unexpected-response', (_request, answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => fail(problemError(answer.statusCode ?? 0, Buffer.concat(chunks).toString())));
  });
  ws.on('error', (error) => fail(connectError(error, socket)));
  ws.on('close', (code) => {
    if (settled) {
      handlers.closed(code);
    } else {
      fail(connectError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), socket));
    }
  });
  return {
    get protocol() {
      return ws.protocol;
    },
    send(message) {
      if (ws.readyState === WebSocket.OPEN) {
        ws.send(message);
      }
    },
    close: () => ws.close(),
  };
}
