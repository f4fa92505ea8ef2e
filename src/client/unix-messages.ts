/** The messages of a WebSocket of the control API, on a unix socket. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Clock } from '../platform/time/clock.ts';
import { connectError } from './connect-error.ts';
import { PATIENCE } from './patience.ts';
import { problemError } from './problem-error.ts';
import { silentError } from './silent-server.ts';

/** A server pings every 20 s: one that has been silent for this long is given up. Milliseconds. */
const LONGEST_SILENCE_MS = 45_000;

/** As `Transport.messages`. */
export async function* messagesOf(
  socket: string,
  target: string,
  protocol: string,
  clock: Clock,
  ended?: EndSignal,
): AsyncGenerator<string> {
  // The Host header is set since ws derives an invalid one from a socket's path; compression only costs on one machine.
  const ws = new WebSocket(`ws+unix:${socket}:${target}`, protocol, {
    headers: { host: 'localhost' },
    perMessageDeflate: false,
  });
  const messages: string[] = [];
  let connection: Socket | null = null;
  let failure: Error | undefined;
  let over = false;
  let wake = (): void => undefined;
  const end = (error?: Error): void => {
    failure ??= error;
    over = true;
    wake();
  };
  const silent = () => end(silentError(socket, connection));
  let patience = clock.after(PATIENCE, silent);
  const heard = (): void => {
    patience.cancel();
    patience = clock.after(LONGEST_SILENCE_MS, silent);
  };
  ws.once('upgrade', (answer) => {
    connection = answer.socket;
  });
  ws.on('ping', heard);
  ws.on('message', (data: Buffer) => {
    heard();
    messages.push(data.toString());
    // What is not taken waits in the server, which then sends only the newest.
    ws.pause();
    wake();
  });
  ws.on('unexpected-response', (_request, answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => end(problemError(answer.statusCode ?? 0, Buffer.concat(chunks).toString())));
  });
  ws.on('error', (error) => end(connectError(error, socket)));
  ws.on('close', () => end());
  const stop = () => end();
  ended?.addEventListener('abort', stop, { once: true });
  try {
    while (!ended?.aborted) {
      const next = messages.shift();
      if (next !== undefined) {
        yield next;
      } else if (over) {
        break;
      } else {
        ws.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    if (!ended?.aborted) {
      throw failure ?? new HoldfastError('HF_NO_SERVER', 'the server went away');
    }
  } finally {
    ended?.removeEventListener('abort', stop);
    patience.cancel();
    ws.terminate();
  }
}
