// The procServ endpoints of a host server, on real sockets; everything behind them is in memory.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ConsoleConfig } from '../../src/model/config.ts';
import { DescriptorGuard } from '../../src/platform/process/descriptors.ts';
import { consoleConfig, hostConfig, MemoryHost, OPERATOR } from '../fakes/memory-host.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

// After the version that the fakes define.
const { ProcServService } = await import('../../src/listeners/procserv/service.ts');
type ProcServService = InstanceType<typeof ProcServService>;

interface Site {
  readonly world: MemoryHost;
  readonly folder: string;
  /** The service's reports on endpoints. */
  readonly told: string[];
  readonly service: ProcServService;
  /** Applies this configuration. */
  apply(consoles: readonly ConsoleConfig[]): Promise<void>;
}

async function site(t: TestContext, consoles: (folder: string) => readonly ConsoleConfig[]): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'procserv-service-'));
  const told: string[] = [];
  const made: ProcServService[] = [];
  const world = new MemoryHost(consoles(folder), (clock) => {
    made.push(
      new ProcServService(
        clock,
        (console, text) => told.push(`${console}: ${text}`),
        new DescriptorGuard(clock, assert.fail),
      ),
    );
    return made;
  });
  atEnd(t, async () => {
    const closing = Promise.all(made.map((service) => service.close()));
    await world.settle();
    world.clock.advance(1000);
    await closing;
    // Connections that linger for the peer's end.
    world.clock.advance(20_000);
    rmSync(folder, { recursive: true });
  });
  world.up();
  await world.settle();
  const apply = async (next: readonly ConsoleConfig[]) => {
    world.config = hostConfig(next);
    const applied = world.host.apply(OPERATOR);
    await world.settle();
    await world.pass(10_000);
    await applied;
  };
  return { world, folder, told, service: made[0] as ProcServService, apply };
}

/** A connection, and what it has been sent. */
function client(t: TestContext, path: string) {
  const socket: Socket = connect(path);
  let text = '';
  let over = false;
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  socket.on('close', () => {
    over = true;
  });
  socket.on('error', () => undefined);
  atEnd(t, () => socket.destroy());
  return {
    sees: (what: string) => until(what, () => (text.includes(what) ? true : undefined)),
    type: (what: string | Uint8Array) => void socket.write(what),
    ended: () => until('the end', () => (over ? true : undefined)),
    get text() {
      return text;
    },
  };
}

/** Lets time pass in seconds until it is so. */
async function passes(world: MemoryHost, what: string, isSo: () => boolean): Promise<void> {
  for (let seconds = 0; !isSo(); seconds++) {
    assert.ok(seconds < 60, what);
    await world.pass(1000);
  }
}

const unix = (folder: string, name: string) => `unix:${join(folder, `${name}.sock`)}`;

test('a client is greeted, sees the output of the child, and its input reaches the child', async (t) => {
  const { world, folder } = await site(t, (at) => [consoleConfig('a', { endpoints: [unix(at, 'a')] })]);
  const person = client(t, join(folder, 'a.sock'));
  await person.sees('@@@ Welcome to procServ');
  await until('the session', () => world.host.consoles[0]?.registry.size === 1);
  world.child('a')?.say('hello\r\n');
  await person.sees('hello');
  person.type('dbl\n');
  await until('the input', () => world.child('a')?.input === 'dbl\n');
});

test('the kill key ends the child, and the policy starts another one', async (t) => {
  const { world, folder } = await site(t, (at) => [consoleConfig('a', { endpoints: [unix(at, 'a')] })]);
  const first = world.child('a');
  const person = client(t, join(folder, 'a.sock'));
  await person.sees('@@@ Welcome to procServ');
  person.type(Uint8Array.of(0x18));
  await person.sees('@@@ Got a kill command');
  await until('the end of the child', () => first?.alive === false);
  await world.settle();
  await world.pass(1000);
  await person.sees('The PID of new child');
  assert.equal(world.children('a').length, 1);
});

test('^Q leaves a console stopped that is down, and says how to start it; ^R starts it', async (t) => {
  const { world, folder } = await site(t, (at) => [consoleConfig('a', { endpoints: [unix(at, 'a')], start: false })]);
  const person = client(t, join(folder, 'a.sock'));
  await person.sees('@@@ Welcome to procServ');
  person.type(Uint8Array.of(0x11));
  await person.sees('@@@ ^Q: "a" stays stopped until it is started');
  person.type(Uint8Array.of(0x12));
  await until('a child', () => world.child('a'));
});

test('of a held console ^Q names the hold, and ^R is refused', async (t) => {
  const { world, folder } = await site(t, (at) => [consoleConfig('a', { endpoints: [unix(at, 'a')] })]);
  await world.host.hold('a', 'arm open', undefined, OPERATOR);
  await until('the hold', () => world.host.consoles[0]?.supervised.state === 'held');
  const person = client(t, join(folder, 'a.sock'));
  await person.sees('@@@ Welcome to procServ');
  person.type(Uint8Array.of(0x11));
  await person.sees('^Q: "a" is held');
  person.type(Uint8Array.of(0x12));
  await person.sees("'holdfast release a' ends that");
  assert.equal(world.child('a'), undefined);
});

test('where ^Q is the logout key it leaves the console and nothing else', async (t) => {
  const keys = { kill: '^X', toggle: '^T', logout: '^Q' };
  const { world, folder } = await site(t, (at) => [
    consoleConfig('a', { endpoints: [unix(at, 'a')], start: false, keys }),
  ]);
  const person = client(t, join(folder, 'a.sock'));
  await person.sees('@@@ Welcome to procServ');
  person.type(Uint8Array.of(0x11));
  await until('our end', () => world.host.consoles[0]?.registry.size === 0);
  assert.ok(!person.text.includes('^Q:'));
});

test('an endpoint in use is reported once, and opened when it is free', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  atEnd(t, () => other.close());
  await until('the other listener', () => other.listening);
  const { port: taken } = other.address() as { port: number };
  const { world, told, service } = await site(t, () => [consoleConfig('a', { endpoints: [`${taken}`] })]);
  assert.equal(told.length, 1);
  assert.match(told[0] as string, /^a: endpoint \d+ is not open, and is tried again: /);
  assert.deepEqual(
    service.unopened('a').map(({ endpoint }) => endpoint),
    [`${taken}`],
  );
  await world.pass(1000);
  assert.equal(told.length, 1);
  await new Promise((resolve) => other.close(resolve));
  await passes(world, 'the endpoint', () => service.unopened('a').length === 0);
  assert.match(told.at(-1) as string, /is open now$/);
});

test('a reload opens new endpoints and closes those that are gone; the socket of a removed console goes with it', async (t) => {
  const { folder, apply, world } = await site(t, (at) => [consoleConfig('a', { endpoints: [unix(at, 'a')] })]);
  assert.ok(existsSync(join(folder, 'a.sock')));
  await apply([consoleConfig('a', { endpoints: [unix(folder, 'b')] })]);
  assert.ok(!existsSync(join(folder, 'a.sock')) && existsSync(join(folder, 'b.sock')));
  const person = client(t, join(folder, 'b.sock'));
  await person.sees('@@@ Welcome to procServ');
  await until('the session', () => world.host.consoles[0]?.registry.size === 1);
  await apply([]);
  await person.ended();
  assert.ok(!existsSync(join(folder, 'b.sock')));
});

test('a socket has the owner that its endpoint names, whom the user directory is asked for aside', async (t) => {
  const user = userInfo().username;
  const { folder, told } = await site(t, (at) => [
    consoleConfig('a', { endpoints: [`unix:${user}::0600:${join(at, 'a.sock')}`] }),
    consoleConfig('b', { endpoints: [`unix:nobody-has-this-name::0600:${join(at, 'b.sock')}`] }),
  ]);
  await until('the socket', () => existsSync(join(folder, 'a.sock')));
  assert.equal(statSync(join(folder, 'a.sock')).mode & 0o777, 0o600);
  await until('the mistake', () => told.length > 0);
  assert.equal(told.length, 1, 'an answer that comes soon is not worth a word');
  assert.match(told[0] as string, /^b: .*nobody-has-this-name/);
  assert.ok(!existsSync(join(folder, 'b.sock')));
});

test('a person at a console that is about to be taken over is greeted when its state is known', async (t) => {
  const { world, folder, service } = await site(t, (at) => [consoleConfig('a', { endpoints: [unix(at, 'a')] })]);
  const pid = world.child('a')?.pid;
  // Its sockets end with it.
  await service.close();
  world.killServer();
  world.up();
  await until('the socket', () => existsSync(join(folder, 'a.sock')));
  const person = client(t, join(folder, 'a.sock'));
  await person.sees(`@@@ Child "a" PID: ${pid}`);
});
