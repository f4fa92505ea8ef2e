/**
 * The control API, with the client of our own commands: requests, the feed, and sessions of `attach`. At the control socket, and at the
 * one where the gateway vouches for people.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createFront } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connectControl } from '../../../src/client/control-connection.ts';
import { createControl, type GatewayPeer } from '../../../src/listeners/control/control.ts';
import { type ErrorCode, HoldfastError } from '../../../src/model/errors.ts';
import { VOUCHED_HEADER } from '../../../src/model/gateway-protocol.ts';
import type { ClientSession, HostClient } from '../../../src/model/host-port.ts';
import type { Principal } from '../../../src/model/principal.ts';
import type { Verb } from '../../../src/model/rights.ts';
import { systemClock } from '../../../src/platform/time/clock.ts';
import { FakeSink } from '../../fakes/fake-sink.ts';
import { OPERATOR } from '../../fakes/memory-host.ts';
import { person } from '../../fakes/principals.ts';
import { atEnd } from '../at-end.ts';
import { temporaryDirectory } from '../machine.ts';
import { until } from '../until.ts';
import { consolesFor, type Door, holdKeyboard, nameFor, type Offer, type OpenDoor, site } from './door.ts';

const SIGTERM = 15;
const DAY_SECONDS = 86_400;

/** Not refused; `fine`: what may go wrong in memory once it is allowed. */
async function isDone(act: () => Promise<unknown>, ...fine: readonly ErrorCode[]): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    assert.ok(error instanceof HoldfastError, String(error));
    assert.ok(error.code === 'HF_FORBIDDEN' || fine.includes(error.code), `${error.code}: ${error.message}`);
    return error.code !== 'HF_FORBIDDEN';
  }
}

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) {
    void item;
  }
}

class Visit {
  readonly sink = new FakeSink();
  readonly session: ClientSession;

  constructor(client: HostClient, name: string, mode: 'read' | 'write') {
    this.session = client.enter(name, { from: { lines: 0 }, mode }, this.sink as never);
  }

  /** Whether it came in. */
  async entered(): Promise<boolean> {
    return await this.sink.settled.then(
      () => true,
      () => false,
    );
  }

  /** Whether the keyboard is given, not refused. */
  async took(force: boolean): Promise<boolean> {
    if (!(await this.entered())) {
      return false;
    }
    this.session.take(force);
    const answer = await until('an answer', () =>
      this.sink.told.find((each) => each === 'writer vera' || each.startsWith('denied')),
    );
    return answer === 'writer vera';
  }
}

/** The document of the API, which says nothing of the host. */
const UNTRIED = ['GET /v1/openapi.json'];

const NOT_HERE = 'not offered by the control API';

/** A connection that passes all on, as the gateway does: each request says for whom. */
async function vouchedPath(t: TestContext, path: string, by: Principal): Promise<string> {
  const vouched = `HTTP/1.1\r\n${VOUCHED_HEADER}: ${Buffer.from(JSON.stringify(by)).toString('base64url')}\r\n`;
  const front = join(temporaryDirectory(t), 'front');
  const server = createFront((near) => {
    const far = connect(path);
    near.on('data', (bytes) => far.write(bytes.toString('latin1').replaceAll('HTTP/1.1\r\n', vouched), 'latin1'));
    far.on('data', (bytes) => near.write(bytes));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
    atEnd(t, () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(front, resolve));
  atEnd(t, () => server.close());
  return front;
}

const GATEWAY: GatewayPeer = {
  uid: process.getuid?.() ?? 0,
  logins: { login: () => Promise.reject(new Error('nobody logs in here')) },
  upgrade: () => undefined,
};

/** `found`: in place of whom the door finds, who runs this test; otherwise the gateway vouches for `by`. */
function controlDoor(by: Principal, services: readonly string[], isFound: boolean): Door {
  return { services, open: (t, rules) => open(t, rules, by, isFound) };
}

export const CONTROL = controlDoor(person('vera', { uid: 1234 }), ['ControlService'], true);
/** In a way that gives less than its user may. A token would make no tokens. */
const FAR: Principal = {
  user: 'vera',
  channel: 'network',
  from: '10.0.0.7',
  port: 51234,
  assurance: 'password',
  bound: ['force', 'operate'],
};
export const NETWORK = controlDoor(FAR, ['NetworkService'], false);
export const PAGE = controlDoor({ ...FAR, channel: 'web' }, [], false);

async function open(t: TestContext, rules: string, by: Principal, isFound: boolean): Promise<OpenDoor> {
  const verbs: Verb[] = [
    ...(['detail', 'events', 'list', 'watch', 'log', 'search', 'start', 'stop', 'restart', 'signal'] as const),
    ...(['hold', 'release', 'enter', 'take', 'force', 'resources', 'pastResources'] as const),
  ];
  const made = await site(t, rules, consolesFor(verbs), () => [], isFound ? by : undefined);
  const { world, door } = made;
  const path = join(temporaryDirectory(t), 'control');
  const control = createControl({
    ...{ door, clock: systemClock, fault: () => undefined },
    ...(!isFound && { gateway: GATEWAY }),
  });
  const server = createServer();
  control.attachTo(server);
  const tried: string[] = [];
  for (const event of ['request', 'upgrade']) {
    server.on(event, ({ method, url }: IncomingMessage) => tried.push(`${method} ${url?.split('?')[0]}`));
  }
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, () => control.close());
  const client = connectControl(isFound ? path : await vouchedPath(t, path, by));
  const visits: Visit[] = [];
  atEnd(t, () => visits.map(({ session }) => session.leave()));
  const visit = (verb: Verb): Visit => {
    const came = new Visit(client, nameFor(verb), 'read');
    visits.push(came);
    return came;
  };
  const asked = (verb: Verb, act: (name: string) => Promise<unknown>, ...fine: readonly ErrorCode[]): Offer => ({
    on: nameFor(verb),
    attempt: () => isDone(() => act(nameFor(verb)), ...fine),
  });
  const shown = (verb: Verb, shows: (name: string) => Promise<boolean>): Offer => ({
    on: nameFor(verb),
    leavesOut: true,
    attempt: () => shows(nameFor(verb)),
  });
  const ofHost = (act: () => Promise<unknown>, ...fine: readonly ErrorCode[]): Offer => ({
    attempt: () => isDone(act, ...fine),
  });
  const ofIsis = (act: () => Promise<unknown>): Offer => ({ on: 'isis.mods', attempt: () => isDone(act) });
  return {
    by,
    untried: () =>
      control.paths
        .map(({ method, path }) => `${method} ${path}`)
        .filter((each) => !UNTRIED.includes(each))
        .filter((each) => !tried.some((one) => new RegExp(`^${each.replace(/:\w+/g, '[^/]+')}$`).test(one))),
    offers: {
      version: ofHost(() => client.version(), 'HF_INTERNAL'),
      list: shown('list', async (name) => (await client.list()).some((console) => console.name === name)),
      watch: shown('watch', async (name) => {
        const ended = new AbortController();
        for await (const news of client.watch(undefined, ended.signal)) {
          ended.abort();
          return news.type === 'table' && news.consoles.some((console) => console.name === name);
        }
        return false;
      }),
      resources: shown('resources', async (name) => {
        Object.assign(world.link, { resources: async () => new Map([[name, { processes: 1 }]]) });
        return (await client.resources()).has(name);
      }),
      pastResources: asked('pastResources', (name) => client.pastResources(name)),
      detail: asked('detail', (name) => client.detail(name)),
      events: shown('events', async (name) => {
        world.host.find(name)?.noted({ text: 'something happened' }, OPERATOR);
        return (await client.events({ console: name })).length > 0;
      }),
      log: asked('log', (name) => drained(client.log(name, {})), 'HF_NO_LOG'),
      search: {
        ...asked('search', (name) => drained(client.search({ pattern: 'x', consoles: [name] })), 'HF_NO_LOG'),
        recordedAs: 'log',
      },
      start: asked('start', (name) => client.start(name)),
      stop: asked('stop', (name) => client.stop(name)),
      restart: asked('restart', (name) => client.restart(name)),
      signal: asked('signal', (name) => client.signal(name, SIGTERM)),
      hold: asked('hold', (name) => client.hold(name, 'a pump', undefined)),
      release: asked('release', (name) => client.release(name)),
      access: ofHost(() => client.access()),
      accessOfOthers: ofHost(() => client.access({ user: 'jo' })),
      openings: ofHost(() => client.openings()),
      audit: {
        attempt: async () => {
          const isVerified = await isDone(() => client.audit.verify(), 'HF_AUDIT_OFF');
          assert.equal(await isDone(() => drained(client.audit.records({})), 'HF_AUDIT_OFF'), isVerified);
          return isVerified;
        },
      },
      configuration: ofHost(() => client.configuration()),
      plan: {
        attempt: async () => {
          const isPlanned = await isDone(() => client.plan());
          assert.equal(await isDone(() => client.plan(world.host.config)), isPlanned);
          return isPlanned;
        },
      },
      apply: ofHost(() => client.apply()),
      down: ofHost(() => client.down(false)),
      enter: { on: nameFor('enter'), attempt: () => visit('enter').entered() },
      take: { on: nameFor('take'), needs: ['enter'], attempt: () => visit('take').took(false) },
      force: {
        on: nameFor('force'),
        needs: ['enter'],
        attempt: async () => {
          await holdKeyboard(made, nameFor('force'));
          return await visit('force').took(true);
        },
      },
      type: 'with the keyboard, which is taken',
      break: NOT_HERE,
      note: NOT_HERE,
      flow: NOT_HERE,
      switchLog: NOT_HERE,
      runTask: NOT_HERE,
      mode: NOT_HERE,
      tell: NOT_HERE,
      evict: NOT_HERE,
      reopenLogs: NOT_HERE,
      listIsis: {
        on: 'isis.mods',
        leavesOut: true,
        attempt: async () => {
          const isListed = (await client.isis.list()).length > 0;
          for (const ask of [() => client.isis.hosts('mods'), () => client.isis.ports('mods')]) {
            assert.equal(await isDone(ask), isListed);
          }
          return isListed;
        },
      },
      watchIsis: ofIsis(() => drained(client.isis.watch('mods', {}, new AbortController().signal))),
      sendIsis: ofIsis(() => client.isis.send('mods', 'AL', 'x', 0)),
      pingIsis: ofIsis(() => client.isis.ping('mods', 'AL', 0)),
      createToken: ofHost(() => client.tokens.create({ seconds: DAY_SECONDS })),
      revokeToken: ofHost(() => client.tokens.revoke('t1')),
      createTokenForOther: ofHost(() => client.tokens.create({ user: 'jo', seconds: DAY_SECONDS })),
      listTokensOfOthers: {
        leavesOut: true,
        attempt: async () => (await client.tokens.list()).some(({ user }) => user === 'jo'),
      },
      revokeTokenOfOther: ofHost(() => client.tokens.revoke('t2')),
    },
  };
}
