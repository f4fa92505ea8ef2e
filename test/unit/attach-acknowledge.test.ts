// The client's side of the window: what was shown is acknowledged, on this connection, to a server that knows that.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { AttachClient, type Follower } from '../../src/client/attach-client.ts';
import { connectControl } from '../../src/client/control-connection.ts';
import { outputMessage } from '../../src/listeners/control/attach-messages.ts';
import { WINDOW_BYTES } from '../../src/listeners/control/attach-window.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { atEnd } from '../harness/at-end.ts';
import { serveControl } from '../harness/control-server.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

function socketPath(t: TestContext): string {
  const dir = temporaryDirectory(t);
  return join(dir, 'control');
}

/** A follower that shows only what it is told to. */
class Slow {
  readonly waiting: { readonly text: string; readonly shown: () => void }[] = [];
  shown = '';
  lost = 0;
  readonly session: AttachClient;

  constructor(t: TestContext, path: string) {
    const follower: Follower = {
      acknowledges: true,
      output: (bytes, _offset, shown) => this.waiting.push({ text: Buffer.from(bytes).toString('latin1'), shown }),
      lost: () => this.lost++,
      live: () => undefined,
      missed: () => assert.fail('nothing is missed'),
      said: () => undefined,
      writer: () => undefined,
      refused: (code) => assert.fail(code),
      back: (continued) => assert.ok(continued),
      ended: (reason) => assert.fail(reason),
    };
    this.session = new AttachClient(connectControl(path), 'vac', { write: false }, systemClock, follower);
    atEnd(t, () => this.session.close());
  }

  get held(): number {
    return this.waiting.reduce((sum, { text }) => sum + text.length, 0);
  }

  showOne(): void {
    const next = this.waiting.shift();
    this.shown += next?.text ?? '';
    next?.shown();
  }
}

function lines(bytes: number): string {
  let text = '';
  for (let n = 0; text.length < bytes; n++) {
    text += `${n}\n`;
  }
  return text;
}

test('a follower never holds more than the window, over a restart of the server too, and shows every byte once', async (t) => {
  const path = socketPath(t);
  const host = new FakeHost();
  const vac = host.add('vac');
  let server = await serveControl(host, path);
  atEnd(t, () => server.kill());
  const slow = new Slow(t, path);
  await slow.session.open({ lines: 0 });
  const text = lines(900_000);
  vac.say(text);
  await until('the window is full', () => slow.held === WINDOW_BYTES);
  while (slow.shown.length < 400_000) {
    slow.showOne();
    assert.ok(slow.held <= WINDOW_BYTES);
    await until('more', () => slow.waiting.length > 0);
  }
  await server.kill();
  await until('the loss is seen', () => slow.lost === 1);
  server = await serveControl(host, path);
  while (slow.shown.length < text.length) {
    slow.showOne();
    // Bytes from the lost connection do not count against the window of the new one.
    assert.ok(slow.held <= 2 * WINDOW_BYTES);
    await until('more', () => slow.waiting.length > 0 || slow.shown.length === text.length);
  }
  assert.equal(slow.shown, text);
  assert.deepEqual(server.faults, []);
});

test('an older server is told nothing that it does not know', async (t) => {
  const path = socketPath(t);
  const text = lines(600_000);
  const told: string[] = [];
  const offered: string[] = [];
  const http = createServer();
  // As `holdfast.attach.v1` was served before there was another: without a look at what else is offered.
  const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'holdfast.attach.v1' });
  sockets.on('connection', (ws, request) => {
    offered.push(String(request.headers['sec-websocket-protocol']));
    ws.on('message', (data) => told.push(String(data)));
    const session = { id: 1, user: 'u', from: '', via: 'api', mode: 'read', since: '' };
    ws.send(JSON.stringify({ type: 'hello', session, offset: 0, live: 0, writer: null }));
    for (let at = 0; at < text.length; at += 50_000) {
      ws.send(outputMessage(Buffer.from(text.slice(at, at + 50_000)), at));
    }
  });
  await new Promise<void>((resolve) => http.listen(path, resolve));
  atEnd(t, () => {
    for (const ws of sockets.clients) {
      ws.terminate();
    }
    http.close();
  });
  const slow = new Slow(t, path);
  await slow.session.open({ lines: 0 });
  while (slow.shown.length < text.length) {
    slow.showOne();
    await until('more', () => slow.waiting.length > 0 || slow.shown.length === text.length);
  }
  assert.equal(slow.shown, text);
  slow.session.take(false);
  await until('the message after everything that was acknowledged', () => told.length > 0);
  assert.deepEqual(told, ['{"type":"take","force":false}']);
  assert.ok(offered[0]?.split(',').some((each) => each.trim() === 'holdfast.attach.v1'));
});
