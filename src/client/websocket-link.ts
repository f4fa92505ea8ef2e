/** An attachment over the WebSocket of the control API (docs/reference/api.md, "Attach"). */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { SessionInfo } from '../model/api.ts';
import { type ErrorCode, HoldfastError } from '../model/errors.ts';
import { systemClock } from '../platform/time/clock.ts';
import { connectError } from './connect-error.ts';
import type { AttachFrom, Link, LinkHandlers } from './control-client.ts';
import { PATIENCE } from './patience.ts';
import { problemError } from './problem-error.ts';
import { queryText } from './query-text.ts';

const PLAIN = 'holdfast.attach.v1';
/** The same for a client that acknowledges. A server may be older, and choose the other one. */
const ACKNOWLEDGED = 'holdfast.attach.v2';
/** What is shown is acknowledged so often: a small part of the server's window. */
const ACKNOWLEDGE_BYTES = 32 * 1024;
/** A server that goes down closes with this code (RFC 6455 7.4.1), and is expected back. */
const GOING_AWAY = 1001;
/** Bytes of the offset before the output in a binary message. */
const OFFSET_BYTES = 8;

interface Hello {
  readonly session: SessionInfo;
  readonly offset: number;
  readonly live: number;
  readonly writer: SessionInfo | null;
}

type Message =
  | ({ readonly type: 'hello' } & Hello)
  | { readonly type: 'writer'; readonly writer: SessionInfo | null }
  | { readonly type: 'missed'; readonly bytes: number }
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly detail: string }
  | { readonly type: 'closed'; readonly reason: string };

/** Resolves with the server's hello. */
export function openLink(
  socket: string,
  name: string,
  from: AttachFrom,
  write: boolean,
  handlers: LinkHandlers,
): Promise<Link> {
  const target = `/v1/consoles/${encodeURIComponent(name)}/attach${queryText({ ...from, write })}`;
  // The Host header is set since ws derives an invalid one from a socket's path; compression only costs on one machine.
  const ws = new WebSocket(`ws+unix:${socket}:${target}`, handlers.acknowledges ? [ACKNOWLEDGED, PLAIN] : PLAIN, {
    headers: { host: 'localhost' },
    perMessageDeflate: false,
  });
  let connection: Socket | null = null;
  ws.once('upgrade', ({ socket: upgraded }) => {
    connection = upgraded;
  });
  // Until the hello; nothing after it has a deadline.
  const silent = systemClock.after(PATIENCE, () => {
    void import('./silent-server.ts').then(({ silentError }) => {
      reject(silentError(socket, connection));
      ws.terminate();
    });
  });
  const { promise, resolve, reject } = Promise.withResolvers<Link>();
  // What follows the hello in the same read waits until whoever awaits the link has it.
  let early: (() => void)[] | undefined = [];
  const deliver = (call: () => void) => (early === undefined ? call() : early.push(call));
  let ended: string | undefined;
  const message = (text: string) => {
    const what = JSON.parse(text) as Message;
    switch (what.type) {
      case 'hello':
        resolve(linkOver(ws, what));
        // Two turns: the promise that a caller makes of this one settles a turn later.
        setImmediate(() => {
          const calls = early ?? [];
          early = undefined;
          for (const call of calls) {
            call();
          }
        });
        break;
      case 'writer':
        deliver(() => handlers.writer(what.writer ?? undefined));
        break;
      case 'said':
        deliver(() => handlers.said(what.text));
        break;
      case 'missed':
        deliver(() => handlers.missed(what.bytes));
        break;
      case 'refused':
        // Before the hello it is the session that is refused; after it, this has no effect.
        reject(new HoldfastError(what.code, what.detail));
        deliver(() => handlers.refused(what.code, what.detail));
        break;
      case 'closed':
        ended = what.reason;
    }
  };
  ws.on('message', (data: Buffer, binary) => {
    if (!binary) {
      message(data.toString());
    } else if (data.length >= OFFSET_BYTES) {
      const offset = Number(data.readBigUInt64BE(0));
      deliver(() => handlers.output(data.subarray(OFFSET_BYTES), offset));
    }
  });
  ws.on('unexpected-response', (_request, answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => reject(problemError(answer.statusCode ?? 0, Buffer.concat(chunks).toString())));
  });
  ws.on('error', (error) => reject(connectError(error, socket)));
  ws.on('close', (code) => {
    reject(connectError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), socket));
    const final = ended !== undefined && code !== GOING_AWAY;
    deliver(() => handlers.closed(ended ?? `the connection was closed (${code})`, final));
  });
  return promise.finally(() => silent.cancel());
}

function linkOver(ws: WebSocket, hello: Hello): Link {
  const send = (data: Uint8Array | string) => {
    if (ws.readyState === WebSocket.OPEN) {
      ws.send(data);
    }
  };
  let acknowledged = hello.offset;
  return {
    session: hello.session,
    offset: hello.offset,
    live: hello.live,
    writer: hello.writer ?? undefined,
    input: (bytes) => send(bytes),
    take: (force) => send(JSON.stringify({ type: 'take', force })),
    release: () => send(JSON.stringify({ type: 'release' })),
    resize: (columns, rows) => send(JSON.stringify({ type: 'resize', columns, rows })),
    acknowledge(offset) {
      if (ws.protocol === ACKNOWLEDGED && offset - acknowledged >= ACKNOWLEDGE_BYTES) {
        acknowledged = offset;
        send(JSON.stringify({ type: 'ack', offset }));
      }
    },
    close: () => ws.close(),
  };
}
