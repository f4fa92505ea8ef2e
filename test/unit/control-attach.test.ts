// Sessions over the real socket: refusals, errors, missed output, the keyboard.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { WebSocket } from 'ws';
import { AttachClient, type Follower } from '../../src/client/attach-client.ts';
import { connectControl } from '../../src/client/control-connection.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeConsole } from '../fakes/fake-console.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { type ControlServer, serveControl } from '../harness/control-server.ts';
import { until } from '../harness/until.ts';

let dir: string;
let path: string;
let host: FakeHost;
let vac: FakeConsole;
let server: ControlServer;
/** Everything that the test has opened and may leave behind. */
const links: { close(): void }[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hf-attach-'));
  path = join(dir, 'control');
  host = new FakeHost();
  vac = host.add('vac');
  server = await serveControl(host, path);
});

afterEach(async () => {
  for (const link of links.splice(0)) {
    link.close();
  }
  await server.kill();
  rmSync(dir, { recursive: true });
});

/** The notifications of a follower, in order, as text; `until` waits for one of them. */
class Told implements Follower {
  readonly all: string[] = [];
  #wake = (): void => undefined;

  async until(text: string): Promise<void> {
    while (!this.all.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #add(text: string): void {
    this.all.push(text);
    this.#wake();
  }

  readonly output: Follower['output'] = (bytes) => bytes.length > 0 && this.#add(Buffer.from(bytes).toString());
  readonly live: Follower['live'] = () => this.#add('live');
  readonly missed: Follower['missed'] = (bytes) => this.#add(`missed ${bytes}`);
  readonly writer: Follower['writer'] = (holder, own) =>
    this.#add(`writer ${holder === undefined ? 'nobody' : holder.id === own ? 'me' : 'another'}`);
  readonly said: Follower['said'] = (text) => this.#add(`said ${text}`);
  readonly refused: Follower['refused'] = (code) => this.#add(`refused ${code}`);
  readonly lost: Follower['lost'] = () => this.#add('lost');
  readonly back: Follower['back'] = (continued) => this.#add(continued ? 'back, continued' : 'back');
  readonly ended: Follower['ended'] = (reason) => this.#add(`ended ${reason}`);
}

async function follow(write = false, lines = 0): Promise<{ session: AttachClient; told: Told }> {
  const told = new Told();
  const session = new AttachClient(connectControl(path), 'vac', { write }, systemClock, told);
  links.push(session);
  await session.open({ lines });
  return { session, told };
}

function open(): WebSocket {
  const ws = new WebSocket(`ws+unix:${path}:/v1/consoles/vac/attach?write=1`, 'holdfast.attach.v1', {
    headers: { host: 'x' },
  });
  links.push(ws);
  return ws;
}

test('a session that the host refuses gets the reason, with the code of the catalogue', async () => {
  host.fail('enter', 'HF_NO_HOLDER', 'the holder is gone');
  await assert.rejects(follow(), { code: 'HF_NO_HOLDER', message: 'the holder is gone' });
  host.fail('enter', 'HF_NO_HOLDER', 'the holder is gone');
  const ws = open();
  const said: string[] = [];
  ws.on('message', (data) => said.push(String(data)));
  const [code, reason] = await once(ws, 'close');
  assert.equal(code, 4000);
  assert.equal(String(reason), 'the holder is gone');
  assert.deepEqual(
    said.map((each) => JSON.parse(each).type),
    ['refused', 'closed'],
  );
  host.consoles.delete('vac');
  await assert.rejects(follow(), { code: 'HF_NO_CONSOLE' });
  assert.deepEqual(server.faults, []);
});

test('a defect ends its own session with 1011, is reported, and disturbs nobody', async () => {
  const { told } = await follow();
  vac.type = () => {
    throw new TypeError('a defect');
  };
  const ws = open();
  await once(ws, 'message');
  ws.send(Buffer.from('x'));
  const [code] = await once(ws, 'close');
  assert.equal(code, 1011);
  assert.equal((server.faults[0] as Error).message, 'a defect');
  assert.equal(vac.sessions.length, 1);
  vac.say('still here');
  await told.until('still here');
});

test('a server that shuts down cleanly is waited for, and the session goes on where it stopped', async () => {
  const { told } = await follow(true);
  await told.until('writer me');
  vac.say('before');
  await told.until('before');
  await server.close();
  vac.say('meanwhile');
  server = await serveControl(host, path);
  await told.until('meanwhile');
  assert.deepEqual(told.all.filter((each) => each !== 'writer me' && each !== 'writer nobody').slice(-4), [
    'before',
    'lost',
    'back, continued',
    'meanwhile',
  ]);
});

test('output that was overwritten while the server was away is reported once, with its size', async () => {
  const { told } = await follow();
  vac.say('before');
  await told.until('before');
  await server.kill();
  const most = 1 << 20;
  vac.say(Buffer.alloc(most));
  vac.say(Buffer.alloc(most));
  vac.say('end');
  const missed = vac.tail - 'before'.length;
  server = await serveControl(host, path);
  await told.until(`missed ${missed}`);
  assert.ok(told.all.includes('back') && !told.all.includes('back, continued'), told.all.join().slice(0, 200));
  assert.equal(told.all.filter((each) => each.startsWith('missed')).length, 1);
});

test('after a new holder, which counts from 0, everything is new and nothing is left out', async () => {
  vac.say('of the old holder');
  const { told } = await follow(false, 1);
  await told.until('of the old holder');
  await server.kill();
  const fresh = new FakeConsole('vac');
  fresh.say('first words');
  host.consoles.set('vac', fresh);
  server = await serveControl(host, path);
  await told.until('first words');
  assert.ok(told.all.includes('back') && !told.all.some((each) => each.startsWith('missed')));
});

test('a source that does not read stops the client from being read, until there is room', async () => {
  const ws = open();
  await once(ws, 'message');
  vac.full = true;
  const piece = Buffer.alloc(32_768, 65);
  ws.send(piece);
  // One message is accepted before the source is seen to be full; the others stay with the client.
  const COUNT = 200;
  for (let at = 0; at < COUNT; at++) {
    ws.send(piece);
  }
  // An answer to another client comes after every request to this one up to then.
  await connectControl(path).version();
  assert.ok(vac.input.length <= 3 * piece.length, `${vac.input.length} bytes were taken`);
  assert.ok(ws.bufferedAmount > 0, 'the client is held back');
  vac.full = false;
  ws.close();
  await once(ws, 'close');
  assert.equal(vac.input.length, (COUNT + 1) * piece.length);
});

test('the keyboard: requested, refused by name, taken by force, released; each session is told', async () => {
  const first = await follow(true);
  const second = await follow(true);
  await first.told.until('writer me');
  await second.told.until('refused HF_BUSY_KEYBOARD');
  second.session.take(true);
  await second.told.until('writer me');
  await first.told.until('writer another');
  first.session.input(Buffer.from('lost'));
  await first.told.until('refused HF_BUSY_KEYBOARD');
  second.session.input(Buffer.from('typed'));
  second.session.release();
  await first.told.until('writer nobody');
  assert.equal(vac.input, 'typed');
  assert.deepEqual(
    vac.sessions.map(({ user }) => user),
    [userInfo().username, userInfo().username],
  );
});

test('a client whose messages all come at once does not starve the others, and loses none', async () => {
  const ws = open();
  await once(ws, 'message');
  const COUNT = 5000;
  let before = 0;
  let most = 0;
  const look = (): void => {
    most = Math.max(most, vac.input.length - before);
    before = vac.input.length;
    if (ws.readyState !== WebSocket.CLOSED) {
      setImmediate(look);
    }
  };
  look();
  for (let n = 0; n < COUNT; n++) {
    ws.send(Buffer.of(65 + (n % 26)));
  }
  ws.close();
  await once(ws, 'close');
  assert.equal(vac.input, Array.from({ length: COUNT }, (_, n) => String.fromCharCode(65 + (n % 26))).join(''));
  assert.ok(most < 10, `${most} messages in one turn of the event loop`);
});

test('a client that takes and releases the keyboard endlessly is refused, and not every time is reported', async () => {
  const { told } = await follow();
  const ws = open();
  await once(ws, 'message');
  const codes: string[] = [];
  ws.on('message', (data, binary) => codes.push(binary ? '' : JSON.parse(String(data)).code));
  const COUNT = 2000;
  for (let n = 0; n < COUNT; n++) {
    ws.send('{"type":"release"}');
    ws.send('{"type":"take"}');
  }
  ws.close();
  await once(ws, 'close');
  assert.ok(codes.includes('HF_BUSY'));
  const changes = told.all.filter((each) => each.startsWith('writer')).length;
  assert.ok(changes < COUNT / 4, `${changes} changes were told`);
});

test('of window sizes that come at once the last one counts', async () => {
  const ws = open();
  await once(ws, 'message');
  for (let n = 1; n <= 1000; n++) {
    ws.send(`{"type":"resize","columns":${n},"rows":24}`);
  }
  await until('the last size', () => vac.sizes.at(-1) === '1000x24');
  assert.equal(vac.sizes[0], '1x24', 'the first one at once');
  assert.ok(vac.sizes.length < 500, `${vac.sizes.length} sizes were passed on`);
  ws.close();
  await once(ws, 'close');
});
