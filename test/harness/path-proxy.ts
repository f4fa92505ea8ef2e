/** A reverse proxy that has a server below a path, and takes the path away, as a site may have one. */
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';

/** Resolves with the URL below which `to` is. `more`: headers that it sets. */
export async function pathProxy(
  t: TestContext,
  to: string,
  path: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const passed = ({ headers, method, url = '' }: IncomingMessage) =>
    request(new URL(url.slice(path.length) || '/', to), { method: method ?? 'GET', headers: { ...headers, ...more } });
  const server = createServer((asked, answer) => {
    if (!asked.url?.startsWith(`${path}/`)) {
      answer.writeHead(404).end();
      return;
    }
    const sent = passed(asked);
    sent.once('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    sent.once('error', () => answer.destroy());
    asked.pipe(sent);
  });
  server.on('upgrade', (asked, socket) => {
    const sent = passed(asked);
    sent.once('upgrade', (response, other, head) => {
      const lines = response.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      other.unshift(head);
      socket.pipe(other).pipe(socket);
      for (const each of [socket, other]) {
        each.on('error', () => undefined);
        each.once('close', () => [socket, other].map((both) => both.destroy()));
      }
    });
    sent.once('response', (response) => socket.end(`HTTP/1.1 ${response.statusCode}\r\n\r\n`));
    sent.once('error', () => socket.destroy());
    sent.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(t, () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}
