// The control API in front of a FakeHost over a real unix socket, as far as the command line uses it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Actor } from '../src/console/host-port.ts';
import { ERRORS, HoldfastError } from '../src/model/errors.ts';
import type { FakeHost } from './fake-host.ts';

const ACTOR: Actor = { user: 'tester', from: 'pid 1', via: 'attach' };

export interface StandIn {
  /** Goes without a word to anybody, as a server does that is killed. */
  kill(): Promise<void>;
}

export function serveControl(
  host: FakeHost,
  path: string,
  logs: Readonly<Record<string, string>> = {},
): Promise<StandIn> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    answer(host, logs, request, response).catch((error: unknown) => refuse(response, error));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const wss = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '', 'http://host');
    const name = decodeURIComponent(url.pathname.split('/')[3] ?? '');
    if (!host.consoles.has(name)) {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => attach(host, name, url.searchParams, ws));
  });
  return new Promise((resolve) =>
    server.listen(path, () =>
      resolve({
        kill: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of sockets) {
              socket.destroy();
            }
          }),
      }),
    ),
  );
}

function refuse(response: ServerResponse, error: unknown): void {
  const { code, message } = error as HoldfastError;
  const status = error instanceof HoldfastError ? ERRORS[error.code].status : 500;
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ code, detail: message, status }));
}

async function answer(
  host: FakeHost,
  logs: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://host');
  const [, , room, name = '', verb] = url.pathname.split('/').map(decodeURIComponent);
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as { reason: string; until?: string };
  const json = (what: unknown) => response.end(JSON.stringify(what));
  const group = url.searchParams.get('group');
  if (room === 'version') {
    return void json(host.version());
  }
  if (room === 'events') {
    return void json(await host.events({ limit: Number(url.searchParams.get('limit') ?? 100) }));
  }
  if (room === 'plan' || room === 'apply') {
    const plan = room === 'plan' ? await host.plan() : await host.apply(ACTOR);
    if (plan.problems.length > 0) {
      response.writeHead(422);
      return void json({ code: 'HF_BAD_CONFIG', detail: 'errors', problems: plan.problems });
    }
    return void json(plan);
  }
  if (name === '') {
    return void json((await host.list()).filter(({ groups }) => group === null || groups.includes(group)));
  }
  switch (verb) {
    case undefined:
      return void json(await host.detail(name));
    case 'log':
      return void response.end(logs[name] ?? '');
    case 'hold':
      host.hold(name, body.reason, body.until === undefined ? undefined : Date.parse(body.until), ACTOR);
      break;
    default:
      host[verb as 'start' | 'stop' | 'restart' | 'release'](name, ACTOR);
  }
  response.writeHead(202);
  json(host.detail(name));
}

async function attach(host: FakeHost, name: string, query: URLSearchParams, ws: WebSocket): Promise<void> {
  const text = (message: object) => ws.send(JSON.stringify(message));
  const offset = query.get('offset');
  const from = offset === null ? { lines: Number(query.get('lines') ?? 0) } : { offset: Number(offset) };
  const attachment = await host.attach(name, ACTOR, from, {
    output(bytes, at) {
      const head = Buffer.alloc(8);
      head.writeBigUInt64BE(BigInt(at));
      ws.send(Buffer.concat([head, bytes]));
      return true;
    },
    missed: (bytes) => text({ type: 'missed', bytes }),
    writer: (writer) => text({ type: 'writer', writer: writer ?? null }),
    closed(reason) {
      text({ type: 'closed', reason });
      ws.close();
    },
  });
  const busy = () => text({ type: 'refused', code: 'HF_BUSY_KEYBOARD', detail: 'somebody has the keyboard' });
  const { session, live } = attachment;
  text({ type: 'hello', session, offset: attachment.offset, live, writer: attachment.writer ?? null });
  if (query.get('write') === '1' && !attachment.take(false)) {
    busy();
  }
  ws.on('close', () => attachment.detach());
  ws.on('message', (data: Buffer, binary) => {
    if (binary) {
      if (!attachment.write(data)) {
        busy();
      }
      return;
    }
    const message = JSON.parse(data.toString()) as { type: string; force: boolean; columns: number; rows: number };
    if (message.type === 'take' && !attachment.take(message.force)) {
      busy();
    } else if (message.type === 'release') {
      attachment.release();
    } else if (message.type === 'resize') {
      attachment.resize(message.columns, message.rows);
    }
  });
}
