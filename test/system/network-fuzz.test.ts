// Anything that people with a login may send to any route over the network, to a server with its gateway: the answers are those of the
// catalogue, nothing is done that the rules do not allow, and nothing is left of it. HOLDFAST_SOAK=1: 10,000 for each route.
// HOLDFAST_SEED: that of a run before; HOLDFAST_ROUTES: only these of them.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { LOGIN_PATHS } from '../../src/gateway/login-pages.ts';
import { PATHS } from '../../src/listeners/control/routes.ts';
import { ERRORS } from '../../src/model/errors.ts';
import type { ApiPath } from '../../src/model/gateway-protocol.ts';
import { Client } from '../harness/client.ts';
import { HostUnderTest, SOAK } from '../harness/host.ts';
import { descriptors, status, targetsOf } from '../harness/machine.ts';
import { type StrangeRequest, strangeRequests } from '../harness/strange-requests.ts';
import { until } from '../harness/until.ts';

const PER_ROUTE = SOAK ? 10_000 : 16;
/** At the same time, on as many connections that are kept. */
const AT_ONCE = 16;
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
/** Of a process that has begun to be busy, and that has been busy for long. */
const GROWTH_KIB = 48 << 10;
/** Milliseconds; otherwise that of the runner. */
const PATIENCE = SOAK ? { timeout: 3_600_000 } : {};
/** Requests for each route before that is looked at. */
const WARM_UP = 2000;

/** `vac` is everybody's to read, `spare` vera's to do anything with; ann may do what is not about a console. */
const CONFIG = `
[console.vac]
run = ["/bin/cat"]
endpoints = ["unix:vac.sock"]
[console.spare]
run = ["/bin/cat"]
[isis.x]
port = 0
log = false
[audit]
keep = "1M"
[access]
[[access.rule]]
who = ["vera", "jo", "ann"]
may = ["read"]
[[access.rule]]
who = ["vera"]
on = ["spare", "isis.x"]
may = ["force", "operate"]
[[access.rule]]
who = ["ann"]
may = ["configure", "admin"]
[[access.rule]]
who = ["channel:procserv"]
may = ["write"]
`;
const PEOPLE = ['jo', 'vera', 'ann'] as const;
type Who = (typeof PEOPLE)[number] | 'nobody';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

interface Site {
  readonly host: HostUnderTest;
  readonly gateway: number;
  ask(who: Who, asked: StrangeRequest): Promise<Answer>;
  /** Ends connections that wait for the next request. */
  quiet(): void;
}

/** A gateway at a unix socket, where everybody has to log in. */
async function site(t: TestContext): Promise<Site> {
  const host = await HostUnderTest.start(t, CONFIG, { server: 'events_keep = "1M"' });
  const sockets = join(host.folder, 'http');
  mkdirSync(sockets);
  // For a gateway that is nobody.
  for (const [folder, mode] of [
    [host.folder, 0o711],
    [host.runtimeDir, 0o711],
    [sockets, 0o777],
  ] as const) {
    chmodSync(folder, mode);
  }
  const socketPath = join(sockets, 'gateway');
  host.configure(`${CONFIG}[network]\nlisten = ["unix:${socketPath}"]\nuser = "nobody"\n`);
  assert.equal((await host.command('reload')).code, 2);
  await host.event('the gateway', ({ text, type }) => type === 'network' && text.endsWith(socketPath));
  const tokens = new Map<Who, string>();
  for (const user of PEOPLE) {
    const made = await host.command('token', 'create', '--user', user, '--for', '1d', '--json');
    tokens.set(user, (JSON.parse(made.stdout) as { token: string }).token);
  }
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  t.after(() => agent.destroy());
  const ask = (who: Who, { body, frames, method, target, type }: StrangeRequest): Promise<Answer> => {
    const token = tokens.get(who);
    const headers = {
      host: 'localhost',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(frames === undefined ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : UPGRADE),
    };
    const sent = request({ socketPath, agent, method, path: target, headers });
    sent.end(body);
    return answerOf(sent, frames);
  };
  const [gateway = 0] = childrenOf(host.server.pid).filter((pid) => nameOf(pid) === 'holdfast-gateway');
  return { host, gateway, ask, quiet: () => agent.destroy() };
}

const UPGRADE = {
  ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
  ...{ 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-protocol': 'holdfast.attach.v1' },
};

function answerOf(sent: ReturnType<typeof request>, frames: Uint8Array | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('upgrade', (answer: IncomingMessage, socket: Socket) => {
      socket.on('error', () => undefined);
      socket.end(frames ?? '');
      // Read to the end: the other side has taken them by then.
      socket.resume();
      socket.once('close', () => resolve({ status: answer.statusCode ?? 0, type: '', text: '' }));
    });
    sent.once('response', (answer: IncomingMessage) => {
      const { headers, statusCode = 0 } = answer;
      const type = headers['content-type'] ?? '';
      if (headers['content-length'] === undefined && /ndjson|octet-stream|text\/plain/.test(type)) {
        // Answers that follow the log, the events or a search may not end.
        answer.destroy();
        resolve({ status: statusCode, type, text: '' });
        return;
      }
      let text = '';
      answer.setEncoding('utf8').on('data', (data: string) => {
        text += data;
      });
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: statusCode, type, text }));
    });
  });
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** The kinds of its descriptors, without the kernel's numbers. */
function openOf(pid: number): string[] {
  return targetsOf(pid)
    .map((link) => link.replace(/\[\d+\]$/, ''))
    .sort();
}

function residentKib(pid: number): number {
  return Number.parseInt(status(pid, 'VmRSS'), 10);
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/)[0] as string;
}

/** An answer of the gateway's own pages is HTML. */
function mustBeKnown({ status: code, text, type }: Answer, isPage: boolean): void {
  if (code < 400) {
    assert.ok([101, 200, 202, 303].includes(code), String(code));
  } else if (isPage && type.startsWith('text/html')) {
    assert.ok(code < 500, `${code} ${text}`);
  } else {
    const problem = JSON.parse(text) as { code: keyof typeof ERRORS; status: number };
    assert.ok(Object.hasOwn(ERRORS, problem.code), text);
    assert.notEqual(problem.code, 'HF_INTERNAL', text);
    assert.equal(problem.status, code);
    assert.match(type, /^application\/problem\+json/);
  }
}

/** Nobody but vera may change anything of a console, and she nothing of `vac`; what ends the server is not for any of them. */
function whoMayAsk({ path }: ApiPath): readonly Who[] {
  return path === '/v1/down' ? ['jo', 'vera', 'nobody'] : [...PEOPLE, 'nobody'];
}

test('anything to any route is answered, changes nothing that it may not, and leaves nothing', PATIENCE, async (t) => {
  const { ask, gateway, host, quiet } = await site(t);
  const alone = descriptors(gateway);
  const server = host.server.pid;
  const before = await host.state('vac', 'running');
  const console = await Client.connect(join(host.runtimeDir, 'vac.sock'));
  let echoes = 0;
  const echo = async (): Promise<void> => {
    console.socket.write(`echo ${++echoes}\r`);
    // The terminal's, and that of cat.
    await console.said.expect(new RegExp(`echo ${echoes}\\s+echo ${echoes}\\r`));
  };
  const rest = async (): Promise<readonly number[]> => {
    quiet();
    await until('all connections of the gateway to end', () => descriptors(gateway) === alone);
    await host.command('release', 'spare');
    await host.command('start', 'spare');
    await host.state('spare', 'running');
    return [server, gateway, await host.holder()];
  };
  const run = async (route: ApiPath, count: number): Promise<void> => {
    const isPage = LOGIN_PATHS.includes(route);
    const one = fc.tuple(fc.constantFrom(...whoMayAsk(route)), strangeRequests(route, ['vac', 'spare', 'x']));
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (all) => {
        for (const answer of await Promise.all(all.map(([who, asked]) => ask(who, asked)))) {
          mustBeKnown(answer, isPage);
        }
      }),
      { numRuns: Math.ceil(count / AT_ONCE), seed: SEED, endOnFailure: SOAK },
    );
    await echo();
  };
  t.diagnostic(`HOLDFAST_SEED=${SEED}`);
  const wanted = new RegExp(process.env.HOLDFAST_ROUTES ?? '');
  const routes = [...PATHS, ...LOGIN_PATHS].filter(({ method, path }) => wanted.test(`${method} ${path}`));
  for (const route of SOAK ? routes : []) {
    await run(route, WARM_UP);
  }
  const pids = await rest();
  const open = pids.map(openOf);
  const kib = pids.map(residentKib);
  for (const route of routes) {
    const begun = performance.now();
    await run(route, PER_ROUTE);
    if (SOAK) {
      const each = [server, gateway].map((pid) => `${residentKib(pid) >> 10} MiB`);
      t.diagnostic(`${route.method} ${route.path}: ${Math.round(performance.now() - begun)} ms, ${each.join(' and ')}`);
    }
  }
  assert.deepEqual(await rest(), pids);
  await until('no more descriptors than before', () =>
    pids.every((pid, at) => descriptors(pid) <= (open[at] as string[]).length),
  ).catch(() => assert.deepEqual(pids.map(openOf), open));
  for (const [at, pid] of pids.entries()) {
    const grown = residentKib(pid) - (kib[at] as number);
    assert.ok(grown < GROWTH_KIB, `${nameOf(pid)} has grown by ${grown} KiB`);
  }

  await echo();
  const { pid, since, state } = await host.state('vac', 'running');
  assert.deepEqual({ pid, since, state }, { pid: before.pid, since: before.since, state: before.state });
  const deeds = (await host.client.events({ limit: 10_000, console: 'vac' })).filter(
    ({ by, type }) => by?.channel === 'network' && type !== 'attached' && type !== 'detached',
  );
  assert.deepEqual(deeds, []);
  const verdict = await host.command('audit', '--verify');
  assert.equal(verdict.code, 0, verdict.stdout + verdict.stderr);
  assert.ok(!/HF_INTERNAL|TypeError| {4}at /.test(host.server.stderr.text), host.server.stderr.text.slice(-2000));
  assert.equal(host.server.process.exitCode, null);
  assert.deepEqual(
    childrenOf(server).filter((each) => nameOf(each) === 'holdfast-gateway'),
    [gateway],
  );
});
