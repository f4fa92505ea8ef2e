/** A WebSocket, on whatever way there is to its server. */
import type { Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import { systemClock } from '../platform/time/clock.ts';
import { problemError } from './problem-error.ts';
import type { Wire, WireHandlers } from './transport.ts';
import type { Way } from './way.ts';

/** A server pings every 20 s. */
const LONGEST_SILENCE_MS = 45_000;
/** How long a server that is told the end has to say so too: one that is stopped never does. */
const FAREWELL_MS = 1000;

export function openWire(way: Way, target: string, protocols: readonly string[], handlers: WireHandlers): Wire {
  // Compression costs on one machine, and over TLS it tells of secrets.
  const options = { headers: way.headers, createConnection: way.connect.bind(way), perMessageDeflate: false };
  const ws = new WebSocket(`ws://${way.host}${target}`, [...protocols], options as ClientOptions);
  let connection: Socket | null = null;
  /** There was a message, or there will be none. */
  let settled = false;
  const fail = (error: Error): void => {
    if (!settled) {
      settled = true;
      silent.cancel();
      handlers.failed(error);
    }
  };
  const giveUp = (): void => {
    void way.silence(connection).then((error) => {
      settled = true;
      handlers.failed(error);
      ws.terminate();
    });
  };
  // One that failed before it was open counts as closing, and has nothing that could go on.
  const resume = (): void => {
    if (ws.readyState === WebSocket.OPEN) {
      ws.resume();
    }
  };
  let silent = systemClock.after(way.patience, giveUp);
  const heard = (): void => {
    silent.cancel();
    if (handlers.pinged) {
      silent = systemClock.after(LONGEST_SILENCE_MS, giveUp);
    }
  };
  ws.once('upgrade', ({ socket: upgraded }) => {
    connection = upgraded;
  });
  ws.on('ping', heard);
  ws.on('message', (data: Buffer, binary) => {
    settled = true;
    heard();
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
  ws.on('error', (error) => fail(way.fault(error)));
  ws.on('close', (code) => {
    silent.cancel();
    if (settled) {
      handlers.closed(code);
    } else {
      fail(way.fault(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
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
    pause() {
      silent.cancel();
      if (ws.readyState === WebSocket.OPEN) {
        ws.pause();
      }
    },
    resume() {
      if (settled) {
        heard();
      }
      resume();
    },
    close() {
      silent.cancel();
      resume();
      ws.close();
      systemClock.after(FAREWELL_MS, () => ws.terminate(), { ref: false });
    },
  };
}
